"""Stages, parameters and resources of an installation."""
