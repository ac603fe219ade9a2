"""The only place that imports azure.*: the target, signing in, and what we ask of Azure Resource Manager."""
