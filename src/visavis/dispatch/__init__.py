"""Where a conversation runs: hosts on this box, filled by claims from the job queue."""
