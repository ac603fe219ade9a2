"""Prefect processes behind the embedded Azure."""
