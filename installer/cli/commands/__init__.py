"""Implementations of the commands, each a few lines over the session; `main` only declares them."""
