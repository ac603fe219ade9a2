"""Fault injection of the embedded Azure."""
