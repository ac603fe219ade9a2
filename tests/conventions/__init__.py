"""Names, addresses, regions and sizes."""
