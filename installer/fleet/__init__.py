"""Many installations as one fleet: fleet.yaml, its members and waves, their runs as flows on the admin's own Prefect, their history from there."""
