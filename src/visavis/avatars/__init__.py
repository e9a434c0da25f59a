"""The avatar: pack (what it looks like), performer (how it behaves), painter (pictures)."""
