"""Changed answers are compared with the table of immutable properties, for each file and each answer of the model."""

import itertools
import os
from collections.abc import Iterator
from itertools import islice
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.emulator.errors import ArmError
from installer.emulator.providers.immutable import check_immutable, kept
from installer.emulator.state.resources import Resource
from installer.estate.blocked import Elsewhere, Overlapping
from installer.estate.changes import blocked_changes, compare, responsible
from installer.estate.parameters import stages
from installer.estate.resources import predicted
from installer.json_access import JsonObject
from tests.answers.changed_answers import KEYS, changed
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import OTHER, answers
from tests.emulator.in_memory import Bench, bench

EVERY: Final = bool(os.environ.get("FLOWFORGE_EVERY_CHANGE"))
"""Whether each answer is changed in each file, which takes ten minutes; else each answer in one of them."""
FILES_FOR_EACH: Final = 1
LEAST_TRIED: Final = 60


def _cases() -> Iterator[tuple[str, str]]:
    """Files and answers: every answer of the model in some files, or in all."""
    files = itertools.cycle(MATRIX)
    for key in KEYS:
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
        for new in changed(file, key) if EVERY else islice(changed(file, key), 1):
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


def test_a_subnet_in_the_range_of_an_existing_one_is_refused_until_that_is_gone() -> None:
    """The runtimes of an environment use the same range: their subnets exclude each other."""
    former = answers("dev", "prod")
    found = blocked_changes(former, answers("dev", "prod", platform={"runtime": "container_apps"}))
    subnets = [one for one in found if isinstance(one, Overlapping)]
    assert {(one.id.rpartition("/")[2], one.element) for one in subnets} == {("snet-nodes", "snet-apps")}
    assert len(subnets) == 2
    assert all("overlaps snet-nodes (10.40." in one.sentence() for one in subnets)
    assert subnets[0].holds({"properties": {"addressPrefix": subnets[0].before}})
    assert not subnets[0].holds({"properties": {"addressPrefix": "10.99.0.0/24"}})
    assert responsible(former, answers("dev", "prod", platform={"runtime": "container_apps"}), tuple(subnets)) == (
        "platform.runtime",
    )


def test_an_environment_does_not_move_to_another_subscription_under_the_same_names() -> None:
    former = answers("dev", "prod")
    new = answers("dev", "prod", own={"prod": {"subscription": OTHER}})
    found = [one for one in compare(former, new).blocked if isinstance(one, Elsewhere)]
    assert {one.type.rpartition("/")[2] for one in found} == {"vaults", "storageAccounts", "sites", "flexibleServers"}
    assert all("refuses a second one" in one.sentence() and OTHER in one.sentence() for one in found)
    names = [
        f"{kind}.prod=ffother{kind.replace('_', '')}"
        for kind in ("key_vault", "storage_account", "site", "own_postgres")
    ]
    renamed = answers("dev", "prod", own={"prod": {"subscription": OTHER}}, governance={"names": names})
    assert not [one for one in compare(former, renamed).blocked if isinstance(one, Elsewhere)]


def test_a_network_keeps_its_zone_when_another_group_is_to_have_one_of_the_same_name() -> None:
    """The zone of a Container Apps environment: a network cannot be linked to two zones of a name."""
    former = MATRIX["37-existing-hub-plain"]
    group = f"/subscriptions/{OTHER}/resourceGroups/rg-dns-new"
    new = former.model_copy(update={"network": former.network.model_copy(update={"dns_group_id": group})})
    found = blocked_changes(former, new)
    assert {one.id.rpartition("/")[2] for one in found} == {"to-hub", "to-dev"}
    assert all("delete the link of the former zone" in one.sentence() for one in found)


def test_a_removed_environment_leaves_the_private_link_scope_by_its_entries() -> None:
    """Azure does not delete a resource that is in a scope, so its entry is named, and a run deletes it."""
    chosen = {"private_link": "open"}
    changes = compare(answers("dev", "prod", monitoring=chosen), answers("dev", monitoring=chosen))
    entries = [one.name for one in changes.left_over if one.kind == "scopedResources"]
    assert [name.rpartition("/")[2] for name in entries] == ["collection-prod", "component-prod"]
