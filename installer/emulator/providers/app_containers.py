"""Containers of apps and of jobs of Container Apps, with their identities and the versions of their secrets.

A reference without a version means the latest one: MicrosoftDocs/azure-docs, articles/container-apps/manage-secrets.md.
Apps have variables of the platform: articles/container-apps/environment-variables.md.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from string import Template
from typing import TYPE_CHECKING, Final

from installer.emulator.ids import derived_hex
from installer.emulator.providers.kubernetes.pods import container_in
from installer.emulator.providers.secret_references import version_behind
from installer.json_access import as_list, as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from installer.emulator.providers.kubernetes.workloads import Container
    from installer.emulator.providers.provider import ProviderContext
    from installer.jsontypes import Json

_EXEC: Final = "exec "


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


def app_container(context: ProviderContext, template: Json, revision: str) -> Container:
    """The first container of an app, as one of its replicas."""
    found = first_container(context, template)
    replica = f"{context.leaf}--{revision}-{derived_hex(context.id, 'replica set', 10)}-{derived_hex(context.id, 'replica', 5)}"
    settings = {"CONTAINER_APP_NAME": context.leaf, "CONTAINER_APP_REPLICA_NAME": replica, **found.settings}
    return without_shell(replace(found, settings=settings, revision=revision))


def without_shell(container: Container) -> Container:
    """A container whose command is that of the process which a shell becomes, with the variables of the container.

    The process of a rehearsal is started without a shell.
    """
    command = container.command
    if len(command) == 3 and command[:2] == ("/bin/sh", "-c") and command[2].startswith(_EXEC):
        words = shlex.split(command[2].removeprefix(_EXEC))
        command = tuple(Template(word).safe_substitute(container.settings) for word in words)
    return replace(container, command=command)
