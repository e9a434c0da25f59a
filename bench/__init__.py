"""Benchmarks: every figure is a ratio to a peer or a limit, both sides measured in one run. See docs/bench.md."""
