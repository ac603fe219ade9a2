"""Objects in Prefect in the plan.

Prefect is reachable inside the network only, so they are compared with those of the answers that the last run recorded in
Azure; the run itself compares them with Prefect, and keeps what others have changed.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from ruamel.yaml import YAML

from installer import __version__
from installer.estate import keys
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import deployed_image
from installer.json_access import as_text, objects_of
from installer.planning.model import Change, PropertyChange
from installer.prefect_setup.desired import FlowRunLocation, describe
from installer.shipped_files import flow_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from installer.answers.model import Answers
    from installer.jsontypes import Json
    from installer.planning.model import Word
    from installer.prefect_setup.model import Environment

RECORDED: Final = "as the last run recorded it"
_PLACE: Final = "{{ $FLOWFORGE_ENVIRONMENT }}"


def prefect_changes(
    answers: Answers, former: Answers | None, installer: str, outputs: Mapping[str, Mapping[str, Json]]
) -> Iterator[Change]:
    """Changes of work pools, queues, variables, blocks, automations and deployments.

    Args:
        answers: The answers.
        former: Those of the last run, None if there are none.
        installer: Version of the installer that recorded them.
        outputs: Outputs of deployed stages; an environment without a runtime, or without its server, has no objects yet.

    """
    wanted = _objects(answers, outputs)
    planned = {spec.key for spec in stages(answers)}
    present = _objects(former, outputs) if former is not None else {}
    for key, (environment, kind, name, body) in wanted.items():
        exists = key in present and _served_by(environment) & planned <= outputs.keys()
        before = present[key][3] if exists else {}
        fields = tuple(one for one in _differences(before, body)) if exists else ()
        word = _word(kind, exists=exists, fields=fields, same_version=installer == __version__)
        why = RECORDED if exists else ""
        paths = tuple(one.path for one in fields)
        yield Change(
            f"prefect:{key}", f"Prefect/{kind}", name, "", keys.register(environment), word, paths, fields, environment,
            "prefect", why,
        )  # fmt: skip


def registered_objects(answers: Answers, environment: str) -> tuple[str, ...]:
    """Kind and name of each object that a run registers in the Prefect server of an environment; deployments without their flow."""
    found: list[str] = []
    for one in describe(answers, FlowRunLocation.on_azure("")).environments:
        if one.name == environment:
            found += [f"{kind} {name}" for kind, name, _ in _of(one) if kind != "work queue"]
            found += [f"work queue {one.pool.name}/{one.queue.name}", f"variable {one.pool.record_name}"]
    return tuple(found)


def recorded_only(changes: Iterable[Change]) -> list[str]:
    """A sentence about what is not known of the objects that exist according to the record, empty without any."""
    names = dict.fromkeys(one.environment for one in changes if one.why == RECORDED)
    if not names:
        return []
    told = (
        f"Prefect of {', '.join(names)}: its server is reached inside the network only, so its objects are those that the last "
        "run recorded; what others have changed there since is not known, and the run reports and keeps it"
    )
    return [told]


def _served_by(environment: str) -> set[str]:
    """Stages without which no object can have been registered: answers are recorded before they are deployed."""
    return {keys.runtime(environment), keys.control_plane(environment)}


def _word(kind: str, *, exists: bool, fields: tuple[PropertyChange, ...], same_version: bool) -> Word:
    if not exists:
        return "create"
    if kind == "deployment" and not same_version:
        return "unknown"  # the version of a deployment is the hash of the flows that an installer brings
    if any(one.path == "type" for one in fields):
        return "replace"  # Prefect's API has no update of the type of a work pool (schemas.actions.WorkPoolUpdate)
    return "change" if fields else "same"


def _differences(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[PropertyChange]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield PropertyChange(name, before.get(name), after.get(name))


def _objects(
    answers: Answers, outputs: Mapping[str, Mapping[str, Json]]
) -> dict[str, tuple[str, str, str, dict[str, Json]]]:
    """Environment, kind, name and fields of each object, by a stable key."""
    it, known = Installation(answers), {**PLACEHOLDER_OUTPUTS, **outputs}
    images = {name: deployed_image(it, "prefect", known, name) for name in it.environments}
    found: dict[str, tuple[str, str, str, dict[str, Json]]] = {}
    each = (
        one
        for name, image in images.items()
        for one in describe(answers, FlowRunLocation.on_azure(image)).environments
        if one.name == name
    )
    for environment in each:
        for kind, name, body in _of(environment):
            found[f"{environment.name}/{kind}/{name}"] = (environment.name, kind, name, body)
    return found


def _of(environment: Environment) -> Iterator[tuple[str, str, dict[str, Json]]]:
    yield "work pool", environment.pool.name, asdict(environment.pool)
    yield "work queue", environment.queue.name, asdict(environment.queue)
    yield "variable", environment.variable.name, asdict(environment.variable)
    yield from (("block", one.key, asdict(one)) for one in environment.blocks)
    yield from (("automation", one.name, asdict(one)) for one in environment.automations)
    document = YAML(typ="safe").load(flow_project() / "prefect.yaml")
    for deployment in objects_of(document["deployments"]):
        name = as_text(deployment.get("name")).replace(_PLACE, environment.name)
        yield "deployment", name, {"entrypoint": deployment.get("entrypoint")}
