"""How objects of a backup are found, created, changed and deleted, where that differs from the objects of a project.

A project describes neither work pools nor block types, and has no blocks with secrets. A backup has them: a block is kept without
its secret values, and a restore leaves those that the server has as they are.
"""

import copy
import hashlib
import json
from collections.abc import Mapping
from typing import Final

from installer.flow_project.objects import FlowObject, Kind
from installer.json_access import as_list, as_object, as_text, objects_of
from installer.jsontypes import Json
from installer.prefect_setup.backup.automations import BackupAutomations
from installer.prefect_setup.flows.deployments import DEPLOYMENTS, KINDS_OF_OBJECTS, Schedules
from installer.prefect_setup.flows.kinds import Blocks, Fields, KindOfObject, Named, WorkQueues, quoted
from installer.prefect_setup.flows.server import Server

SECRETS: Final = "secrets"
"""Field of a block with the names of its secret values."""
NAMELESS: Final = "~"
"""Begins the name of a schedule without a slug: a hash of its times follows."""
_TYPE_FIELDS: Final = ("logo_url", "documentation_url", "description", "code_example")


class BackupQueues(WorkQueues):
    """Queues of work pools. Prefect makes the default one together with its pool."""

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface; one that exists is changed."""
        pool, _, queue = one.name.partition("/")
        body: Json = {"name": queue, **one.fields}
        if server.create_unique(f"/work_pools/{quoted(pool)}/queues", body, one.key) is None:
            self.update(server, one, one.fields)


class BlockTypes:
    """Types of blocks with their newest schema; their names are slugs."""

    def find(self, server: Server, name: str) -> Fields | None:
        """As its interface."""
        found = server.find(f"/block_types/slug/{quoted(name)}", f"block type {name}")
        if found is None:
            return None
        wanted: Json = {"block_schemas": {"block_type_id": {"any_": [found["id"]]}}, "limit": 1}
        schemas = server.listed("/block_schemas/filter", wanted, f"the schema of {name}")
        schema = {one: schemas[0].get(one) for one in ("fields", "capabilities", "version")} if schemas else {}
        capabilities: list[Json] = [*sorted(map(as_text, as_list(schema.get("capabilities"))))]
        return {**found, "schema": {**schema, "capabilities": capabilities}}

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface; a type that an interrupted restore has created gets its schema."""
        body: Json = {"slug": one.name, **{key: value for key, value in one.fields.items() if key != "schema"}}
        server.create_unique("/block_types/", body, one.key)
        self._add_schema(server, one)

    def update(self, server: Server, one: FlowObject, fields: Fields) -> None:
        """As its interface; schemas are not changed, the newest one counts."""
        found = server.find(f"/block_types/slug/{quoted(one.name)}", one.key) or {}
        changed: Json = {key: one.fields.get(key) for key in _TYPE_FIELDS}
        if any(key in _TYPE_FIELDS for key in fields):
            server.send("PATCH", f"/block_types/{as_text(found.get('id'))}", changed, one.key)
        if "schema" in fields:
            self._add_schema(server, one)

    def _add_schema(self, server: Server, one: FlowObject) -> None:
        found = server.find(f"/block_types/slug/{quoted(one.name)}", one.key) or {}
        body: Json = {"block_type_id": found.get("id"), **as_object(one.fields.get("schema"))}
        server.send("POST", "/block_schemas/", body, one.key)

    def delete(self, server: Server, name: str) -> None:
        """As its interface."""
        if found := server.find(f"/block_types/slug/{quoted(name)}", f"block type {name}"):
            server.delete(f"/block_types/{as_text(found['id'])}", f"block type {name}")


