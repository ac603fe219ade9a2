"""Deployments: acceptance, order, timing, nesting, resumption, and their ARM format."""
