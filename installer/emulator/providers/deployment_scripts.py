"""Microsoft.Resources/deploymentScripts: not run by the embedded Azure; their outputs come from a file, by the name of the script.

A script without an entry ends without outputs. Reads, the operation, its log and the assumptions of a rehearsal say so.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from installer.emulator.clock import instant
from installer.emulator.ids import derived_hex
from installer.emulator.providers.provider import ProviderHooks
from installer.emulator.state.resources import Resource
from installer.json_access import as_object, member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.database import Database
    from installer.emulator.state.resources import Resources
    from installer.json_access import JsonObject

SCRIPT_TYPE: Final = "Microsoft.Resources/deploymentScripts"
_LOG_TYPE: Final = f"{SCRIPT_TYPE}/logs"
NOT_RUN: Final = "The embedded Azure does not run deployment scripts."
_KEPT: Final = 86_400


class ScriptOutputsError(ValueError):
    """A file with outputs of scripts that cannot be used."""


def parse_outputs(text: str) -> dict[str, JsonObject]:
    """The outputs of each script by its lower-case name.

    Raises:
        ScriptOutputsError: The text is no JSON object of objects.

    """
    try:
        found = json.loads(text)
    except ValueError as problem:
        raise ScriptOutputsError(f"it is no JSON: {problem}") from problem
    if not isinstance(found, dict):
        raise ScriptOutputsError("it must be an object with the outputs of each script by its name")
    for name, outputs in found.items():
        if not isinstance(outputs, dict):
            raise ScriptOutputsError(f"the outputs of {name!r} must be an object")
    return {name.lower(): outputs for name, outputs in found.items()}


def remembered_outputs(database: Database, given: Mapping[str, JsonObject] | None) -> Mapping[str, JsonObject]:
    """The outputs of this start, else those kept from an earlier start."""
    if given is not None:
        database.remember("script_outputs", json.dumps(dict(given)))
        return given
    text = database.fact("script_outputs")
    return parse_outputs(text) if text else {}


def assumed_scripts(resources: Resources) -> list[str]:
    """A line for each script: what the rehearsal assumes of it."""
    lines = []
    for script in resources.of_type(SCRIPT_TYPE):
        outputs = ", ".join(as_object(member(script.computed, "properties", "outputs")))
        given = f"the outputs that its start was given ({outputs})" if outputs else "no outputs"
        lines.append(f"that the deployment script {script.name}, which it does not run, succeeds with {given}")
    return lines


def _script(context: ProviderContext) -> JsonObject:
    """Status and outputs: members as in the REST API, Deployment Scripts - Get."""
    begun, ended = context.resource.created, context.resource.changed
    group = derived_hex(context.id, "containerInstance", 13)
    return {
        "properties": {
            "outputs": context.script_outputs.get(context.leaf.lower(), {}),
            "status": {
                "containerInstanceId": f"{context.id.partition('/providers/')[0]}/providers/Microsoft.ContainerInstance"
                f"/containerGroups/{group}azscripts",
                "startTime": instant(begun),
                "endTime": instant(ended),
                "expirationTime": instant(ended + _KEPT),
            },
        }
    }


def _write_log(context: ProviderContext) -> None:
    """The log of the script, which `az deployment-scripts show-log` reads."""
    given = context.leaf.lower() in context.script_outputs
    source = "Its outputs are those that the embedded Azure was started with." if given else "It has no outputs."
    context.resources.save(
        Resource(
            id=f"{context.id}/logs/default",
            type=_LOG_TYPE,
            name="default",
            api_version=context.resource.api_version,
            state="Succeeded",
            created=context.resource.changed,
            changed=context.resource.changed,
            desired={"properties": {"log": f"{NOT_RUN} {source}\n"}},
        )
    )


HOOKS = {SCRIPT_TYPE: ProviderHooks(computed=_script, after_write=_write_log), _LOG_TYPE: ProviderHooks(immediate=True)}
