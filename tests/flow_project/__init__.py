"""A customer's flows as files."""
