"""Leases: which worker holds which task, and the reports that move a task to its verdict."""
