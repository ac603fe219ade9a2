"""The picture of an installation."""
