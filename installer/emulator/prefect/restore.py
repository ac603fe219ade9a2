"""Starts the workloads again that ran before a restart of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.providers.app import container_of_app
from installer.emulator.providers.kubernetes.cluster_objects import OBJECT_TYPE, ClusterObjects, cluster_of
from installer.emulator.providers.kubernetes.workloads import host

if TYPE_CHECKING:
    from installer.emulator.core import Emulator


def restore(emulator: Emulator) -> None:
    """Start all deployments of clusters and all Container Apps again."""
    for item in emulator.resources.of_type(OBJECT_TYPE):
        if item.desired.get("kind") == "Deployment":
            cluster = emulator.resources.get(cluster_of(item.id))
            if cluster is not None:
                objects = ClusterObjects(emulator.provider_context(cluster))
                host().keep(item.id, objects.container(item.desired))
    for item in emulator.resources.of_type("Microsoft.App/containerApps"):
        host().keep(item.id, container_of_app(item))
