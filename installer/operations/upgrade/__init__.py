"""Upgrades of an installation: what is behind, the plan of an upgrade, and its steps."""
