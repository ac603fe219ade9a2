"""The steps of an installation, a file per kind of step; plan.py puts them together."""
