"""How deployments, their schedules and automations are read, created, changed and deleted."""

from collections.abc import Mapping
from typing import Final

from installer.errors import PrefectFailed
from installer.flow_project.objects import FlowObject, Kind
from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.jsontypes import Json
from installer.prefect_setup.flows.kinds import (
    CONCURRENCY_LIMITS,
    VARIABLES,
    Blocks,
    Fields,
    KindOfObject,
    WorkQueues,
    quoted,
)
from installer.prefect_setup.flows.server import Server

_OWNER: Final[Json] = {"flowforge.flows": "true"}
"""Label of a deployment that FlowForge has created; the record is the authority."""


class Deployments:
    """Deployments; their names are "flow/deployment"."""

    def found(self, server: Server, name: str) -> dict[str, Json] | None:
        """The deployment as the API returns it."""
        flow, _, deployment = name.partition("/")
        return server.find(f"/deployments/name/{quoted(flow)}/{quoted(deployment)}", f"deployment {name}")

    def find(self, server: Server, name: str) -> Fields | None:
        """As its interface; the limit is returned where it is written."""
        found = self.found(server, name)
        return (
            None
            if found is None
            else {**found, "concurrency_limit": member(found, "global_concurrency_limit", "limit")}
        )

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface."""
        flow, _, deployment = one.name.partition("/")
        flow_id = as_object(server.send("POST", "/flows/", {"name": flow}, f"flow {flow}")).get("id")
        body: Json = {"name": deployment, "flow_id": flow_id, "labels": _OWNER, **one.fields}
        server.send("POST", "/deployments/", body, one.key)

    def update(self, server: Server, one: FlowObject, fields: Fields) -> None:
        """As its interface. A changed queue needs its pool, and a changed schema its parameters."""
        for name, other in (("work_queue_name", "work_pool_name"), ("parameters", "enforce_parameter_schema")):
            fields = {**fields, other: one.fields[other]} if name in fields else fields
        server.send("PATCH", f"/deployments/{self.id_of(server, one.name)}", {**fields}, one.key)

    def delete(self, server: Server, name: str) -> None:
        """As its interface."""
        if found := self.found(server, name):
            server.delete(f"/deployments/{as_text(found['id'])}", f"deployment {name}")

    def id_of(self, server: Server, name: str) -> str:
        """ID of a deployment, "" if it does not exist."""
        return as_text((self.found(server, name) or {}).get("id"))


class Schedules:
    """Schedules; their names are "flow/deployment#slug"."""

    def of(self, server: Server, name: str) -> tuple[str, dict[str, Json] | None]:
        """Path of the schedules of the deployment, and the schedule; None if it does not exist."""
        deployment, _, slug = name.rpartition("#")
        found = DEPLOYMENTS.found(server, deployment) or {}
        schedules = objects_of(found.get("schedules"))
        path = f"/deployments/{as_text(found.get('id'))}/schedules"
        return path, next((one for one in schedules if one.get("slug") == slug), None)

    def find(self, server: Server, name: str) -> Fields | None:
        """As its interface."""
        return self.of(server, name)[1]

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface."""
        path, _ = self.of(server, one.name)
        server.send("POST", path, [{**one.fields, "slug": one.name.rpartition("#")[2]}], one.key)

    def update(self, server: Server, one: FlowObject, fields: Fields) -> None:
        """As its interface."""
        path, found = self.of(server, one.name)
        server.send("PATCH", f"{path}/{as_text((found or {}).get('id'))}", {**fields}, one.key)

    def delete(self, server: Server, name: str) -> None:
        """As its interface."""
        path, found = self.of(server, name)
        if found:
            server.delete(f"{path}/{as_text(found['id'])}", f"schedule {name}")


class Automations:
    """Automations; actions name their deployment as "deployment: flow/name" instead of by ID."""

    def found(self, server: Server, name: str) -> dict[str, Json] | None:
        """The automation as the API returns it. Raises PrefectFailed if several have the name."""
        body: Json = {"automations": {"name": {"any_": [name]}}}
        found = server.listed("/automations/filter", body, f"automation {name}")
        if len(found) > 1:
            raise PrefectFailed(
                f"Prefect has {len(found)} automations with the name {name}; rename or delete all but one"
            )
        return found[0] if found else None

    def find(self, server: Server, name: str) -> Fields | None:
        """As its interface, with names of deployments in place of their IDs."""
        found = self.found(server, name)
        if found is None:
            return None
        actions: dict[str, Json] = {part: self._named(server, found.get(part)) for part in _ACTIONS}
        return {**found, **actions, "trigger": steady(found.get("trigger"))}

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface."""
        server.send("POST", "/automations/", self._body(server, one, one.fields), one.key)

    def update(self, server: Server, one: FlowObject, fields: Fields) -> None:
        """As its interface; an automation is replaced as a whole, so fields of other users are read first."""
        found = self.found(server, one.name) or {}
        kept = {name: found.get(name, value) for name, value in one.fields.items()}
        server.send(
            "PUT", f"/automations/{as_text(found.get('id'))}", self._body(server, one, {**kept, **fields}), one.key
        )

    def delete(self, server: Server, name: str) -> None:
        """As its interface."""
        if found := self.found(server, name):
            server.delete(f"/automations/{as_text(found['id'])}", f"automation {name}")

    def _body(self, server: Server, one: FlowObject, fields: Fields) -> dict[str, Json]:
        actions: dict[str, Json] = {part: self._with_ids(server, fields.get(part)) for part in _ACTIONS}
        return {"name": one.name, **fields, **actions}

    def _with_ids(self, server: Server, actions: Json) -> list[Json]:
        return [self._with_id(server, as_object(one)) for one in as_list(actions)]

    def _with_id(self, server: Server, action: Mapping[str, Json]) -> dict[str, Json]:
        name = as_text(action.get("deployment"))
        if not name:
            return dict(action)
        rest = {key: value for key, value in action.items() if key != "deployment"}
        return {**rest, "source": "selected", "deployment_id": DEPLOYMENTS.id_of(server, name)}

    def _named(self, server: Server, actions: Json) -> list[Json]:
        return [self._with_name(server, as_object(one)) for one in as_list(actions)]

    def _with_name(self, server: Server, action: dict[str, Json]) -> dict[str, Json]:
        found = (
            server.find(f"/deployments/{action['deployment_id']}", "a deployment")
            if action.get("deployment_id")
            else None
        )
        if found is None:
            return action
        flow = server.find(f"/flows/{found['flow_id']}", "a flow") or {}
        return {**action, "deployment": f"{flow.get('name')}/{found.get('name')}"}


def steady(trigger: Json) -> Json:
    """A trigger without IDs that Prefect makes, and with its sets in order."""
    if isinstance(trigger, dict):
        return {name: steady(value) for name, value in trigger.items() if name != "id"}
    if isinstance(trigger, list):
        named = all(isinstance(one, str) for one in trigger)
        return sorted(trigger, key=str) if named else [steady(one) for one in trigger]
    return trigger


_ACTIONS: Final = ("actions", "actions_on_trigger", "actions_on_resolve")
DEPLOYMENTS: Final = Deployments()
KINDS_OF_OBJECTS: Final[Mapping[Kind, KindOfObject]] = {
    "variable": VARIABLES,
    "block": Blocks(),
    "concurrency limit": CONCURRENCY_LIMITS,
    "work queue": WorkQueues(),
    "deployment": DEPLOYMENTS,
    "schedule": Schedules(),
    "automation": Automations(),
}
