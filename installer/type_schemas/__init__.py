"""Published schemas of resource types: what the body of a request may have, by type and API version."""
