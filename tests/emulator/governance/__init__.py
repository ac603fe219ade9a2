"""Azure Policy and locks."""
