"""Screens that show a run."""
