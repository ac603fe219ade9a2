"""Backups of an installation and what is restored from them, beside what is running."""
