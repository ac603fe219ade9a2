"""The engine of Azure Policy."""
