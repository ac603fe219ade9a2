"""The customer's flows in Prefect: compared three ways, changed, removed and listed, by the program inside the network."""
