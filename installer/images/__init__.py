"""Container images that the installer builds, and the files that they are built from."""

from typing import Final

IMAGE_FLOWS: Final = "/opt/flowforge/flows"
"""Folder of the flows in the Prefect image (images/prefect/Dockerfile)."""
