"""Flows of a fleet on the admin's own Prefect: the only place of this room that imports prefect."""
