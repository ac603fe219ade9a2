"""Answers of the installation: typed model, answers file, JSON Schema and draft."""
