"""Work pools, queues and variables: compared with the desired state, created or updated."""

import contextlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import VariableCreate, VariableUpdate, WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from installer.errors import PrefectFailed
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.prefect_setup.client.output import Reporter, differing
from installer.prefect_setup.model import Variable, WorkPool, WorkQueue
from installer.prefect_setup.three_way import merge, record, recorded

WORKERS: Final = files("prefect") / "server/api/collections_data/views/aggregate-worker-metadata.json"
"""Metadata of each worker type. The server has the same data, but requests it from the internet first."""


def base_job_template(pool: WorkPool) -> dict[str, Json]:
    """Prefect's base job template for the type of the pool, with its defaults and its pod. Raises PrefectFailed."""
    collections: dict[str, dict[str, dict[str, dict[str, Json]]]] = json.loads(WORKERS.read_text(encoding="utf-8"))
    of_type = next((workers[pool.type] for workers in collections.values() if pool.type in workers), None)
    if of_type is None:
        raise PrefectFailed(f"this version of Prefect has no worker type {pool.type}")
    template = of_type["default_base_job_configuration"]
    for name, value in pool.defaults.items():
        match template:
            case {"variables": {"properties": {**variables}}} if isinstance(variable := variables.get(name), dict):
                variable["default"] = dict(value) if isinstance(value, Mapping) else value
            case _:
                raise PrefectFailed(f"workers of type {pool.type} have no variable {name}")
    if not pool.pod:
        return template
    if "job_manifest" not in as_object(template.get("job_configuration")):
        raise PrefectFailed(f"workers of type {pool.type} have no pod template")
    pod: Json = {"job_configuration": {"job_manifest": {"spec": {"template": dict(pool.pod)}}}}
    return _corrected(as_object(_laid_over(template, pod)))


def _corrected(template: dict[str, Json]) -> dict[str, Json]:
    """Moves two fields of a job that Prefect 3.8.8 has in the pod, where strict validation refuses them."""
    job = as_object(as_object(as_object(template["job_configuration"])["job_manifest"])["spec"])
    pod = as_object(as_object(job["template"])["spec"])
    job |= {name: pod.pop(name) for name in ("completions", "parallelism") if name in pod}
    return template


def _laid_over(given: Json, over: Json) -> Json:
    """Objects are merged deeply and lists item by item; any other value of `over` wins."""
    if isinstance(given, dict) and isinstance(over, dict):
        return {**given, **{name: _laid_over(given.get(name), value) for name, value in over.items()}}
    if isinstance(given, list) and isinstance(over, list):
        merged = [_laid_over(one, other) for one, other in zip(given, over, strict=False)]
        return [*merged, *given[len(merged) :], *over[len(merged) :]]
    return over


async def settle_pool(client: PrefectClient, pool: WorkPool, reporter: Reporter) -> None:
    """Create or update the work pool; what others have changed since it was applied is kept and reported.

    Its paused state belongs to operators and is not changed. A variable records the applied settings; without it, in
    installations of earlier versions and for pools that a worker has made, all settings are those wanted now.
    """
    wanted: dict[str, Json] = {
        "description": pool.description,
        "concurrency_limit": pool.concurrency_limit,
        "base_job_template": base_job_template(pool),
    }
    found = None
    with contextlib.suppress(ObjectNotFound):
        found = await client.read_work_pool(pool.name)
    if found is None:
        new = WorkPoolCreate.model_validate({"name": pool.name, "type": pool.type, **wanted})
        try:
            await client.create_work_pool(new)
        except ObjectAlreadyExists:  # a starting worker has created the pool
            found = await client.read_work_pool(pool.name)
        else:
            await _record(client, pool, wanted)
            reporter.created("work pool", pool.name)
            return
    if found.type != pool.type:
        raise PrefectFailed(
            f"the work pool {pool.name} is of type {found.type} instead of {pool.type}, which Prefect cannot "
            f"change. Delete the pool (its deployments lose it), and resume the run"
        )
    present = {name: found.model_dump(mode="json")[name] for name in wanted}
    variable = await client.read_variable_by_name(pool.record_name)
    before = recorded(variable.value) if variable else None
    merged = merge(before or present, wanted, present)
    if fields := differing(merged.value, present):
        await client.update_work_pool(pool.name, WorkPoolUpdate.model_validate(merged.value))
        reporter.updated("work pool", pool.name, fields, merged.kept)
    else:
        reporter.unchanged("work pool", pool.name, merged.kept)
    await _record(client, pool, wanted)


async def _record(client: PrefectClient, pool: WorkPool, applied: dict[str, Json]) -> None:
    """Record what was applied, so that a later run can distinguish it from changes by others."""
    given = {"name": pool.record_name, "value": record(applied), "tags": ["flowforge"]}
    found = await client.read_variable_by_name(pool.record_name)
    if found is None:
        await client.create_variable(VariableCreate.model_validate(given))
    elif found.value != given["value"]:
        await client.update_variable(VariableUpdate.model_validate(given))


async def settle_queue(client: PrefectClient, pool: WorkPool, queue: WorkQueue, reporter: Reporter) -> None:
    """Create or update the queue of the pool."""
    name = f"{pool.name}/{queue.name}"
    found = None
    with contextlib.suppress(ObjectNotFound):
        found = await client.read_work_queue_by_name(queue.name, work_pool_name=pool.name)
    if found is None:
        await client.create_work_queue(queue.name, description=queue.description, work_pool_name=pool.name)
        reporter.created("work queue", name)
    elif found.description != queue.description:
        await client.update_work_queue(found.id, description=queue.description)
        reporter.updated("work queue", name, ["description"])
    else:
        reporter.unchanged("work queue", name)


async def settle_variable(client: PrefectClient, variable: Variable, reporter: Reporter) -> None:
    """Create or update the variable."""
    wanted = {"value": dict(variable.value), "tags": list(variable.tags)}
    found = await client.read_variable_by_name(variable.name)
    if found is None:
        await client.create_variable(VariableCreate.model_validate({"name": variable.name, **wanted}))
        reporter.created("variable", variable.name)
    elif fields := differing(wanted, {"value": found.value, "tags": found.tags}):
        await client.update_variable(VariableUpdate.model_validate({"name": variable.name, **wanted}))
        reporter.updated("variable", variable.name, fields)
    else:
        reporter.unchanged("variable", variable.name)
