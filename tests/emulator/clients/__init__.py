"""Clients of Azure that this project did not write, against the embedded Azure."""
