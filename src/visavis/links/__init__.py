"""How sound and picture travel between a room and its peers."""
