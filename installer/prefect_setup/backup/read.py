"""Reads all objects of a Prefect server for a backup."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from installer.errors import PrefectFailed
from installer.flow_project.objects import FlowObject, Kind
from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.prefect_setup.backup.automations import BackupAutomations
from installer.prefect_setup.backup.kinds import BackupBlocks, BlockTypes, slug_of
from installer.prefect_setup.flows.kinds import Fields
from installer.prefect_setup.flows.server import Server
from installer.prefect_setup.pools_paused import RECORD

if TYPE_CHECKING:
    from installer.jsontypes import Json

_POOL: Final = ("type", "description", "base_job_template", "concurrency_limit", "is_paused")
_QUEUE: Final = ("description", "is_paused", "concurrency_limit", "priority")
_LIMIT: Final = ("limit", "active", "slot_decay_per_second")
_TYPE: Final = ("name", "logo_url", "documentation_url", "description", "code_example", "schema")
_SCHEMA: Final = "parameter_openapi_schema"
_DEPLOYMENT: Final = (
    "description",
    "version",
    "tags",
    "entrypoint",
    "path",
    "parameters",
    _SCHEMA,
    "enforce_parameter_schema",
    "pull_steps",
    "work_pool_name",
    "work_queue_name",
    "job_variables",
    "concurrency_options",
    "paused",
)
_SCHEDULE: Final = ("active", "schedule", "max_scheduled_runs", "parameters")
_OF_A_DEPLOYMENT: Final = "deployment:"
"""Begins the name of the limit that Prefect makes for a deployment (prefect/server/models/deployments.py)."""
_OWN_LABELS: Final = "prefect."


def read_objects(server: Server) -> tuple[FlowObject, ...]:
    """The objects, in the order of their kinds. Raises PrefectFailed."""
    return tuple(
        one for read in (_pools, _variables, _limits, _blocks, _deployments, _automations) for one in read(server)
    )


def _of(kind: Kind, name: str, found: Fields, names: tuple[str, ...]) -> FlowObject:
    return FlowObject(kind, name, {one: found.get(one) for one in names})


def _pools(server: Server) -> Iterator[FlowObject]:
    pools = server.every("/work_pools/filter", {}, "the work pools")
    for found in pools:
        yield _of("work pool", as_text(found.get("name")), found, _POOL)
    for found in pools:
        pool = as_text(found.get("name"))
        queues = server.every(f"/work_pools/{pool}/queues/filter", {}, f"the queues of {pool}")
        for queue in queues:
            yield _of("work queue", f"{pool}/{as_text(queue.get('name'))}", queue, _QUEUE)


def _variables(server: Server) -> Iterator[FlowObject]:
    for found in server.every("/variables/filter", {}, "the variables"):
        if (name := as_text(found.get("name"))) != RECORD:
            yield _of("variable", name, found, ("value", "tags"))


def _limits(server: Server) -> Iterator[FlowObject]:
    for found in server.every("/v2/concurrency_limits/filter", {}, "the concurrency limits"):
        name = as_text(found.get("name"))
        if not name.startswith(_OF_A_DEPLOYMENT):
            yield _of("concurrency limit", name, found, _LIMIT)


def _blocks(server: Server) -> Iterator[FlowObject]:
    """Blocks with their types, but for those types that Prefect itself brings."""
    documents = server.every("/block_documents/filter", {}, "the blocks")
    blocks, types, kinds = BackupBlocks(), BlockTypes(), dict[str, bool]()
    for found in documents:
        of = as_object(found.get("block_type"))
        kinds[as_text(of.get("slug"))] = of.get("is_protected") is True
    for slug in [slug for slug, protected in sorted(kinds.items()) if not protected]:
        yield from _type(server, types, slug)
    for found in documents:
        slug = as_text(member(found, "block_type", "slug"))
        yield FlowObject("block", f"{slug}/{as_text(found.get('name'))}", blocks.fields_of(found))


def _type(server: Server, types: BlockTypes, slug: str) -> Iterator[FlowObject]:
    if found := types.find(server, slug):
        yield _of("block type", slug, found, _TYPE)


def _deployments(server: Server) -> Iterator[FlowObject]:
    flows = {as_text(one["id"]): as_text(one.get("name")) for one in server.every("/flows/filter", {}, "the flows")}
    found = server.every("/deployments/filter", {"sort": "NAME_ASC"}, "the deployments")
    schedules: list[FlowObject] = []
    for one in found:
        name = f"{flows.get(as_text(one.get('flow_id')), '')}/{as_text(one.get('name'))}"
        limit = member(one, "global_concurrency_limit", "limit")
        labels: dict[str, Json] = {
            k: v for k, v in as_object(one.get("labels")).items() if not k.startswith(_OWN_LABELS)
        }
        kept = _of("deployment", name, one, _DEPLOYMENT)
        fields = {**kept.fields, "concurrency_limit": limit, "labels": labels}
        if not fields[_SCHEMA]:
            del fields[_SCHEMA]  # Prefect gives a deployment without one another schema when it is written
        yield FlowObject("deployment", name, fields)
        schedules += [
            _of("schedule", f"{name}#{slug_of(each)}", each, _SCHEDULE) for each in objects_of(one.get("schedules"))
        ]
    yield from schedules


def _automations(server: Server) -> Iterator[FlowObject]:
    automations, seen = BackupAutomations(), set[str]()
    for found in server.every("/automations/filter", {}, "the automations"):
        name = as_text(found.get("name"))
        if name in seen:
            raise PrefectFailed(f"Prefect has several automations with the name {name}; rename or delete all but one")
        seen.add(name)
        yield FlowObject("automation", name, automations.fields_of(server, found))


def secrets_of(objects: tuple[FlowObject, ...]) -> dict[str, tuple[str, ...]]:
    """Blocks with secrets, and the names of those."""
    found = {
        one.name: tuple(map(as_text, as_list(one.fields.get("secrets")))) for one in objects if one.kind == "block"
    }
    return {name: secrets for name, secrets in found.items() if secrets}
