"""Fleets: the file, its members, and their runs on a real Prefect server."""
