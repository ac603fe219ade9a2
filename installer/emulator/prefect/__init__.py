"""Real Prefect processes behind the emulated clusters and container apps: started, supervised and restored."""
