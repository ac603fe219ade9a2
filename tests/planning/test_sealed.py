"""A plan binds: changes of others that it rests on are refused before the first write, all others do not matter."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from installer.answers.files import load
from installer.cloud.errors import AzureRefused, refused_by
from installer.emulator.state.resources import Resource
from installer.errors import PlanOutdated, UsageError
from installer.estate.bodies import planned_bodies
from installer.estate.parameters import stages
from installer.estate.parameters.kept_by_others import _OF_NETWORKS
from installer.estate.parameters.kept_connections import _OF_GATEWAYS
from installer.json_access import JsonObject, as_object
from installer.jsontypes import Json
from installer.planning.make import make_plan
from installer.planning.model import Plan
from installer.planning.sealed import SealedPlan, read_plan
from tests.answers.answers_files import FOLDER
from tests.emulator.deployments.deployed_estate import DeployedEstate
from tests.planning.local_arm import LocalArm, installed

ANSWERS = load(FOLDER / "dev.yaml").answers
KEPT = {
    (one.resource_id.lower(), name)
    for spec in stages(ANSWERS)
    for one in spec.kept
    for name in (*_OF_NETWORKS, *_OF_GATEWAYS)
}
"""Settings that a run leaves to others."""
TEMPLATES = {
    body.id.lower(): {
        name: value
        for name, value in as_object(body.body.get("properties")).items()
        if isinstance(value, bool) and (body.id.lower(), name) not in KEPT
    }
    for body in planned_bodies(ANSWERS)
}
"""Switches that the templates set, by resource ID."""
GENERATED = range(50)
"""Seeds: 50 changes that touch the plan and 50 that do not."""


@dataclass
class Sealed:
    """An installation with a plan made of it."""

    estate: DeployedEstate
    arm: LocalArm
    plan: SealedPlan
    resources: list[Resource]
    """Resources that the plan found as they are."""

    def now(self) -> Plan:
        """The plan made again."""
        return make_plan(ANSWERS, self.arm)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    folder = tmp_path_factory.mktemp("sealed")
    estate = installed(folder, ANSWERS)
    arm = LocalArm(estate.azure, ANSWERS.subscription.subscription, expands_once=True)
    plan = make_plan(ANSWERS, arm)
    (folder / "plan.json").write_text(plan.to_json(), encoding="utf-8")
    present = [estate.azure.emulator.resources.get(one.id) for one in plan.changes if one.change == "same"]
    found = [one for one in present if one is not None and settable(one)]
    assert len(found) > 30
    yield Sealed(estate, arm, read_plan(folder / "plan.json"), found)
    arm.close()
    estate.azure.database.close()


def settable(resource: Resource) -> list[tuple[str, ...]]:
    """Paths of plain values under `properties` that the templates set."""
    properties = as_object(resource.desired.get("properties"))
    return [
        ("properties", name) for name, value in properties.items() if value is TEMPLATES.get(resource.key, {}).get(name)
    ]


@contextmanager
def saved(sealed: Sealed, resource: Resource) -> Iterator[None]:
    """A change of another user, undone at the end."""
    store = sealed.estate.azure.emulator.resources
    before = store.get(resource.id)
    store.save(resource)
    try:
        yield
    finally:
        store.remove(resource.id) if before is None else store.save(before)


def changed(resource: Resource, *path: str, to: Json) -> Resource:
    """A resource with another value."""
    desired: JsonObject = copy.deepcopy(resource.desired)
    inner = desired
    for name in path[:-1]:
        inner = as_object(inner.setdefault(name, {}))
    inner[path[-1]] = to
    return replace(resource, desired=desired)


def switched(resource: Resource, chosen: Random) -> tuple[Resource, str]:
    """A switch that the templates set, the other way round, and its path."""
    path = chosen.choice(settable(resource))
    value = as_object(resource.desired["properties"])[path[-1]]
    return changed(resource, *path, to=not value), ".".join(path)


def tagged(resource: Resource, chosen: Random) -> tuple[Resource, str]:
    """A tag of others, which the next deployment removes, and its path; not every type has tags."""
    if not resource.desired.get("tags"):
        return switched(resource, chosen)
    name = f"theirs{chosen.randrange(1000)}"
    return changed(resource, "tags", name, to="x"), f"tags.{name}"


@pytest.mark.parametrize("seed", GENERATED)
def test_a_change_that_touches_the_plan_is_refused_and_named(sealed: Sealed, seed: int) -> None:
    chosen = Random(seed)  # noqa: S311  reproducible, not secret
    resource = chosen.choice(sealed.resources)
    theirs, path = chosen.choice([switched, switched, tagged])(resource, chosen)
    with saved(sealed, theirs), pytest.raises(PlanOutdated) as refused:
        sealed.plan.check(sealed.now())
    assert refused.value.exit_code == 8
    assert f"{resource.id.lower()}: {path}" in str(refused.value)


@pytest.mark.parametrize("seed", GENERATED)
def test_a_change_that_does_not_touch_the_plan_does_not_matter(sealed: Sealed, seed: int) -> None:
    chosen = Random(seed)  # noqa: S311  reproducible, not secret
    resource = chosen.choice(sealed.resources)
    name = f"theirs{seed}"
    account = f"{resource.id.partition('/providers/')[0]}/providers/Microsoft.Storage/storageAccounts/{name}"
    theirs = replace(resource, id=account, type="Microsoft.Storage/storageAccounts", name=name)
    with saved(sealed, chosen.choice([theirs, changed(resource, "properties", name, to=seed)])):
        sealed.plan.check(sealed.now())


def test_a_setting_of_others_that_a_run_keeps_does_not_matter(sealed: Sealed) -> None:
    every = sealed.estate.azure.emulator.resources.of_subscription(ANSWERS.subscription.subscription)
    resource = next(one for one in every if one.name == "vnet-ff-contoso-dev")
    with saved(sealed, changed(resource, "properties", "enableDdosProtection", to=True)):
        sealed.plan.check(sealed.now())


def test_a_deleted_resource_is_named(sealed: Sealed) -> None:
    store = sealed.estate.azure.emulator.resources
    resource = next(one for one in sealed.resources if one.type == "Microsoft.Storage/storageAccounts")
    with_parts = store.under(resource.id)
    store.remove(resource.id)
    with pytest.raises(PlanOutdated, match="planned: same, now: create"):
        sealed.plan.check(sealed.now())
    for one in with_parts:
        store.save(one)
    sealed.plan.check(sealed.now())


def test_another_template_is_named_with_the_versions(sealed: Sealed) -> None:
    now = sealed.now()
    other = replace(now, templates={**now.templates, "data": "0"}, installer="9.9.9", digest="0")
    with pytest.raises(PlanOutdated, match=r"the template of data is another one .* → 9\.9\.9"):
        sealed.plan.check(other)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"answers": 1}', '{"answers": {"kind": "flowforge-answers"}}'])
def test_another_file_is_no_plan(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="not a plan"):
        read_plan(tmp_path / "plan.json")


def test_an_edited_plan_is_refused(sealed: Sealed, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    text = sealed.now().to_json()

    def edited(change: Callable[[dict[str, Any]], object]) -> None:
        content = json.loads(text)
        change(content)
        file.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(UsageError, match=r"does not belong to its digest|not a plan"):
            read_plan(file)

    edited(lambda plan: plan["answers"]["subscription"].update(prefix="other"))
    edited(lambda plan: plan.update(sources={"subscription.prefix": "default"}))
    edited(lambda plan: plan.update(account="another one"))
    edited(lambda plan: plan["changes"].insert(0, {**plan["changes"][0], "change": "delete"}))
    edited(lambda plan: plan["changes"][0].update(change=["create"]))
    edited(lambda plan: plan.pop("seal"))
    file.write_text(text, encoding="utf-8-sig")
    assert read_plan(file).digest


def test_a_change_that_azure_does_not_make_blocks(sealed: Sealed) -> None:
    where = ANSWERS.subscription.model_copy(update={"region": "westeurope"})
    plan = make_plan(ANSWERS.model_copy(update={"subscription": where}), sealed.arm)
    assert plan.blocks
    assert {one.code for one in plan.findings} == {"InvalidResourceLocation"}
    assert {change.change for change in plan.changes if "location" in change.paths} == {"blocked"}
    assert "location stays swedencentral, not westeurope" in plan.findings[0].what


def test_a_refusal_of_what_if_is_a_finding_and_blocks(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, **_given: object) -> list[dict[str, Json]]:
        inner: Json = {"code": "RequestDisallowedByPolicy", "message": "Resource 'kv' was disallowed by policy."}
        raise refused_by({"code": "InvalidTemplateDeployment", "message": "", "details": [inner]}, name, status=400)

    monkeypatch.setattr(sealed.arm, "what_if", refuse)
    plan = sealed.now()
    assert plan.blocks
    assert {one.code for one in plan.findings} == {"RequestDisallowedByPolicy"}
    assert "disallowed by policy" in plan.findings[0].what
    assert plan.findings[0].ways


def test_azure_out_of_reach_is_no_finding(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(name: str, **_given: object) -> list[dict[str, Json]]:
        raise AzureRefused(f"Azure could not be reached ({name})")

    monkeypatch.setattr(sealed.arm, "what_if", lost)
    with pytest.raises(AzureRefused, match="could not be reached"):
        sealed.now()
