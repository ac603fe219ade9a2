"""Commands that AKS runs in a cluster on request: taken at once, their result asked for by id.

What a command would print is up to the one who runs it: `RUNNERS` is the seam for something that really acts.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from installer.rehearsal.clock import instant
from installer.rehearsal.errors import ArmError
from installer.rehearsal.shapes import JsonObject, as_text, member
from installer.rehearsal.state.resources import Resource

if TYPE_CHECKING:
    from installer.rehearsal.evaluation import Json
    from installer.rehearsal.providers.behaviour import Case

RESULT_TYPE = "Microsoft.ContainerService/managedClusters/commandResults"
Runner = Callable[[str, JsonObject], tuple[int, str]]


def _pretended(command: str, _body: JsonObject) -> tuple[int, str]:
    """Nothing runs in a rehearsal; the log says so, so that nobody takes it for an answer of a cluster."""
    return 0, f"rehearsal: nothing was run for {command.split(' ', 1)[0]!r}\n"


RUNNERS: list[Runner] = [_pretended]
"""The last one runs the commands: (command, body) to exit code and log."""


def run_command(case: Case, body: JsonObject) -> Json:
    """Take a command; ArmError where it may not run: disabled, empty, or without a token where one is needed."""
    if member(case.properties, "apiServerAccessProfile", "disableRunCommand") is True:
        text = f"Run command is disabled on the managed cluster '{case.leaf}'."
        raise ArmError(400, "RunCommandDisabled", text, cause="service")
    command = as_text(body.get("command"))
    if not command:
        raise ArmError(400, "InvalidParameter", "The property 'command' is required.", cause="service")
    if case.properties.get("disableLocalAccounts") is True and not as_text(body.get("clusterToken")):
        raise ArmError(
            400,
            "InvalidParameter",
            "The property 'clusterToken' is required for a managed cluster with local accounts disabled.",
            target="clusterToken",
            cause="service",
        )
    code, log = RUNNERS[-1](command, body)
    number = uuid.uuid4().hex
    over = case.now + case.lasting("runCommand")
    result: JsonObject = {
        "exitCode": code,
        "logs": log,
        "startedAt": instant(case.now),
        "finishedAt": instant(over),
    }
    case.resources.save(
        Resource(
            id=f"{case.id}/commandResults/{number}",
            type=RESULT_TYPE,
            name=number,
            api_version=case.resource.api_version,
            state="Succeeded",
            created=case.now,
            changed=case.now,
            ends=over,
            desired={"properties": result},
        )
    )
    return {"id": number}
