"""FlowForge's templates: the emulator deploys what the compiler predicts, and a second run changes nothing.

Each answers file of the matrix is deployed twice; of every third what-if is asked too, for all would take too long.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from installer.answers.model import Answers
from installer.emulator.core import open_emulator
from installer.emulator.deployments.engine import Engine
from installer.emulator.deployments.request import propose, scope_of
from installer.emulator.deployments.whatif import what_if
from installer.emulator.ids import normalised_location
from installer.emulator.providers.sign_in import sign_ins
from installer.emulator.state.database import Database
from installer.emulator.survey import parse
from installer.estate.assumed_resources import assumed
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, StageSpec, stages, template
from installer.estate.resources import estate, namespaces
from installer.json_access import as_list, as_object, as_text, member
from installer.jsontypes import Json
from installer.resource_id import name_of
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import OTHER
from tests.bicep.snapshots import NEEDS_COMPILER, SECRET, snapshot
from tests.emulator.deployments.directory_objects import register
from tests.emulator.in_memory import Bench, run
from tests.emulator.manual_clock import ManualClock

pytestmark = NEEDS_COMPILER
_FOREIGN = (OTHER, "9d0a6c1e-52b7-4a0f-8d3c-6a1f2b4c5d6e")
"""Other subscriptions of the tenant, that answers name."""
_MARKS = {"etag", "updatedOn", "modifiedDate", "timeModified", "changedTime"}
"""Members that Azure changes at every write."""
_PREDICTABLE = frozenset([*MATRIX][::3])
"""Those of which what-if is asked before the second run."""
_FRAME = {"apiVersion", "dependsOn", "id", "name", "type"}


class Predicted(NamedTuple):
    """A stage that was sent: what the compiler is given, and what Azure was given."""

    spec: StageSpec
    given: dict[str, Json]
    parameters: dict[str, Json]


def _estate(path: Path, answers: Answers) -> Bench:
    clock, database = ManualClock(), Database(path / "azure.sqlite")
    subscriptions = [answers.subscription.subscription, *_FOREIGN]
    there = parse(json.dumps({"version": 1, "resources": [*assumed(answers)]}))
    emulator = open_emulator(
        database, clock, 1, tenant=answers.subscription.tenant, subscriptions=subscriptions, survey=there
    )
    for subscription in subscriptions:
        for namespace in namespaces(estate(answers)):
            emulator.registrations.set(subscription, namespace, "Registered", 0)
    return Bench(path, clock, database, emulator, Engine(emulator))


def _differences(path: str, predicted: Json, found: Json) -> list[str]:
    """Where what was deployed is not what was predicted; what only Azure knows is not compared."""
    if isinstance(predicted, str) and predicted.startswith("["):
        return []
    if re.search(r"\.configuration\.secrets\.\d+\.value$", path):
        return []  # which a Container App never returns
    if isinstance(predicted, dict):
        named = as_object(found)
        return [
            text for name, item in predicted.items() for text in _differences(f"{path}.{name}", item, named.get(name))
        ]
    if isinstance(predicted, list) and isinstance(found, list) and len(predicted) == len(found):
        pairs = enumerate(zip(predicted, found, strict=True))
        return [text for place, (one, other) in pairs for text in _differences(f"{path}.{place}", one, other)]
    if re.search(r"^[^.]*\.location$|\.regions\.\d+$", path.removeprefix(path.rpartition("/")[0])) and isinstance(
        predicted, str
    ):
        predicted = normalised_location(predicted)
    return [] if predicted == found else [f"{path}: {json.dumps(predicted)} became {json.dumps(found)}"]


def _sign_in_faults(it: Bench, answers: Answers) -> list[str]:
    """Web apps, their slots included, that open without sign-in, or whose sign-in fails."""
    expected = "refused" if answers.sign_on.method == "later" else "sign-in"
    found = sign_ins(it.emulator.resources, answers.subscription.cloud)
    apps = [app for app in found if name_of(app.resource_id).rpartition("-")[2] != "prefect"]
    assert apps
    return [f"{app.resource_id}: {app.access} {app.error}" for app in apps if app.access != expected or app.error]


def _deployable(resource_type: str) -> bool:
    """Connections are left at a target by the endpoint's provider, not deployed."""
    return not resource_type.lower().endswith("/privateendpointconnections")


