"""A removal does exactly what its forecast has announced, for each kind of installation, also when it is killed and started again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from installer.answers.model import Answers
from installer.estate.parameters.context import Installation
from installer.json_access import as_text, member
from installer.operations.removal import deletion, steps
from installer.operations.removal.forecast import forecast
from installer.steps import polling
from installer.steps.plan import name_steps
from tests.bicep.answers_matrix import MATRIX
from tests.emulator.asgi_client import API
from tests.emulator.deployments.deployed_estate import new_estate
from tests.emulator.in_memory import run
from tests.operations.removal.removals import Removal
from tests.planning.local_arm import record_answers
from tests.steps.step_context import Attempt

SHORT: Final = ("01-trial-public", "14-existing-networks-zones-theirs", "37-existing-hub-plain")
"""Files that together have both runtimes, existing networks and hubs, and resources in groups of others."""
FILES: Final = [pytest.param(name, marks=() if name in SHORT else pytest.mark.long) for name in MATRIX]
SOFT_DELETED: Final = ("/deletedvaults/", "/deletedworkspaces/", "/deletedbackupinstances/")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "MIN_SECONDS", 0.001)
    monkeypatch.setattr(deletion, "POLL_SECONDS", 0.0)


@contextmanager
def installed(path: Path, answers: Answers, stages: int | None = None) -> Iterator[tuple[Removal, set[str]]]:
    """An installation, and what was in Azure before it; `stages`: number of stages after which its run has ended."""
    removal = Removal(new_estate(path, answers), answers)
    before = removal.contents()
    run(removal.estate.deploy(answers, all_stages=True, first=stages))
    record_answers(removal.estate, answers)
    if not Installation(answers).registers:  # an administrator has made the app registrations
        before |= {one for one in removal.contents() if one.startswith("/graph/")}
    try:
        yield removal, before
    finally:
        removal.close()


def left(removal: Removal, before: set[str]) -> set[str]:
    """IDs that were not in Azure before the installation, without what Azure keeps for recovery."""
    assert before <= removal.contents(), "it has removed what is not of the installation"
    return {one for one in removal.contents() - before if not any(kind in one for kind in SOFT_DELETED)}


def names_kept(removal: Removal) -> set[str]:
    """Names that Azure keeps for recovery: of key vaults and workspaces."""
    store = removal.estate.azure.emulator.resources
    deleted = store.of_type("Microsoft.KeyVault/locations/deletedVaults")
    deleted += store.of_type("Microsoft.OperationalInsights/deletedWorkspaces")
    return {one.name for one in deleted}


@pytest.mark.parametrize("name", FILES)
def test_a_removal_does_what_its_forecast_announces(tmp_path: Path, name: str) -> None:
    answers = MATRIX[name]
    with installed(tmp_path, answers) as (removal, before):
        made = removal.forecast()
        assert (made.findings, made.not_checked) == ((), ())
        result = removal.run(made)
        assert {key: str(error) for key, error in result.failures.items()} == {}
        kept = {one.id.lower() for one in made.kept if one.own}
        strange = {
            one for one in left(removal, before) if not any(one == key or one.startswith(f"{key}/") for key in kept)
        }
        assert strange == set()
        assert kept <= removal.contents()
        azure = [one for one in made.names if "App registration" not in one.what]
        assert {one.what.partition(" (")[0] for one in azure} == names_kept(removal)
        again = removal.forecast()
        assert again.going == ()
        assert removal.records() == [] or not made.deployments
        assert {one.id.lower() for one in again.names} == {one.id.lower() for one in azure}
        assert [one for one in again.kept if one.own] == [one for one in made.kept if one.own]


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_removal_that_is_started_again_reaches_the_same_end(tmp_path: Path, seed: int) -> None:
    random = Random(seed)  # noqa: S311  for moments, not for secrets
    with installed(tmp_path, MATRIX["37-existing-hub-plain"]) as (removal, before):
        kills = 0
        while removal.run(removal.forecast(), kill_after=random.randrange(9)).state != "succeeded":
            kills += 1
            assert kills < 60
        assert kills > 2
        assert left(removal, before) == set()
        assert removal.records() == []
        assert len(names_kept(removal)) == 4


@pytest.mark.parametrize("stages", [1, 3])
def test_a_first_attempt_that_has_failed_is_removed_in_the_same_way(tmp_path: Path, stages: int) -> None:
    with installed(tmp_path, MATRIX["14-existing-networks-zones-theirs"], stages) as (removal, before):
        assert removal.run(removal.forecast()).state == "succeeded"
        assert left(removal, before) == set()


def _other(removal: Removal, path: str, version: str, **body: Any) -> str:
    run(removal.estate.ask("PUT", f"{path}?api-version={version}", body))
    return path


def test_what_others_have_in_a_group_stays_with_the_group(tmp_path: Path) -> None:
    with installed(tmp_path, MATRIX["01-trial-public"]) as (removal, before):
        group = f"{removal.estate.scope}/resourceGroups/rg-ff-contoso-dev"
        kind = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        theirs = _other(removal, f"{kind}/id-theirs", "2024-11-30", location="swedencentral")
        tagged = _other(
            removal, f"{kind}/id-x", "2024-11-30", location="westus3", tags={"flowforge-installation": "other"}
        )
        made = removal.forecast()
        reasons = {one.id: one.why for one in made.kept}
        assert reasons[theirs] == "it is not of this installation"
        assert reasons[tagged] == "it belongs to the installation other"
        assert removal.run(made).state == "succeeded"
        assert left(removal, before) == {theirs.lower(), tagged.lower(), group.lower()}


def test_a_group_that_a_cluster_manages_is_left_to_the_cluster(tmp_path: Path) -> None:
    """AKS copies the tags of a cluster to the group of its nodes (grinntec.net, node-resource-group; managedBy in REST API)."""
    with installed(tmp_path, MATRIX["01-trial-public"]) as (removal, _):
        scope = removal.estate.scope
        _other(
            removal,
            f"{scope}/resourceGroups/rg-nodes",
            API,
            location="swedencentral",
            tags={"flowforge-installation": "contoso"},
            managedBy=f"{scope}/resourceGroups/rg-ff-contoso-dev/providers/Microsoft.ContainerService/managedClusters/aks",
        )
        assert "rg-nodes" not in {one.name for one in removal.forecast().groups}


def test_locks_of_others_are_in_the_way_and_own_ones_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "LOCK_SECONDS", 0.01)
    with installed(tmp_path, MATRIX["32-own-names"]) as (removal, _):
        assert len(removal.forecast().locks) == 6
        lock = "providers/Microsoft.Authorization/locks/by-audit"
        where = f"{removal.estate.scope}/resourceGroups/rg-data-prod/{lock}"
        _other(removal, where, "2020-05-01", properties={"level": "CanNotDelete"})
        made = removal.forecast()
        assert made.blocks
        (finding,) = made.findings
        assert (finding.code, finding.where.rpartition("/")[2]) == ("ScopeLocked", "rg-data-prod")
        assert f"--ids {where}" in finding.ways[0].text
        before = removal.contents()
        (failed,) = [error for key, error in removal.run(made).failures.items() if key == "removal-rg-data-prod"]
        assert "ScopeLocked" in str(failed)
        assert where.lower() in before & removal.contents()


def test_a_group_is_deleted_once_azure_has_processed_the_deletion_of_its_locks(tmp_path: Path) -> None:
    with installed(tmp_path, MATRIX["32-own-names"]) as (removal, before):
        assert removal.run(removal.forecast()).state == "succeeded"
        group = f"{removal.estate.scope}/resourceGroups/rg-data-prod?"
        assert sum(method == "DELETE" and path.startswith(group) for method, path in removal.arm.sent) > 1
        assert left(removal, before) == set()


def test_a_running_deployment_is_in_the_way(tmp_path: Path) -> None:
    with installed(tmp_path, MATRIX["01-trial-public"]) as (removal, _):
        existing = removal.read()
        running: Any = {**existing.deployments[0], "properties": {"provisioningState": "Running"}}
        made = forecast(removal.extent, replace(existing, deployments=(running,)), 0.0)
        assert [one.code for one in made.findings] == ["DeploymentActive"]


def test_a_backup_vault_stays_until_azure_forgets_its_deleted_backups(tmp_path: Path) -> None:
    with installed(tmp_path, MATRIX["26-everything-optional"]) as (removal, before):
        assert removal.run(removal.forecast()).state == "succeeded"
        kept = [one for one in removal.forecast().kept if one.own and one.until]
        assert {one.what for one in kept} == {
            "bvault-ff-contoso-dev (Backup vault)",
            "bvault-ff-contoso-prod (Backup vault)",
        }
        store = removal.estate.azure.emulator.resources
        for one in store.of_type("Microsoft.DataProtection/backupVaults/deletedBackupInstances"):
            assert (
                as_text(member(one.computed, "properties", "deletionInfo", "scheduledPurgeTime"))[:10] == kept[0].until
            )
            store.remove(one.id)  # as Azure does at that time
        assert removal.run(removal.forecast()).state == "succeeded"
        assert left(removal, before) == set()


@pytest.mark.parametrize("shared", [False, True], ids=["its own record set", "a record set with another address"])
def test_dns_records_go_from_zones_of_others_unless_these_share_them(tmp_path: Path, *, shared: bool) -> None:
    answers = MATRIX["10-gateway-detection"]
    with installed(tmp_path, answers) as (removal, _):
        group = f"{removal.estate.scope}/resourceGroups/rg-names"
        _other(removal, group, API, location="swedencentral")
        zone = _other(
            removal, f"{group}/providers/Microsoft.Network/dnszones/contoso.com", "2018-05-01", location="global"
        )
        it = Installation(answers)
        for step in tuple(name_steps(it, removal.arm)):
            Attempt().run(replace(step, needs=()))
        host = it.public_host(it.environments[-1])
        (record,) = [one.path for one in removal.read().records if one.line.startswith(f"{host} ")]
        where = record.partition("?")[0]
        if shared:
            body = removal.arm.find(record)
            addresses: Any = member(body, "properties", "ARecords")
            own: Any = [*addresses, {"ipv4Address": "198.51.100.250"}]
            _other(removal, where, "2018-05-01", properties={"TTL": 60, "ARecords": own})
        made = removal.forecast()
        assert (where in {one.id for one in made.outside}) is not shared
        assert any("ask the owner of the zone" in one.why for one in made.kept) is shared
        assert removal.run(made).state == "succeeded"
        assert (where.lower() in removal.contents()) is shared
        assert zone.lower() in removal.contents()
        advice = [text for text in removal.events if f"left: DNS record {host}" in text]
        assert bool(advice) is shared


def test_the_scan_reports_what_should_have_gone(tmp_path: Path) -> None:
    with installed(tmp_path, MATRIX["01-trial-public"]) as (removal, _):
        made = removal.forecast()
        (platform,) = [one for one in made.groups if one.shared]
        result = removal.run(replace(made, groups=tuple(one for one in made.groups if one is not platform)))
        assert result.exit_code == 6
        assert platform.id in str(result.failures["removal-scan"])


def test_the_half_of_a_peering_in_a_network_of_others_is_left_to_its_owner(tmp_path: Path) -> None:
    with installed(tmp_path, MATRIX["dev"]) as (removal, _):
        group = f"{removal.estate.scope}/resourceGroups/rg-theirs"
        _other(removal, group, API, location="swedencentral")
        kind = "providers/Microsoft.Network/virtualNetworks"
        space: Any = {"addressSpace": {"addressPrefixes": ["192.168.0.0/24"]}}
        theirs = _other(removal, f"{group}/{kind}/vnet-x", "2025-05-01", location="swedencentral", properties=space)
        own = f"{removal.estate.scope}/resourceGroups/rg-ff-contoso-dev/{kind}/vnet-ff-contoso-dev"
        for one, other in ((own, theirs), (theirs, own)):
            remote: Any = {"remoteVirtualNetwork": {"id": other}}
            _other(removal, f"{one}/virtualNetworkPeerings/to-x", "2025-05-01", properties=remote)
        made = removal.forecast()
        assert "peering of vnet-x with vnet-ff-contoso-dev" in {one.what for one in made.kept}
        found = removal.read()
        unnamed = replace(found, peerings=tuple({**one, "id": None} for one in found.peerings))
        assert "peering of vnet-x with " in {one.what for one in forecast(removal.extent, unnamed, 0.0).kept}
        assert removal.run(made).state == "succeeded"
        half = removal.arm.find(f"{theirs}/virtualNetworkPeerings/to-x?api-version=2025-05-01")
        assert member(half, "properties", "peeringState") == "Disconnected"
