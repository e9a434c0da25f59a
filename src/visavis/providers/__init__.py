"""What hears, thinks and speaks: one file per provider, listed in `builtin`, found through `registry`."""
