"""Tasks (jobs): one talk each, from the start call to the verdict."""
