"""Starts the workloads again that ran before a restart of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.providers.kubernetes.cluster_objects import OBJECT_TYPE
from installer.emulator.providers.kubernetes.pods import container_in, container_of
from installer.emulator.providers.kubernetes.workloads import host
from installer.json_access import as_list, as_object, member

if TYPE_CHECKING:
    from installer.emulator.core import Emulator


def restore(emulator: Emulator) -> None:
    """Start all deployments of clusters and all Container Apps again."""
    for item in emulator.resources.of_type(OBJECT_TYPE):
        if item.desired.get("kind") == "Deployment":
            host().keep(item.id, container_of(item.desired))
    for item in emulator.resources.of_type("Microsoft.App/containerApps"):
        first = next(iter(as_list(member(item.desired, "properties", "template", "containers"))), {})
        host().keep(item.id, container_in(as_object(first)))
