"""Ways in without a credential: the open demo room of the page."""
