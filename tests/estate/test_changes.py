"""Changed answers are compared with the table of immutable properties, for each file and each answer of the model."""

import itertools
import os
from collections.abc import Iterator
from typing import Final, Literal, get_args, get_origin

import pytest
from pydantic import ValidationError

from installer.answers.draft import Draft
from installer.answers.model import PAGES, Answers
from installer.answers.rules import broken
from installer.emulator.errors import ArmError
from installer.emulator.providers.immutable import check_immutable, kept
from installer.emulator.state.resources import Resource
from installer.errors import InvalidAnswers
from installer.estate.changes import blocked_changes, compare, responsible
from installer.estate.parameters import stages
from installer.estate.resources import predicted
from installer.json_access import JsonObject
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import answers
from tests.emulator.in_memory import Bench, bench

NOT_CHANGED: Final = frozenset({"subscription.prefix", "subscription.tenant", "subscription.cloud"})
"""Answers that name another installation."""
EVERY: Final = bool(os.environ.get("FLOWFORGE_EVERY_CHANGE"))
"""Whether each answer is changed in each file, which takes ten minutes; else each answer in one of them."""
FILES_FOR_EACH: Final = 1
LEAST_TRIED: Final = 60


def _values(page: str, name: str, now: object) -> Iterator[object]:
    """Other values of an answer, from its type."""
    field = PAGES[page].model_fields[name]
    kind = field.annotation
    if get_origin(kind) is Literal:
        yield from (value for value in get_args(kind) if value != now)
    elif isinstance(now, bool):
        yield not now
    elif isinstance(now, int):
        yield from (now + 1, max(now - 1, 0))
    elif isinstance(now, str) and now and name not in {"subscription", "client_id", "client_secret"}:
        yield from (f"{now[:-1]}9", f"{now}x", "westeurope", "Standard_D16ds_v5", "10.64.0.0/16")


def _changed(former: Answers, key: str) -> Iterator[Answers]:
    page, _, name = key.partition(".")
    for value in _values(page, name, getattr(getattr(former, page), name)):
        draft = Draft.of(former)
        draft.give(key, value)
        try:
            found = draft.answers()
        except (InvalidAnswers, ValidationError):
            continue
        if found != former and not list(broken(draft.view())):
            yield found


def _cases() -> Iterator[tuple[str, str]]:
    """Files and answers: every answer of the model in some files, or in all."""
    keys = [f"{page}.{name}" for page, fields in PAGES.items() for name in fields.model_fields]
    files = itertools.cycle(MATRIX)
    for key in keys:
        if key in NOT_CHANGED:
            continue
        for file in MATRIX if EVERY else [next(files) for _ in range(FILES_FOR_EACH)]:
            yield file, key


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """An embedded Azure that is asked what it refuses."""
    return bench(tmp_path_factory.mktemp("azure"))


def _bodies(given: Answers) -> dict[str, JsonObject]:
    return {str(raw["id"]).lower(): dict(raw) for spec in stages(given) for raw in predicted(given, spec)}


def _refused(azure: Bench, before: JsonObject, after: JsonObject) -> bool:
    """Whether the embedded Azure refuses or ignores a part of the change of a resource."""

    def stored(raw: JsonObject) -> Resource:
        return Resource(str(raw["id"]), str(raw["type"]), "", str(raw["apiVersion"]), "Succeeded", 0, 0, desired=raw)

    old, new = stored(before), stored(after)
    try:
        check_immutable(azure.emulator.provider_context(new, old))
    except ArmError:
        return True
    return kept(new, old) != new.desired


def test_no_changed_answer_sends_what_azure_refuses(azure: Bench) -> None:
    """Each answer is changed to each other value of its type; what Azure would refuse is found before it is sent."""
    tried = blocked = 0
    for file, key in _cases():
        former = MATRIX[file]
        for new in _changed(former, key):
            tried += 1
            found = {one.id.lower() for one in blocked_changes(former, new)}
            before, after = _bodies(former), _bodies(new)
            refused = {one for one in before.keys() & after.keys() if _refused(azure, before[one], after[one])}
            assert refused <= found, (file, key, refused - found)
            blocked += bool(found)
    assert tried >= LEAST_TRIED
    assert blocked


def test_the_same_answers_change_nothing() -> None:
    for given in MATRIX.values():
        assert compare(given, given.model_copy()) == compare(given, given)
        assert not compare(given, given).blocked


def test_posture_and_size_never_change_a_fixed_property_silently() -> None:
    former = answers("dev", "prod", sizing={"preset": "team"})
    new = answers("dev", "prod", governance={"posture": "hardened"})
    found = compare(former, new).blocked
    changed = {one.rule.label for one in found}
    assert {"softDeleteRetentionInDays", "backup.geoRedundantBackup", "vmSize", "availabilityZones"} <= changed
    assert all("necessary:" in one.sentence() and "meanwhile:" in one.sentence() for one in found)
    assert {"sizing.node_size", "data.geo_backup", "data.soft_delete_days", "sizing.postgres_ha"} == set(
        responsible(former, new, found)
    )


def test_zones_are_an_answer_of_their_own() -> None:
    former = answers("dev", "prod", sizing={"preset": "team"})
    available = answers("dev", "prod", sizing={"preset": "team", "postgres_ha": True})
    assert {one.rule.label for one in compare(former, available).blocked} == {
        "availabilityZones",
        "agentPoolProfiles.availabilityZones",
        "sku.name",
        "zones",
    }
    with_own = answers("dev", "prod", sizing={"preset": "team", "postgres_ha": True}, platform={"zones": "none"})
    assert not compare(former, with_own).blocked


def test_what_the_answers_no_longer_ask_for_is_named_without_its_contents() -> None:
    monitoring = {"emails": ["data@contoso.com"], "budget": 100, "budget_start": "2026-12-01"}
    left = compare(answers("dev", "prod", monitoring=monitoring), answers("dev")).left_over
    types = {one.kind for one in left}
    assert {"resourceGroups", "metricAlerts", "budgets", "actionGroups"} <= types
    groups = {one.name for one in left if one.kind == "resourceGroups"}
    assert not [one for one in left if one.group in groups]
