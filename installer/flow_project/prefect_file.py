"""prefect.yaml: the deployments and their schedules, as fields of the Prefect API.

The format is that of `prefect deploy` (docs.prefect.io/v3/how-to-guides/deployments/prefect-yaml; its keys are those of
DeploymentConfig in prefect 3.8.8, cli/deploy/_models.py).
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Final

from installer.flow_project.entrypoints import find_flow
from installer.flow_project.names import check_name
from installer.flow_project.objects import FlowObject
from installer.flow_project.references import resolved
from installer.flow_project.schedules import schedules_of
from installer.flow_project.secrets_in_files import check_secrets
from installer.flow_project.source import PROJECT_FILE
from installer.flow_project.target import Described, Target
from installer.flow_project.templates import filled
from installer.flow_project.triggers import triggers_of
from installer.images.flow_context import IMAGE_PROJECT
from installer.json_access import as_list, as_object, as_text
from installer.jsontypes import Json
from installer.sanitize import printable

_KNOWN: Final = frozenset(
    {"name", "version", "version_type", "tags", "description", "schedule", "schedules", "paused", "concurrency_limit"}
    | {"flow_name", "entrypoint", "parameters", "enforce_parameter_schema", "build", "push", "pull", "work_pool"}
    | {"triggers", "sla"}
)
_SIMILAR: Final = 0.75
"""From which likeness, 0 to 1, an unknown key is taken for a misspelt one."""
_OF_POOL: Final = frozenset({"job_variables", "work_queue_name"})
_STEPS: Final = "prefect.deployments.steps."
_GONE: Final = "prefect.projects."
"""Module of the steps until Prefect 2.10; files that were written then still name it."""
_PULL: Final[Json] = [{f"{_STEPS}set_working_directory": {"directory": IMAGE_PROJECT}}]


def describe_deployments(document: Mapping[str, Json], files: Mapping[str, bytes], target: Target) -> Described:
    """The deployments of a prefect.yaml and their schedules."""
    found = Described()
    given = document.get("deployments")
    if not isinstance(given, list) or not given:
        found.problems.append(f"{PROJECT_FILE}: no deployments; list at least one under deployments:")
        return found
    if any(document.get(part) for part in ("build", "push")):
        found.notes.append(f"{PROJECT_FILE}: build and push are not used; the installer builds the image of the flows")
    for number, one in enumerate(given, 1):
        where = f"{PROJECT_FILE}: deployment {number}"
        if not isinstance(one, dict):
            found.problems.append(f"{where}: a mapping is expected")
            continue
        name = as_text(one.get("name"))
        where += f" ({printable(name)})" if name else ""
        whole: Json = {**{part: document.get(part) for part in ("build", "push", "pull")}, **one}
        filled_in = as_object(filled(whole, target.settings, found.problems, where))
        _describe(resolved(filled_in, target, where, found), where, found, files=files, target=target)
    return found


def _describe(
    given: Mapping[str, Json], where: str, found: Described, *, files: Mapping[str, bytes], target: Target
) -> None:
    before = len(found.problems)
    for key in sorted(given.keys() - _KNOWN):
        if meant := get_close_matches(key, _KNOWN, 1, _SIMILAR):
            found.problems.append(f"{where}: {key} is unknown; is {meant[0]} meant?")
        else:
            place = "; it belongs under work_pool" if key in _OF_POOL else ""
            found.notes.append(f"{where}: {key} is not used, as by prefect deploy{place}")
    if given.get("sla"):
        found.problems.append(f"{where}: sla is not supported; it exists in Prefect Cloud only, and is set there")
    name, entrypoint = as_text(given.get("name")), as_text(given.get("entrypoint"))
    if not name:
        found.problems.append(f"{where}: name is required, a text")
    check_name(name, "name", where, found)
    if not entrypoint:
        found.problems.append(f"{where}: entrypoint is required, such as flows/ingest.py:ingest")
    flow = find_flow(files, entrypoint) if entrypoint else None
    if flow is not None and flow.problem:
        found.problems.append(f"{where}: {flow.problem}")
    flow_name = (flow.flow if flow else "") or as_text(given.get("flow_name"))
    if flow is not None and not flow.problem and not flow_name:
        found.problems.append(f"{where}: the code computes the name of the flow; write it as flow_name too")
    check_name(flow_name, "name of the flow", where, found)
    check_secrets(given, where, found)
    pool = _pool(given.get("work_pool"), target, where, found)
    fields: dict[str, Json] = {
        "description": given.get("description"),
        "version": _text_or(given.get("version"), target.mark),
        "tags": _tags(given.get("tags"), where, found),
        "entrypoint": entrypoint.replace("\\", "/"),  # of a project of Windows: its image has Linux
        "parameters": _mapping(given, "parameters", where, found),
        "paused": _truth(given, "paused", where, found) is True,
        "enforce_parameter_schema": _truth(given, "enforce_parameter_schema", where, found) is not False,
        "pull_steps": _steps(given.get("pull"), where, found),
        **_limit(given.get("concurrency_limit"), where, found),
        **pool,
    }
    whole = f"{flow_name}/{name}"
    schedules = schedules_of(given, where, found.problems)
    automations = triggers_of(given.get("triggers"), whole, where, found.problems)
    if len(found.problems) == before:
        found.add(FlowObject("deployment", whole, fields))
        for slug, schedule in schedules:
            found.add(FlowObject("schedule", f"{whole}#{slug}", schedule))
        for automation in automations:
            found.add(automation)


def _pool(given: Json, target: Target, where: str, found: Described) -> dict[str, Json]:
    pool = as_object(given)
    if given is not None and not isinstance(given, dict):
        found.problems.append(f"{where}: work_pool is a mapping with name, work_queue_name and job_variables")
    if (name := pool.get("name")) not in (None, target.pool):
        words = "leave it out, or write flowforge-{{ $FLOWFORGE_ENVIRONMENT }}"
        found.problems.append(f"{where}: work_pool.name is {name}, but the worker serves {target.pool}; {words}")
    variables = _mapping(pool, "job_variables", f"{where}: work_pool", found)
    if "image" in variables:
        found.problems.append(f"{where}: job_variables has an image; the installer sets the one that it has built")
    return {
        "work_pool_name": target.pool,
        "work_queue_name": _text_or(pool.get("work_queue_name"), target.queue),
        "job_variables": {**variables, **({"image": target.image} if target.image else {})},
    }


def _limit(given: Json, where: str, found: Described) -> dict[str, Json]:
    """Limit of a deployment, a number or a mapping, in the fields of the API."""
    mapping = as_object(given)
    if given == {}:
        given = None
    limit = mapping.get("limit") if mapping else given
    options: dict[str, Json] = {key: one for key, one in mapping.items() if key != "limit"}
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        found.problems.append(f"{where}: concurrency_limit is a whole number from 1, or a mapping with limit")
    if options.get("collision_strategy", "ENQUEUE") not in ("ENQUEUE", "CANCEL_NEW"):
        found.problems.append(f"{where}: collision_strategy is ENQUEUE or CANCEL_NEW")
    return {"concurrency_limit": limit, "concurrency_options": options or None}


def _steps(given: Json, where: str, found: Described) -> Json:
    """Pull steps. A working directory alone is that of the image for which the file was written, such as /app."""
    if given is None or given in ({}, []):
        return _PULL
    steps: list[Json] = [given] if isinstance(given, dict) else as_list(given)
    for name in [name for step in steps for name in as_object(step) if name.startswith(_GONE)]:
        found.problems.append(f"{where}: pull: {name} does not exist in Prefect 3; it begins with {_STEPS} there")
    only = as_object(steps[0]).get(f"{_STEPS}set_working_directory") if len(steps) == 1 else None
    place = PurePosixPath(as_text(as_object(only).get("directory")))
    if place.is_absolute() and not place.is_relative_to(IMAGE_PROJECT):
        found.notes.append(
            f"{where}: pull: the files are in {IMAGE_PROJECT} of the image, which is used in place of {place}"
        )
        return _PULL
    return steps


def _tags(given: Json, where: str, found: Described) -> list[Json]:
    tags: list[Json] = [given] if isinstance(given, str) else as_list(given)
    if not all(isinstance(one, str) for one in tags) or (given is not None and not isinstance(given, str | list)):
        found.problems.append(f"{where}: tags is a list of texts")
    return tags


def _mapping(given: Mapping[str, Json], key: str, where: str, found: Described) -> dict[str, Json]:
    value = given.get(key)
    if value is not None and not isinstance(value, dict):
        found.problems.append(f"{where}: {key} is a mapping")
    return as_object(value)


def _truth(given: Mapping[str, Json], key: str, where: str, found: Described) -> Json:
    value = given.get(key)
    if value is not None and not isinstance(value, bool):
        found.problems.append(f"{where}: {key} is true or false")
    return value


def _text_or(given: Json, default: str) -> str:
    return default if given is None or given == "" else str(given)
