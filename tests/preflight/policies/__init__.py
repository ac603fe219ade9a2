"""Checks of Azure Policy."""
