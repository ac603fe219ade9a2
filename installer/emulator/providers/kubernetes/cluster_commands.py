"""Commands that AKS runs in a cluster on request: taken at once, their result asked for by id.

They act on the objects that the cluster keeps. As in a cluster whose roles are Azure's, owning it is not enough: whoever
asks needs a role on its data, which takes effect some time after it was given.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import uuid
import zipfile
from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.providers.kubernetes.cluster_objects import ClusterObjects
from installer.emulator.providers.kubernetes.kubectl import execute
from installer.emulator.providers.roles import can
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.providers.provider import ProviderContext
    from installer.jsontypes import Json

RESULT_TYPE = "Microsoft.ContainerService/managedClusters/commandResults"
_ALL: Final = "Microsoft.ContainerService/managedClusters/apps/deployments/write"
_MOST_LOG: Final = 512 * 1024
"""Documented: as much as a command may print."""
_MOST_CONTEXT: Final = 1024 * 1024


def run_command(context: ProviderContext, body: JsonObject) -> Json:
    """Take a command; ArmError where it may not run: disabled, empty, or without a token where one is needed."""
    if member(context.properties, "apiServerAccessProfile", "disableRunCommand") is True:
        text = f"Run command is disabled on the managed cluster '{context.leaf}'."
        raise ArmError(400, "RunCommandDisabled", text, cause="service")
    command = as_text(body.get("command"))
    if not command:
        raise ArmError(400, "InvalidParameter", "The property 'command' is required.", cause="service")
    token = as_text(body.get("clusterToken"))
    if context.properties.get("disableLocalAccounts") is True and not token:
        raise ArmError(
            400,
            "InvalidParameter",
            "The property 'clusterToken' is required for a managed cluster with local accounts disabled.",
            target="clusterToken",
            cause="service",
        )
    code, log = _executed(context, command, token, _files(as_text(body.get("context"))))
    number = uuid.uuid4().hex
    over = context.now + context.lasting("runCommand")
    result: JsonObject = {
        "exitCode": code,
        "logs": log[-_MOST_LOG:],
        "startedAt": instant(context.now),
        "finishedAt": instant(over),
    }
    context.resources.save(
        Resource(
            id=f"{context.id}/commandResults/{number}",
            type=RESULT_TYPE,
            name=number,
            api_version=context.resource.api_version,
            state="Succeeded",
            created=context.now,
            changed=context.now,
            ends=over,
            desired={"properties": result},
        )
    )
    return {"id": number}


def _executed(context: ProviderContext, command: str, token: str, files: Mapping[str, str]) -> tuple[int, str]:
    if context.properties.get("disableLocalAccounts") is True:
        caller = _caller(token)
        if not caller:
            return 1, "error: You must be logged in to the server (Unauthorized)\n"
        if not can(context, caller, _ALL, context.id, data=True):
            return 1, (
                f'Error from server (Forbidden): User "{caller}" cannot use this cluster: User does not have access to '
                "the resource in Azure. Update role assignment to allow access.\n"
            )
    return execute(ClusterObjects(context), command, files)


def _caller(token: str) -> str:
    """Object id in a token; who signed it is not looked at, for it comes through a request that was signed in."""
    parts = token.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return ""
    return as_text(as_object(claims).get("oid"))


def _files(archive_text: str) -> dict[str, str]:
    """The text files that a command brings along, by name; ArmError where it is no archive, or too large a one."""
    if not archive_text:
        return {}
    try:
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(archive_text, validate=True)))
        if sum(item.file_size for item in archive.infolist()) > _MOST_CONTEXT:
            raise ValueError
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist() if not name.endswith("/")}
    except (ValueError, binascii.Error, zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError):
        raise ArmError(
            400, "InvalidParameter", "The property 'context' is no usable zip archive.", cause="service"
        ) from None


def forget(context: ProviderContext) -> None:
    """With a cluster goes what is in it."""
    ClusterObjects(context).remove_all()
