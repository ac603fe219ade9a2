"""Real Redis behind Managed Redis: several Prefect servers share it."""
