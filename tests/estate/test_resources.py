"""Planned resources of an installation, and the duration of its critical path."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from installer.answers.files import load
from installer.answers.model import Answers
from installer.arm_templates import Plan
from installer.durations import Duration, usual_seconds
from installer.estate import resources as resources_module
from installer.estate.bodies import planned_bodies
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, StageSpec, stages
from installer.estate.resources import Stage, critical_seconds, estate, namespaces, resources
from tests.answers.answers_files import FEW, FOLDER
from tests.bicep.answers_variants import OTHER
from tests.bicep.answers_variants import answers as variant


def dev() -> tuple[Stage, ...]:
    return estate(load(FOLDER / "dev.yaml").answers)


@FEW
def test_every_stage_has_resources_each_once_and_where_it_says(path: Path) -> None:
    answers = load(path).answers
    found = estate(answers)
    assert [stage.spec.key for stage in found] == [spec.key for spec in stages(answers)]
    assert found
    assert all(stage.resources and stage.usual > 0 for stage in found)
    every = list(resources(answers))
    assert len({resource.id.lower() for resource in every}) == len(every)
    homes = {
        answers.subscription.subscription,
        *re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", path.read_text()),
    }
    for resource in every:
        assert resource.id.split("/")[2] in homes
        assert not resource.group or f"/resourceGroups/{resource.group}/" in resource.id
        assert resource.usual == usual_seconds(resource.type)
        assert resource.kind
        assert "/" not in resource.kind


@FEW
def test_the_same_answers_give_the_same_estate(path: Path) -> None:
    answers = load(path).answers
    assert estate(answers) is estate(load(path).answers)
    other = answers.subscription.model_copy(update={"prefix": "other"})
    assert {r.id for r in resources(answers.model_copy(update={"subscription": other}))} != {
        r.id for r in resources(answers)
    }


def test_a_stage_takes_at_least_its_slowest_resource_and_at_most_all_of_them() -> None:
    found = dev()
    assert found
    for stage in found:
        times = [resource.usual for resource in stage.resources]
        assert max(times) <= stage.usual <= sum(times)


def stage(key: str, usual: float, *needs: str) -> Stage:
    first = dev()[0]
    return Stage(replace(first.spec, key=key, needs=needs), first.resources, Duration.of(usual))


def test_the_longest_chain_counts_not_the_sum() -> None:
    parts = (stage("a", 10), stage("b", 100), stage("c", 20, "a"), stage("d", 5, "c", "b"))
    assert critical_seconds(parts) == 105
    assert critical_seconds(parts[:3]) == 100
    assert critical_seconds(()) == 0.0


def test_the_chain_of_a_real_estate_is_shorter_than_its_sum() -> None:
    found = dev()
    assert max(part.usual for part in found) < critical_seconds(found) <= sum(part.usual for part in found)


def test_the_namespaces_are_those_of_the_resources_each_once() -> None:
    found = namespaces(dev())
    assert list(found) == sorted(set(found))
    assert {"Microsoft.Network", "Microsoft.Storage", "Microsoft.ContainerService"} <= set(found)
    assert found
    assert all("/" not in namespace for namespace in found)


def test_container_apps_need_no_cluster() -> None:
    answers = load(FOLDER / "container-apps.yaml").answers
    assert "Microsoft.App" in namespaces(estate(answers))
    types = {resource.type for stage in estate(answers) for resource in stage.resources}
    assert not any(name.startswith("Microsoft.ContainerService/") for name in types)


@pytest.mark.parametrize("kind", ["Microsoft.Storage/storageAccounts", "microsoft.containerservice/MANAGEDCLUSTERS"])
def test_durations_are_found_whatever_the_case(kind: str) -> None:
    assert usual_seconds(kind) == usual_seconds(kind.upper()) != usual_seconds("Nobody.Knows/this")


def test_an_unknown_type_takes_the_usual_time() -> None:
    assert usual_seconds("Nobody.Knows/this") == usual_seconds("Nor/that") > 0


def test_other_answers_expand_only_the_stages_that_they_touch_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given = variant("dev", "prod")
    larger = variant("dev", "prod", sizing={"postgres_storage_gb": 256})
    estate(given)
    list(planned_bodies(given))
    touched = [
        spec.key
        for spec, before in zip(stages(larger), stages(given), strict=True)
        if spec.parameters(PLACEHOLDER_OUTPUTS) != before.parameters(PLACEHOLDER_OUTPUTS)
    ]
    assert 0 < len(touched) < len(stages(given))
    expanded: list[str] = []
    original = resources_module._plan

    def counted(it: Answers, spec: StageSpec) -> Plan:
        expanded.append(spec.key)
        return original(it, spec)

    monkeypatch.setattr(resources_module, "_plan", counted)
    estate(larger)
    list(planned_bodies(larger))
    assert expanded == touched


def test_other_secrets_are_other_resources_also_after_an_estate_with_the_same_parameters() -> None:
    def written(answers: Answers) -> set[str]:
        return {one.name.rpartition("/")[2] for one in resources(answers) if one.type.endswith("/vaults/secrets")}

    assert "prefect-auth" in written(variant("dev", platform={"prefect": "server"}))
    key = {"cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:KEY"}
    on_cloud = written(variant("dev", platform={"prefect": "cloud", **key}))
    assert "prefect-cloud-key" in on_cloud
    assert "prefect-auth" not in on_cloud
