"""Screens that ask."""
