"""Deployments and deployment stacks of the embedded Azure."""
