"""Containers of apps and of jobs of Container Apps, with their identities and the versions of their secrets.

A reference without a version means the latest one: MicrosoftDocs/azure-docs, articles/container-apps/manage-secrets.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from installer.emulator.providers.kubernetes.pods import container_in
from installer.emulator.providers.secret_references import version_behind
from installer.json_access import as_list, as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from installer.emulator.providers.kubernetes.workloads import Container
    from installer.emulator.providers.provider import ProviderContext
    from installer.jsontypes import Json


def first_container(context: ProviderContext, template: Json) -> Container:
    """The first container of a template of an app or of a job."""
    first = as_object(next(iter(as_list(member(template, "containers"))), {}))
    kept = {
        as_text(item.get("name")): version_behind(context.resources, as_text(item.get("keyVaultUrl")))
        for item in objects_of(member(context.properties, "configuration", "secrets"))
    }
    secrets = {
        as_text(item.get("name")): kept[reference]
        for item in objects_of(first.get("env"))
        if (reference := as_text(item.get("secretRef"))) in kept
    }
    identities = tuple(as_object(member(context.resource.desired, "identity", "userAssignedIdentities")))
    return replace(container_in(first), identities=identities, secrets=secrets)
