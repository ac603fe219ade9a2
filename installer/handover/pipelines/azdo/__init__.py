"""Pipelines for Azure Pipelines, and the templates that they call."""
