"""Runs steps in the order of their needs, and remembers what happened. Knows no vendor's SDK and no screen."""
