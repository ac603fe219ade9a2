"""Whole installations: our command as a process, the embedded Azure over HTTPS, a real Prefect server and workers."""
