"""Fault injection: the catalogue of faults, and when each one occurs."""
