"""The runCommand action of AKS: a command is accepted at once, its result is polled by id.

Commands act on the stored objects of the cluster. As in a cluster with Azure RBAC, the control-plane role Owner is not
enough: the caller needs a data role, which takes effect some time after its assignment.
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
_WRITE_ACTION: Final = "Microsoft.ContainerService/managedClusters/apps/deployments/write"
_MAX_LOG_LENGTH: Final = 512 * 1024
"""The documented limit of a command's output."""
_MAX_CONTEXT_BYTES: Final = 1024 * 1024


def run_command(context: ProviderContext, body: JsonObject) -> Json:
    """Accepts a command.

    Raises:
        ArmError: Commands are disabled, the command is empty, or a required token is missing.

    """
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
    finished = context.now + context.duration_of("runCommand")
    result: JsonObject = {
        "exitCode": code,
        "logs": log[-_MAX_LOG_LENGTH:],
        "startedAt": instant(context.now),
        "finishedAt": instant(finished),
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
            ends=finished,
            desired={"properties": result},
        )
    )
    return {"id": number}


def _executed(context: ProviderContext, command: str, token: str, files: Mapping[str, str]) -> tuple[int, str]:
    if context.properties.get("disableLocalAccounts") is True:
        caller = _caller(token)
        if not caller:
            return 1, "error: You must be logged in to the server (Unauthorized)\n"
        if not can(context, caller, _WRITE_ACTION, context.id, data=True):
            return 1, (
                f'Error from server (Forbidden): User "{caller}" cannot use this cluster: User does not have access to '
                "the resource in Azure. Update role assignment to allow access.\n"
            )
    return execute(ClusterObjects(context), command, files)


def _caller(token: str) -> str:
    """The object id in a token; its signature is not checked, as the request itself was authenticated."""
    parts = token.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return ""
    return as_text(as_object(claims).get("oid"))


def _files(archive_text: str) -> dict[str, str]:
    """Text files in the base64 zip archive of a command, by name; ArmError for a bad or too large archive."""
    if not archive_text:
        return {}
    try:
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(archive_text, validate=True)))
        if sum(item.file_size for item in archive.infolist()) > _MAX_CONTEXT_BYTES:
            raise ValueError
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist() if not name.endswith("/")}
    except (ValueError, binascii.Error, zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError):
        raise ArmError(
            400, "InvalidParameter", "The property 'context' is no usable zip archive.", cause="service"
        ) from None


def forget(context: ProviderContext) -> None:
    """Removes the objects of a deleted cluster."""
    ClusterObjects(context).remove_all()
