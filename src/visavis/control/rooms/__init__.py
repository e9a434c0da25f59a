"""Interactive dialogs (rooms): avatar, voices, application and quota of the talks held there."""