async def _estate_of(it: Bench, answers: Answers) -> list[Predicted]:
    """Every stage deployed once; what the compiler predicts for each, with the parameters that it was given."""
    scope = f"/subscriptions/{answers.subscription.subscription}"
    # Outputs that no stage returns, because the directory is not emulated here.
    outputs = {key: dict(found) for key, found in PLACEHOLDER_OUTPUTS.items() if key.startswith("directory-")}
    sent: list[Predicted] = []
    for spec in stages(answers):
        given = spec.parameters(outputs)
        plain = {name: as_object(entry)["value"] for name, entry in given.items()}
        hidden = spec.secure(dict.fromkeys(spec.secrets, SECRET)) if spec.secrets else {}
        secret = {name: as_object(entry)["value"] for name, entry in hidden.items()}
        it.deploy(
            template(spec.stage), {**plain, **secret}, name=spec.deployment_name, scope=scope, location=spec.location
        )
        await it.clock.finish(it.engine)
        record = it.deployment(spec.deployment_name, scope)
        assert record.state == "Succeeded", json.dumps(record.error)
        outputs[spec.key] = {name: member(entry, "value") for name, entry in (record.outputs or {}).items()}
        sent.append(Predicted(spec, given, {**plain, **secret}))
    register(it.emulator, answers, outputs)
    return sent


def _unmarked(value: Json) -> Json:
    """A resource without what Azure notes about each writing."""
    if isinstance(value, dict):
        return {name: _unmarked(item) for name, item in value.items() if name not in _MARKS}
    return [_unmarked(item) for item in value] if isinstance(value, list) else value


def _contents(it: Bench, answers: Answers) -> dict[str, Json]:
    """All resources of all subscriptions of the installation, as a GET shows them."""
    homes = (answers.subscription.subscription, *_FOREIGN)
    present = [item for home in homes for item in it.emulator.resources.of_subscription(home)]
    return {item.id: _unmarked(it.emulator.view(item)) for item in present}


@pytest.mark.parametrize("name", MATRIX)
def test_the_estate_is_deployed_as_predicted_by_the_compiler(tmp_path: Path, name: str) -> None:
    answers = MATRIX[name]
    it = _estate(tmp_path, answers)
    subscription, tenant = answers.subscription.subscription, answers.subscription.tenant
    sent = run(_estate_of(it, answers))
    differences: list[str] = []
    predicted: set[str] = set()
    for spec, given, _ in sent:
        for resource in snapshot(spec, given, subscription_id=subscription, tenant_id=tenant, location=spec.location):
            assert "[" not in f"{resource['id']}{resource['name']}"
            found = it.emulator.resources.get(as_text(resource["id"]))
            assert found is not None, resource["id"]
            predicted.add(found.id)
            assert found.id == resource["id"]
            assert found.type == resource["type"]
            shown = {name: item for name, item in resource.items() if name not in _FRAME}
            differences += _differences(found.id, shown, it.emulator.view(found))
    assert len(predicted) > 30
    assert differences == []
    assert _sign_in_faults(it, answers) == []
    there = {as_text(resource["id"]).lower() for resource in assumed(answers)}
    present = it.emulator.resources.of_subscription(subscription)
    every = {item.id for item in present if _deployable(item.type) and item.id.lower() not in there}
    assert every <= predicted
    run(_again(it, answers, sent, predictable=name in _PREDICTABLE))


def _changes(it: Bench, spec: StageSpec, parameters: dict[str, Json], scope: str) -> list[str]:
    """The changes that what-if reports for a stage."""
    entries: Json = {name: {"value": value} for name, value in parameters.items()}
    properties: Json = {"mode": "Incremental", "template": template(spec.stage), "parameters": entries}
    body = json.dumps({"location": spec.location, "properties": properties})
    home = scope_of(scope, it.emulator.directory.tenant_id)
    runtime = it.engine.runtime
    proposal = propose(it.emulator, home, spec.deployment_name, body, runtime=runtime, needs_location=True)
    changes = as_list(member(what_if(it.emulator, proposal, "a-correlation"), "properties", "changes"))
    # A Container App shows no value of its secrets, so that what-if takes each for new.
    hidden = ["properties.configuration.secrets"]
    return [
        json.dumps(change)
        for change in changes
        if member(change, "changeType") not in ("NoChange", "Ignore")
        and [member(part, "path") for part in as_list(member(change, "delta"))] != hidden
    ]


async def _again(it: Bench, answers: Answers, sent: list[Predicted], *, predictable: bool) -> None:
    """A second run with the same answers changes nothing; `predictable`: what-if reports that, too."""
    scope, before = f"/subscriptions/{answers.subscription.subscription}", _contents(it, answers)
    assert sent
    for spec, _, parameters in sent:
        # A second run sends no secret whose fingerprint is as it was.
        given = {**parameters, "names": [], "values": {}} if spec.into_vault else parameters
        if predictable:
            assert _changes(it, spec, given, scope) == []
        it.deploy(template(spec.stage), given, name=spec.deployment_name, scope=scope, location=spec.location)
        await it.clock.finish(it.engine)
        assert it.deployment(spec.deployment_name, scope).state == "Succeeded"
    after = _contents(it, answers)
    assert before.keys() == after.keys()
    assert [(was, after[item]) for item, was in before.items() if was != after[item]] == []
