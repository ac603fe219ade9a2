"""Real PostgreSQL behind the emulated flexible servers: a cluster for each, with TLS, tokens and Azure's roles in front."""
