"""Draws the built-in avatars. Needs skia-python (and libEGL, libGL); the program itself does not: the packs are committed."""
