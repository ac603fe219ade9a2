"""Checks of existing networks: what must exist, ranges, subnets, DNS zones, private link scopes."""
