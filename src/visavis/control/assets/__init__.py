"""Digital assets: avatar models and voices that rooms refer to."""
