"""A plan binds: changes of others that it rests on are refused before the first write, all others do not matter."""

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
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.planning.make import make_plan
from installer.planning.model import Plan
from installer.planning.sealed import SealedPlan, read_plan
from tests.answers.answers_files import FOLDER
from tests.bicep.answers_variants import answers as variant
from tests.emulator.deployments.deployed_estate import DeployedEstate
from tests.planning.foreign_changes import (
    BESIDE,
    KEPT_TAG,
    ForeignChange,
    Planned,
    beside,
    can_be_touched,
    changed,
    kinds_of,
    touching,
)
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
PLANNED = Planned(
    TEMPLATES,
    {one.resource_id.lower() for spec in stages(ANSWERS) for one in spec.kept if one.label.startswith("tags")},
)
COUNT = 50
"""Generated changes that touch the plan, and as many that do not."""
BATCH = 10
"""Changes at the same time: each of them has to be named, so that few plans prove all."""


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
    found = [one for one in present if one is not None and can_be_touched(one, PLANNED)]
    assert len(found) > 70
    yield Sealed(estate, arm, read_plan(folder / "plan.json"), found)
    arm.close()
    estate.azure.database.close()


@contextmanager
def made(sealed: Sealed, *changes: ForeignChange) -> Iterator[None]:
    """Changes of other users, undone at the end."""
    store = sealed.estate.azure.emulator.resources
    before = {one.id: store.get(one.id) for one in changes}
    for one in changes:
        store.remove(one.id) if one.resource is None else store.save(one.resource)
    try:
        yield
    finally:
        for resource, was in before.items():
            store.remove(resource) if was is None else store.save(was)


@contextmanager
def saved(sealed: Sealed, resource: Resource) -> Iterator[None]:
    """A change of a resource, undone at the end."""
    with made(sealed, ForeignChange("", resource, resource.id)):
        yield


def batches(sealed: Sealed) -> Iterator[tuple[Random, list[Resource]]]:
    """Resources that changes are generated for, no two of a batch within each other."""
    every = sorted(sealed.resources, key=lambda one: one.key)
    for seed in range(COUNT // BATCH):
        chosen = Random(seed)  # noqa: S311  reproducible, not secret
        yield chosen, chosen.sample(every, BATCH)


def test_each_of_fifty_changes_that_touch_the_plan_is_refused_and_named(sealed: Sealed) -> None:
    generated: list[ForeignChange] = []
    for chosen, resources in batches(sealed):
        changes = [touching(one, chosen, PLANNED) for one in resources]
        with made(sealed, *changes):
            now = sealed.now()
        moved = list(sealed.plan._moved(now))
        for one in changes:
            assert [line for line in moved if line.startswith(f"{one.id.lower()}: {one.path}")], one
        named = {one.id.lower() for one in changes}
        assert not [line for line in moved if line.partition(": ")[0] not in named]
        with pytest.raises(PlanOutdated) as refused:
            sealed.plan.check(now)
        assert refused.value.exit_code == 8
        generated += changes
    assert len(generated) == COUNT
    assert kinds_of(generated) == {"deleted", "tag changed", "tag added", "SKU", "property"}
    sealed.plan.check(sealed.now())


def test_none_of_fifty_changes_that_do_not_touch_the_plan_matters(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    generated: list[ForeignChange] = []
    what_if = sealed.arm.what_if
    for chosen, resources in batches(sealed):
        changes = [beside(one, chosen, PLANNED) for one in resources]
        shuffle = chosen.sample

        def in_another_order(name: str, **given: Any) -> list[dict[str, Json]]:
            found = what_if(name, **given)
            return shuffle(found, len(found))  # noqa: B023  called in this round only

        monkeypatch.setattr(sealed.arm, "what_if", in_another_order)
        with made(sealed, *changes):
            sealed.plan.check(sealed.now())
        generated += changes
    assert len(generated) == COUNT
    assert len(kinds_of(generated) - {KEPT_TAG}) == len(BESIDE)
    assert KEPT_TAG in kinds_of(generated)


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


def moved_without(sealed: Sealed, resource: str) -> list[str]:
    """Moved facts while a resource is deleted with everything in it."""
    store = sealed.estate.azure.emulator.resources
    content = store.under(resource)
    store.remove(resource)
    moved = list(sealed.plan._moved(sealed.now()))
    for one in content:
        store.save(one)
    return moved


def test_a_deleted_secret_is_named(sealed: Sealed) -> None:
    """Its vault would be written again, although its value has not changed."""
    (secret, *_others) = [one.id for one in sealed.plan.changes if one.family == "secret" and one.change == "same"]
    moved = moved_without(sealed, secret)
    assert f"{secret.lower()}: planned: same, now: create" in moved
    assert all(line.startswith(secret.lower()) for line in moved), "the rest are the role assignments at it"
    sealed.plan.check(sealed.now())


def test_a_deleted_resource_group_is_named_with_everything_in_it(sealed: Sealed) -> None:
    group = next(one.id for one in sealed.plan.changes if one.id.endswith("/rg-ff-contoso-dev"))
    moved = moved_without(sealed, group)
    assert f"{group.lower()}: planned: same, now: create" in moved
    inside = {one.id.lower() for one in sealed.plan.changes if one.id.lower().startswith(f"{group.lower()}/")}
    assert inside == {line.partition(": ")[0] for line in moved} & inside
    sealed.plan.check(sealed.now())


def test_an_app_registration_that_others_have_changed_is_named_and_one_of_others_is_not(tmp_path: Path) -> None:
    given = variant("dev", sign_on={"method": "secretless", "registration": "new"})
    estate = installed(tmp_path, given)
    arm = LocalArm(estate.azure, given.subscription.subscription)
    plan = make_plan(given, arm)
    (tmp_path / "plan.json").write_text(plan.to_json(), encoding="utf-8")
    sealed, store = read_plan(tmp_path / "plan.json"), estate.azure.emulator.resources
    (app,) = store.of_type("graph/applications")
    theirs = replace(app, id="/graph/applications/theirs", name="theirs", desired={"id": "theirs", "appId": "theirs"})
    store.save(theirs)
    sealed.check(make_plan(given, arm))
    web = {**as_object(app.desired.get("web")), "redirectUris": []}
    store.save(replace(app, desired={**app.desired, "web": web}))
    (moved,) = sealed._moved(make_plan(given, arm))
    arm.close()
    estate.azure.database.close()
    assert moved.startswith("directory:flowforge-contoso-dev: ")


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
    with pytest.raises(PlanOutdated, match="now: not in the plan"):
        sealed.plan.check(plan)
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
