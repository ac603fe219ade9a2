"""flowforge.yaml beside prefect.yaml: the objects that prefect.yaml cannot describe, with the field names of the Prefect API.

Sections: variables, blocks, global_concurrency_limits, work_queues, automations. Each item has a name and may have
`environments`, the list of those that get it (by default all).
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from installer.flow_project.names import check_name
from installer.flow_project.objects import FlowObject
from installer.flow_project.secrets_in_files import secret_keys
from installer.flow_project.target import Described, Target
from installer.flow_project.templates import filled
from installer.json_access import as_list, as_object, as_text
from installer.jsontypes import Json
from installer.sanitize import printable

COMPANION_FILE: Final = "flowforge.yaml"
_VARIABLE: Final = re.compile(r"[a-z0-9_]+")
_BLOCK: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TRIGGERS: Final = ("event", "metric", "compound", "sequence")
Item = dict[str, Json]


def describe_companion(document: Mapping[str, Json], target: Target) -> Described:
    """The objects of a flowforge.yaml for an environment."""
    found = Described()
    for section in sorted(document.keys() - _SECTIONS.keys()):
        found.problems.append(f"{COMPANION_FILE}: {section} is unknown; known are {', '.join(_SECTIONS)}")
    for section, (known, describe) in _SECTIONS.items():
        items = document.get(section)
        if items is not None and not isinstance(items, list):
            found.problems.append(f"{COMPANION_FILE}: {section} is a list")
        for number, one in enumerate(as_list(items), 1):
            where = f"{COMPANION_FILE}: {section} {number}"
            if not isinstance(one, dict):
                found.problems.append(f"{where}: a mapping is expected")
                continue
            item = as_object(filled(one, target.settings, found.problems, where))
            where += f" ({printable(as_text(item.get('name')))})" if item.get("name") else ""
            for key in sorted(item.keys() - known - {"name", "environments"}):
                found.problems.append(
                    f"{where}: {key} is unknown; known are name, environments, {', '.join(sorted(known))}"
                )
            if not as_text(item.get("name")):
                found.problems.append(f"{where}: name is required")
            elif not isinstance(item.get("environments", []), list):
                found.problems.append(f"{where}: environments is a list")
            elif target.environment in as_list(item.get("environments", [target.environment])):
                describe(item, target, where, found)
    return found


def _variable(item: Item, target: Target, where: str, found: Described) -> None:  # noqa: ARG001  the same for all
    name = as_text(item["name"])
    if not _VARIABLE.fullmatch(name):
        found.problems.append(f"{where}: names of variables have lower-case letters, digits and underscores")
    if secret_keys({name: item.get("value")}):
        found.notes.append(f"{where}: each user of Prefect can read it; if it is a secret, keep it in Key Vault")
    if "value" not in item:
        found.problems.append(f"{where}: value is required")
    found.add(FlowObject("variable", name, {"value": item.get("value"), "tags": as_list(item.get("tags"))}))


def _block(item: Item, target: Target, where: str, found: Described) -> None:  # noqa: ARG001
    kind, data = as_text(item.get("type")), as_object(item.get("data"))
    if not kind or not isinstance(item.get("data", {}), dict):
        found.problems.append(f"{where}: type is the slug of a block type, and data is a mapping")
    if not _BLOCK.fullmatch(as_text(item["name"])):
        found.problems.append(f"{where}: names of blocks have lower-case letters, digits and dashes")
    secret = secret_keys(data)
    if kind == "secret" or secret:
        which = ", ".join(secret) or "value"
        found.problems.append(
            f"{where}: {which} would be a secret in a file; keep it in Key Vault and read it in the flow"
        )
    found.add(FlowObject("block", f"{kind}/{item['name']}", {"data": data}))


def _concurrency_limit(item: Item, target: Target, where: str, found: Described) -> None:  # noqa: ARG001
    check_name(as_text(item["name"]), "name", where, found)
    limit = item.get("limit")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        found.problems.append(f"{where}: limit is a whole number")
    fields: Item = {
        "limit": limit,
        "active": item.get("active") is not False,
        "slot_decay_per_second": item.get("slot_decay_per_second", 0),
    }
    found.add(FlowObject("concurrency limit", as_text(item["name"]), fields))


def _work_queue(item: Item, target: Target, where: str, found: Described) -> None:
    check_name(as_text(item["name"]), "name", where, found)
    for key in ("priority", "concurrency_limit"):
        value = item.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            found.problems.append(f"{where}: {key} is a whole number from 1")
    fields = {
        "description": item.get("description") or "",
        "concurrency_limit": item.get("concurrency_limit"),
        **({"priority": item["priority"]} if item.get("priority") is not None else {}),
    }
    found.add(FlowObject("work queue", f"{target.pool}/{item['name']}", fields))


def _automation(item: Item, target: Target, where: str, found: Described) -> None:  # noqa: ARG001
    check_name(as_text(item["name"]), "name", where, found, banned="")
    trigger, actions = as_object(item.get("trigger")), item.get("actions")
    if trigger.get("type") not in _TRIGGERS:
        found.problems.append(f"{where}: trigger is a mapping whose type is one of {', '.join(_TRIGGERS)}")
    if (
        not isinstance(actions, list)
        or not actions
        or not all(isinstance(one, dict) and one.get("type") for one in actions)
    ):
        found.problems.append(f"{where}: actions is a list of mappings with a type, such as run-deployment")
    fields: Item = {
        "description": item.get("description") or "",
        "enabled": item.get("enabled") is not False,
        "tags": as_list(item.get("tags")),
        "trigger": trigger,
        **{part: as_list(item.get(part)) for part in ("actions", "actions_on_trigger", "actions_on_resolve")},
    }
    found.add(FlowObject("automation", as_text(item["name"]), fields))


_SECTIONS: Final[Mapping[str, tuple[frozenset[str], Callable[[Item, Target, str, Described], None]]]] = {
    "variables": (frozenset({"value", "tags"}), _variable),
    "blocks": (frozenset({"type", "data"}), _block),
    "global_concurrency_limits": (frozenset({"limit", "active", "slot_decay_per_second"}), _concurrency_limit),
    "work_queues": (frozenset({"description", "priority", "concurrency_limit"}), _work_queue),
    "automations": (
        frozenset({"description", "enabled", "tags", "trigger", "actions", "actions_on_trigger", "actions_on_resolve"}),
        _automation,
    ),
}
