"""Identity: domains, projects, users, access keys, tokens."""
