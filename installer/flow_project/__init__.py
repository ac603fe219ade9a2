"""A customer's flows: reads a folder or archive with prefect.yaml, checks it, and describes its objects in Prefect."""
