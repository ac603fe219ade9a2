"""Benchmarks: they print ratios within one run, and decide nothing. `python -m tests.bench`."""
