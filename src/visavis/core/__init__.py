"""Words shared by every floor: plain values, ports and errors. No I/O, nothing of ours is imported."""
