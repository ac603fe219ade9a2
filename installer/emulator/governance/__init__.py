"""Locks, Azure Policy and conditions of role assignments, as the emulator enforces them."""
