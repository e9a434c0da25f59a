"""Shipped for authors of providers and links: port contracts, fakes that keep to a script, scripted talks."""
