"""Runs and sessions."""
