"""Whole installations: the command as a process, the embedded Azure over HTTPS, a real Prefect server and workers."""
