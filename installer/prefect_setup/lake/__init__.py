"""Deleted files, directories and containers of a data lake: listed and restored inside its network, with the worker's identity."""
