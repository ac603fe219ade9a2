"""Triggers of a deployment in prefect.yaml: automations that run it, as `prefect deploy` makes them.

Names, types and defaults are those of prefect 3.8.8 (cli/deploy/_triggers.py, events/schemas/deployment_triggers.py).
"""

from collections.abc import Mapping
from typing import Final

from installer.flow_project.objects import FlowObject
from installer.json_access import as_object, as_text, objects_of
from installer.jsontypes import Json

_TYPES: Final = ("event", "metric", "compound", "sequence")
_OF_AUTOMATION: Final = ("name", "description", "enabled")
_OF_ACTION: Final = ("parameters", "job_variables", "schedule_after")


def triggers_of(given: Json, deployment: str, where: str, problems: list[str]) -> list[FlowObject]:
    """The automations of a deployment.

    Args:
        given: Its triggers.
        deployment: "flow/deployment".
        where: Place in the file.
        problems: Receives what is wrong.

    """
    if given is None:
        return []
    if not isinstance(given, list) or len(objects_of(given)) != len(given):
        problems.append(f"{where}: triggers is a list of mappings")
        return []
    found: list[FlowObject] = []
    for number, one in enumerate(objects_of(given), 1):
        rest = {name: value for name, value in one.items() if name not in (*_OF_AUTOMATION, *_OF_ACTION)}
        trigger = _with_defaults(rest)
        if trigger["type"] not in _TYPES:
            problems.append(f"{where}: trigger {number}: type is one of {', '.join(_TYPES)}")
        action: Json = {
            "type": "run-deployment",
            "deployment": deployment,
            **{name: one[name] for name in _OF_ACTION if one.get(name) is not None},
        }
        if not isinstance(one.get("enabled", True), bool):
            problems.append(f"{where}: trigger {number}: enabled is true or false")
        name = as_text(one.get("name")) or f"{deployment.partition('/')[2]}__automation_{number}"
        fields: dict[str, Json] = {
            "description": one.get("description") or "",
            "enabled": one.get("enabled") is not False,
            "tags": [],
            "trigger": trigger,
            "actions": [action],
            "actions_on_trigger": [],
            "actions_on_resolve": [],
        }
        found.append(FlowObject("automation", name, fields))
    return found


def _with_defaults(given: Mapping[str, Json]) -> dict[str, Json]:
    """A trigger with the type and the posture that Prefect assumes, also in the parts of a composite one."""
    parts = given.get("triggers")
    if isinstance(parts, list):
        usual = "compound" if "require" in given else "sequence"
        return {"type": usual, **given, "triggers": [_with_defaults(as_object(one)) for one in parts]}
    if given.get("posture") == "Metric" or given.get("type") == "metric":
        return {"type": "metric", **given}
    return {"type": "event", "posture": "Reactive", **given}