class BackupBlocks(Blocks):
    """Block documents without the values of their secrets, which the field `secrets` names."""

    def find(self, server: Server, name: str) -> Fields | None:
        """As its interface."""
        kind, _, block = name.partition("/")
        found = self.found(server, kind, block)
        return None if found is None else self.fields_of(found)

    def fields_of(self, found: Fields) -> Fields:
        """The fields of a document as the API returns it."""
        paths = [as_text(one).split(".") for one in as_list(as_object(_fields(found)).get("secret_fields"))]
        data, secrets = _without_secrets(self.named_data(found), paths)
        return {"data": data, SECRETS: list[Json](secrets)}

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface; the values of secrets have to be given again."""
        kind, _, block = one.name.partition("/")
        type_, schema = server.type_and_schema(kind)
        body: Json = {
            "name": block,
            "block_type_id": type_["id"],
            "block_schema_id": schema["id"],
            "data": self.data_with_ids(server, one),
        }
        server.send("POST", "/block_documents/", body, one.key)

    def update(self, server: Server, one: FlowObject, fields: Fields) -> None:  # noqa: ARG002  data is one field
        """As its interface.

        Prefect keeps a secret for which it is sent the asterisks that it returns in its place
        (prefect/server/models/block_documents.py, update_block_document).
        """
        kind, _, block = one.name.partition("/")
        found = self.found(server, kind, block) or {}
        data = _with_secrets_of(self.data_with_ids(server, one), found)
        body: Json = {"data": data, "merge_existing_data": False}
        server.send("PATCH", f"/block_documents/{as_text(found.get('id'))}", body, one.key)


def _fields(found: Fields) -> Json:
    return as_object(found.get("block_schema")).get("fields")


def _without_secrets(data: Mapping[str, Json], paths: list[list[str]]) -> tuple[dict[str, Json], list[str]]:
    """The data without the members at these paths, and the dotted names of those that it had."""
    kept: dict[str, Json] = {}
    found: list[str] = []
    for name, value in data.items():
        under = [path[1:] for path in paths if path[0] == name]
        if any(not rest or rest[0] == "*" for rest in under):
            found.append(name)
        elif under and isinstance(value, dict) and "$ref" not in value:
            inner, secrets = _without_secrets(value, under)
            kept[name] = inner
            found += [f"{name}.{one}" for one in secrets]
        else:
            kept[name] = value
    return kept, found


def _with_secrets_of(data: dict[str, Json], found: Fields) -> dict[str, Json]:
    """The data with the asterisks that the document has in place of secrets."""
    paths = [as_text(one).split(".") for one in as_list(as_object(_fields(found)).get("secret_fields"))]
    has = as_object(found.get("data"))
    merged = copy.deepcopy(data)
    for path in paths:
        if path[0] in as_object(found.get("block_document_references")):
            continue  # a secret of another block
        source, target = has, merged
        *above, last = [one for one in path if one != "*"]
        for step in above:
            source, target = as_object(source.get(step)), as_object(target.setdefault(step, {}))
        if source.get(last) is not None:
            target[last] = source[last]
    return merged


class BackupSchedules(Schedules):
    """Schedules, also those that have no slug: they are recognised by their times."""

    def of(self, server: Server, name: str) -> tuple[str, dict[str, Json] | None]:
        """As its interface."""
        deployment, _, slug = name.rpartition("#")
        if not slug.startswith(NAMELESS):
            return super().of(server, name)
        found = DEPLOYMENTS.found(server, deployment) or {}
        others = (one for one in objects_of(found.get("schedules")) if not one.get("slug"))
        path = f"/deployments/{as_text(found.get('id'))}/schedules"
        return path, next((one for one in others if slug_of(one) == slug), None)

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface."""
        if not one.name.rpartition("#")[2].startswith(NAMELESS):
            super().create(server, one)
            return
        path, _ = self.of(server, one.name)
        server.send("POST", path, [{**one.fields}], one.key)


def slug_of(schedule: Fields) -> str:
    """Slug of a schedule; of one without, a hash of its times."""
    times = json.dumps(schedule.get("schedule"), sort_keys=True)
    return as_text(schedule.get("slug")) or NAMELESS + hashlib.sha256(times.encode()).hexdigest()[:12]


KINDS_OF_BACKUP: Final[Mapping[Kind, KindOfObject]] = {
    **KINDS_OF_OBJECTS,
    "work pool": Named("work pool", "/work_pools/", "/work_pools/"),
    "work queue": BackupQueues(),
    "block type": BlockTypes(),
    "block": BackupBlocks(),
    "schedule": BackupSchedules(),
    "automation": BackupAutomations(),
}
"""How each kind is read, created, changed and deleted."""
ORDER: Final[tuple[Kind, ...]] = (
    "work pool",
    "work queue",
    "variable",
    "concurrency limit",
    "block type",
    "block",
    "deployment",
    "schedule",
    "automation",
)
"""In which they are restored; they are deleted in the opposite one."""
