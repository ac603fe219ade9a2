"""Objects of a Prefect server for a backup in files, without their secrets, and their restore. Carried into the network."""
