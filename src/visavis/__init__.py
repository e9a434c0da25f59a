"""Visavis: talk face to face with a virtual avatar."""

from importlib.metadata import version

__version__ = version("visavis")
