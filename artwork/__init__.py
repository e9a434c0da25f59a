"""Draws the built-in avatars. Needs skia-python (libEGL, libGL); the program does not: the packs are committed."""
