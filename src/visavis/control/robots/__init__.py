"""Applications (robots): what answers the visitor."""
