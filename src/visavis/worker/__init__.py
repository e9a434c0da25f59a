"""The talking side's process: turns a JobSpec into providers, link and avatar, and holds the conversation."""
