"""Clients of a cloud."""
