"""Starts the workloads again that ran before a restart of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.providers.app import APP_TYPE, start_app
from installer.emulator.providers.kubernetes.cluster_objects import CLUSTER_TYPE, ClusterObjects

if TYPE_CHECKING:
    from installer.emulator.core import Emulator


def restore(emulator: Emulator) -> None:
    """Start all deployments of clusters and all Container Apps again."""
    for cluster in emulator.resources.of_type(CLUSTER_TYPE):
        ClusterObjects(emulator.provider_context(cluster)).start_deployments()
    for item in emulator.resources.of_type(APP_TYPE):
        start_app(emulator.provider_context(item))
