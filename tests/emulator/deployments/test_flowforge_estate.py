"""FlowForge's templates: the emulator deploys what the compiler predicts, and a second run changes nothing.

Each answers file of the matrix is deployed twice; of every third what-if is asked too, for all would take too long.
"""

import json
import re
from pathlib import Path

import pytest

from installer.answers.model import Answers
from installer.emulator.deployments.request import propose, scope_of
from installer.emulator.deployments.whatif import what_if
from installer.emulator.providers.sign_in import sign_ins
from installer.estate.assumed_resources import assumed
from installer.estate.parameters import StageSpec, stages, template
from installer.estate.parameters.prefect_api import PREFECT_REDIS
from installer.json_access import JsonObject, as_object, as_text
from installer.jsontypes import Json
from installer.resource_id import name_of, normalised_location
from installer.steps.live_parameters import current, kept
from tests.bicep.answers_matrix import EVERY_FILE_SOME_LONG, MATRIX
from tests.bicep.snapshots import NEEDS_COMPILER, snapshot
from tests.emulator.deployments.deployed_estate import DeployedEstate, new_estate
from tests.emulator.deployments.what_if_changes import without_noise
from tests.emulator.in_memory import Bench, run

pytestmark = NEEDS_COMPILER
_MARKS = {"etag", "updatedOn", "modifiedDate", "timeModified", "changedTime"}
"""Members that Azure changes at every write."""
_PREDICTABLE = frozenset([*MATRIX][::3])
"""Those of which what-if is asked before the second run."""
_FRAME = {"apiVersion", "dependsOn", "id", "name", "type"}


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


def _deployable(resource_id: str, resource_type: str) -> bool:
    """Connections are left at a target by the endpoint's provider, images are pushed, records are written by a policy."""
    if resource_id.lower().endswith("/deployedbypolicy"):
        return False
    return not resource_type.lower().endswith(("/privateendpointconnections", "/registries/images"))


def _unmarked(value: Json) -> Json:
    """A resource without what Azure notes about each writing."""
    if isinstance(value, dict):
        return {name: _unmarked(item) for name, item in value.items() if name not in _MARKS}
    return [_unmarked(item) for item in value] if isinstance(value, list) else value


def _contents(it: DeployedEstate) -> dict[str, Json]:
    """All resources of all subscriptions of the installation, as a GET shows them."""
    emulator = it.azure.emulator
    present = [item for one in emulator.directory.subscriptions for item in emulator.resources.of_subscription(one.id)]
    # A policy writes records some time after a deployment. A template writes a new version of a secret each time.
    compared = [one for one in present if _deployable(one.id, one.type) and name_of(one.id) != PREFECT_REDIS]
    return {item.id: _unmarked(emulator.view(item)) for item in compared}


@pytest.mark.parametrize("name", EVERY_FILE_SOME_LONG)
def test_the_estate_is_deployed_as_predicted_by_the_compiler(tmp_path: Path, name: str) -> None:
    answers = MATRIX[name]
    estate = new_estate(tmp_path, answers)
    it, subscription, tenant = estate.azure, answers.subscription.subscription, answers.subscription.tenant
    run(estate.deploy(answers, all_stages=True))
    differences: list[str] = []
    predicted: set[str] = set()
    for spec in stages(answers):
        given = {**estate.sent[spec.key][0], **current(estate.reader, spec)}
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
    every = {item.id for item in present if _deployable(item.id, item.type) and item.id.lower() not in there}
    assert every <= predicted
    run(_again(estate, answers, predictable=name in _PREDICTABLE))


def _changes(it: Bench, spec: StageSpec, parameters: dict[str, Json], scope: str) -> list[str]:
    """The changes that what-if reports for a stage, without its noise."""
    entries: Json = {name: {"value": value} for name, value in parameters.items()}
    properties: Json = {"mode": "Incremental", "template": template(spec.stage), "parameters": entries}
    body = json.dumps({"location": spec.location, "properties": properties})
    home = scope_of(scope, it.emulator.directory.tenant_id)
    runtime = it.engine.runtime
    proposal = propose(it.emulator, home, spec.deployment_name, body, runtime=runtime, needs_location=True)
    return [json.dumps(change) for change in without_noise(what_if(it.emulator, proposal, "a-correlation"), "Ignore")]


async def _again(it: DeployedEstate, answers: Answers, *, predictable: bool) -> None:
    """A second run with the same answers changes nothing; `predictable`: what-if reports that, too."""
    before = _contents(it)
    # Nothing is taken for a setting of others, which would stay when the answers no longer ask for it.
    assert [one for spec in stages(answers) for one in kept(it.reader, spec)[1] if "budget" not in one.label] == []
    nothing_new: JsonObject = {"names": [], "values": {}}  # as no fingerprint changed
    for spec in stages(answers) if predictable else ():
        given: JsonObject = {**it.parameters[spec.key], **(nothing_new if spec.into_vault else {})}
        assert _changes(it.azure, spec, given, it.scope) == []
    await it.deploy(answers, all_stages=True)
    after = _contents(it)
    assert before.keys() == after.keys()
    assert [(was, after[item]) for item, was in before.items() if was != after[item]] == []
