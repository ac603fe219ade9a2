"""Locks, Azure Policy and conditions of role assignments, as the embedded Azure enforces them."""
