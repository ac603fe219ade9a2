"""Cost of the planned resources per month, from Azure's public price list only. Nothing is fetched but on request."""
