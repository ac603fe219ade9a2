"""Workflows for GitHub Actions, and the action that sets up the installer."""
