"""Listen, think, speak, perform: one talk between a visitor and the avatar."""
