"""Automations whose IDs of other objects are written as names, since a server that is made again gives other IDs.

An ID of a known object is written as "<id of KIND NAME>", wherever a trigger or an action has it: on its own, or in the name of a
resource such as "prefect.deployment.ID" (docs.prefect.io/v3/concepts/events).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from installer.errors import PrefectFailed
from installer.flow_project.objects import FlowObject
from installer.json_access import as_text, member
from installer.jsontypes import Json
from installer.prefect_setup.flows.deployments import Automations, steady
from installer.prefect_setup.flows.kinds import Fields, quoted
from installer.prefect_setup.flows.server import Server

FIELDS: Final = (
    "description",
    "enabled",
    "tags",
    "trigger",
    "actions",
    "actions_on_trigger",
    "actions_on_resolve",
)
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAMED: Final = re.compile(r"<id of ([a-z ]+?) (\S[^>]*)>")


class BackupAutomations(Automations):
    """Automations with names in place of IDs."""

    def find(self, server: Server, name: str) -> Fields | None:
        """As its interface."""
        found = self.found(server, name)
        return None if found is None else self.fields_of(server, found)

    def fields_of(self, server: Server, found: Fields) -> Fields:
        """The fields of an automation as the API returns it."""
        fields = {name: steady(found.get(name)) for name in FIELDS}
        ids = {one for value in fields.values() for text in _texts(value) for one in _ID.findall(text)}
        names = {one: name for one in sorted(ids) if (name := _name_of(server, one))}
        return {name: _changed(value, lambda text: _with_names(text, names)) for name, value in fields.items()}

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface."""
        server.send("POST", "/automations/", {"name": one.name, **self._with_ids_of(server, one)}, one.key)

    def update(self, server: Server, one: FlowObject, fields: Fields) -> None:  # noqa: ARG002  it is replaced as a whole
        """As its interface."""
        found = self.found(server, one.name) or {}
        body: Json = {"name": one.name, **self._with_ids_of(server, one)}
        server.send("PUT", f"/automations/{as_text(found.get('id'))}", body, one.key)

    def _with_ids_of(self, server: Server, one: FlowObject) -> dict[str, Json]:
        def with_ids(text: str) -> str:
            return _NAMED.sub(lambda found: _id_of(server, one.key, found[1], found[2]), text)

        return {name: _changed(value, with_ids) for name, value in one.fields.items()}


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)


def _changed(value: Json, change: Callable[[str], str]) -> Json:
    """The value with each text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _changed(one, change) for name, one in value.items()}
    return [_changed(one, change) for one in value] if isinstance(value, list) else value


def _with_names(text: str, names: Mapping[str, str]) -> str:
    return _ID.sub(lambda found: f"<id of {names[found[0]]}>" if found[0] in names else found[0], text)


def _name_of(server: Server, identity: str) -> str:
    """Kind and name of the object with an ID, "" if it is of no kind whose objects automations name."""
    if found := server.find(f"/deployments/{identity}", "a deployment"):
        flow = server.find(f"/flows/{as_text(found.get('flow_id'))}", "a flow") or {}
        return f"deployment {as_text(flow.get('name'))}/{as_text(found.get('name'))}"
    if found := server.find(f"/flows/{identity}", "a flow"):
        return f"flow {as_text(found.get('name'))}"
    if found := server.find(f"/work_queues/{identity}", "a work queue"):
        return f"work queue {as_text(found.get('work_pool_name'))}/{as_text(found.get('name'))}"
    if found := server.find(f"/block_documents/{identity}", "a block"):
        return f"block {as_text(member(found, 'block_type', 'slug'))}/{as_text(found.get('name'))}"
    if found := server.find(f"/automations/{identity}", "an automation"):
        return f"automation {as_text(found.get('name'))}"
    pools = server.every("/work_pools/filter", {}, "the work pools")
    return next((f"work pool {as_text(one.get('name'))}" for one in pools if one.get("id") == identity), "")


def _id_of(server: Server, automation: str, kind: str, name: str) -> str:
    """ID of an object. Raises PrefectFailed if it does not exist."""
    first, _, second = name.partition("/")
    paths = {
        "deployment": f"/deployments/name/{quoted(first)}/{quoted(second)}",
        "flow": f"/flows/name/{quoted(name)}",
        "work queue": f"/work_pools/{quoted(first)}/queues/{quoted(second)}",
        "block": f"/block_types/slug/{quoted(first)}/block_documents/name/{quoted(second)}",
        "work pool": f"/work_pools/{quoted(name)}",
    }
    if kind == "automation":
        found = Automations().found(server, name)
    else:
        found = server.find(paths[kind], f"{kind} {name}") if kind in paths else None
    if found is None:
        raise PrefectFailed(
            f"{automation} refers to the {kind} {name}, which does not exist; restore or create it first"
        )
    return as_text(found.get("id"))
