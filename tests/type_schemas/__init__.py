"""Published schemas of resource types."""
