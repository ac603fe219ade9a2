"""Providers, sizes, quotas and names: a clean subscription has no finding; each problem is named, and its way out removes it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer.cloud.errors import AzureRefused
from installer.preflight.checks import CHECKS
from installer.preflight.model import Check, Finding, Report
from installer.preflight.names import NAMES
from installer.preflight.offers import OFFERS
from installer.preflight.quota import QUOTA
from installer.preflight.report import check_all
from installer.preflight.sizes import SIZES
from tests.bicep.answers_variants import REGION
from tests.emulator.in_memory import SUBSCRIPTION
from tests.preflight.surveyed import checked, sample, subject_of, with_way

if TYPE_CHECKING:
    from installer.jsontypes import Json


def only(found: tuple[Finding, ...]) -> Finding:
    """The only finding."""
    (finding,) = found
    return finding


def test_a_clean_subscription_has_no_finding_and_every_check_proves_something(tmp_path: Path) -> None:
    given = sample("dev", "qa", "uat", "prod", sizing={"preset": "production"})
    with subject_of(tmp_path, given) as subject:
        report = check_all(subject, CHECKS)
    assert report.findings == ()
    assert {result.state for result in report.results} == {"passed"}


def test_checks_of_four_environments_send_few_requests_and_none_twice(tmp_path: Path) -> None:
    given = sample("dev", "qa", "uat", "prod", sizing={"preset": "production"})
    with subject_of(tmp_path, given) as subject:
        first = check_all(subject, CHECKS)
        again = check_all(subject, CHECKS)
        sent = list(subject.arm.service.sent)  # type: ignore[attr-defined]
    assert len(sent) < 80
    assert len(sent) == len(set(sent)) or all(
        method == "POST" for method, path in sent if sent.count((method, path)) > 1
    )
    assert isinstance(again, Report)
    assert again.requests == first.requests


def test_a_type_that_a_region_does_not_offer(tmp_path: Path) -> None:
    region = {"name": REGION, "unavailable": ["Microsoft.DBforPostgreSQL/flexibleServers"]}
    finding = only(checked(tmp_path, OFFERS, sample(), regions=[region]).findings)
    assert finding.what.startswith("Microsoft.DBforPostgreSQL/flexibleServers is not offered in Sweden Central")
    assert finding.code == "LocationNotAvailableForResourceType"
    solved = with_way(sample(), finding)
    assert checked(tmp_path / "again", OFFERS, solved, regions=[region]).state == "passed"


def test_a_region_that_does_not_exist(tmp_path: Path) -> None:
    given = sample(region="atlantis")
    finding = next(iter(checked(tmp_path, OFFERS, given).findings))
    assert finding.what == "atlantis is no region of this subscription"


@pytest.mark.parametrize(
    ("restriction", "words"),
    [
        ({}, "is not available to this subscription (NotAvailableForSubscription)"),
        ({"zones": ["2"]}, "is not available in zone 2 (NotAvailableForSubscription)"),
    ],
)
def test_a_vm_size_that_the_subscription_may_not_use(
    tmp_path: Path, restriction: dict[str, list[str]], words: str
) -> None:
    given = sample(sizing={"preset": "production"}, platform={"zones": "all"})
    closed = {"resourceType": "virtualMachines", "location": REGION, "name": "Standard_D8ds_v5", **restriction}
    finding = only(checked(tmp_path, SIZES, given, skuRestrictions=[closed]).findings)
    assert words in finding.what
    solved = with_way(given, finding)
    assert solved.sizing.node_size != given.sizing.node_size
    assert checked(tmp_path / "again", SIZES, solved, skuRestrictions=[closed]).findings == ()


def test_a_region_that_refuses_postgresql(tmp_path: Path) -> None:
    closed = {"resourceType": "flexibleServers", "location": REGION, "reason": "SubscriptionNotAllowed"}
    finding = only(checked(tmp_path, SIZES, sample(), skuRestrictions=[closed]).findings)
    assert finding.code == "LocationIsOfferRestricted"
    assert "SubscriptionNotAllowed" in finding.what


@pytest.mark.parametrize("quota", ["cores", "standardDDSv5Family"])
def test_a_quota_counts_the_autoscaler_and_the_surge_of_an_upgrade(tmp_path: Path, quota: str) -> None:
    # System pool: at most 3 nodes of 4 cores, flow pool: at most 6 of 4; an upgrade adds 2 nodes.
    line = {"provider": "Microsoft.Compute", "location": REGION, "name": quota, "current": 0}
    assert checked(tmp_path / "enough", QUOTA, sample(), quotas=[{**line, "limit": 44}]).state == "passed"
    finding = only(checked(tmp_path / "less", QUOTA, sample(), quotas=[{**line, "limit": 43}]).findings)
    assert "44 needed, 43 of 43 free" in finding.what
    assert finding.code == "QuotaExceeded"
    solved = with_way(sample(), finding)
    assert checked(tmp_path / "again", QUOTA, solved, quotas=[{**line, "limit": 43}]).state == "passed"


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("Microsoft.Network", "VirtualNetworks"),
        ("Microsoft.Network", "PrivateEndpoints"),
        ("Microsoft.Storage", "StorageAccounts"),
    ],
)
def test_an_exhausted_quota_of_counted_resources(tmp_path: Path, provider: str, name: str) -> None:
    line = {"provider": provider, "location": REGION, "name": name, "limit": 5, "current": 5}
    finding = only(checked(tmp_path, QUOTA, sample(), quotas=[line]).findings)
    assert "0 of 5 free" in finding.what


@pytest.mark.parametrize("name", ["P0v3 VMs", "Total VMs"])
def test_an_app_service_quota_leads_to_container_apps(tmp_path: Path, name: str) -> None:
    given = sample("dev", "prod")
    lines = [
        {"provider": "Microsoft.Web", "location": REGION, "name": each, "limit": 1 if each == name else 9}
        for each in ("P0v3 VMs", "Total VMs")
    ]
    finding = only(checked(tmp_path, QUOTA, given, quotas=lines).findings)
    assert finding.what == f"{name} in {REGION}: 2 needed, 1 of 1 free"
    assert finding.code == "SubscriptionIsOverQuotaForSku"
    assert "az quota" not in finding.ways[-1].text
    assert checked(tmp_path / "again", QUOTA, with_way(given, finding), quotas=lines).findings == ()


def test_azure_refuses_an_app_service_plan_beyond_its_quota(tmp_path: Path) -> None:
    lines = [{"provider": "Microsoft.Web", "location": REGION, "name": "P0v3 VMs", "limit": 1}]
    with subject_of(tmp_path, sample(), quotas=lines) as subject:
        group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-plan"
        subject.arm.service.ask("PUT", f"{group}?api-version=2021-04-01", {"location": REGION})
        plan: dict[str, Json] = {"location": REGION, "kind": "linux", "properties": {"reserved": True}}

        def put(instances: int) -> None:
            path = f"{group}/providers/Microsoft.Web/serverfarms/one?api-version=2024-11-01"
            subject.arm.service.ask("PUT", path, {**plan, "sku": {"name": "P0v3", "capacity": instances}})

        with pytest.raises(AzureRefused) as raised:
            put(2)
        put(1)
    assert raised.value.code == "SubscriptionIsOverQuotaForSku"


def _taken(check: Check, tmp_path: Path, **survey: object) -> Finding:
    return only(checked(tmp_path, check, sample(), **survey).findings)


@pytest.mark.parametrize(
    ("kind", "name", "renamed", "code"),
    [
        (
            "Microsoft.Storage/storageAccounts",
            "stffcontosodev",
            "storage_account.dev=stffcontosodev2",
            "StorageAccountAlreadyTaken",
        ),
        ("Microsoft.KeyVault/vaults", "kv-ff-contoso-dev", "key_vault.dev=kv-ff-contoso-dev2", "VaultAlreadyExists"),
        ("Microsoft.ContainerRegistry/registries", "crffcontoso", "registry=crffcontoso2", "AlreadyInUse"),
        (
            "Microsoft.DBforPostgreSQL/flexibleServers",
            "pg-ff-contoso",
            "postgres=pg-ff-contoso2",
            "ServerNameAlreadyExists",
        ),
        ("Microsoft.Web/sites", "app-ff-contoso-dev", "site.dev=app-ff-contoso-dev2", "Conflict"),
    ],
)
def test_a_taken_name_with_a_free_one(tmp_path: Path, kind: str, name: str, renamed: str, code: str) -> None:
    taken = [{"type": kind, "name": name}]
    finding = _taken(NAMES, tmp_path, takenNames=taken)
    assert f"the name {name}" in finding.what
    assert finding.code == code, "as the embedded Azure refuses the resource"
    assert finding.ways[0].answers == (("governance.names", [renamed]),)
    solved = with_way(sample(), finding)
    assert checked(tmp_path / "again", NAMES, solved, takenNames=taken).state == "passed"


def test_a_deleted_vault_of_others_blocks_its_name(tmp_path: Path) -> None:
    deleted = [{"name": "kv-ff-contoso-dev", "location": "westeurope", "purgeProtection": True}]
    finding = _taken(NAMES, tmp_path, deletedVaults=deleted, subscriptionId=SUBSCRIPTION)
    assert "belongs to a deleted key vault in westeurope" in finding.what
    solved = with_way(sample(), finding)
    assert checked(tmp_path / "again", NAMES, solved, deletedVaults=deleted).state == "passed"


ENVIRONMENT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ff-contoso-dev/providers/Microsoft.App/managedEnvironments/cae-ff-contoso-dev"


def test_cores_of_an_existing_environment_are_compared_with_its_own_limits(tmp_path: Path) -> None:
    given = sample(platform={"runtime": "container_apps", "control_plane": "container_app"})
    there = {"id": ENVIRONMENT, "location": REGION, "properties": {}}

    def limits(consumption: int) -> list["dict[str, Json]"]:
        names = {"ManagedEnvironmentConsumptionCores": consumption, "ManagedEnvironmentGeneralPurposeCores": 500}
        where = {"provider": "Microsoft.App", "location": REGION}
        return [{**where, "name": name, "limit": limit} for name, limit in names.items()]

    few = only(checked(tmp_path / "few", QUOTA, given, resources=[there], quotas=limits(1)).findings)
    assert "cores (ManagedEnvironmentConsumptionCores) are needed; limit of the environment: 1" in few.what
    enough = checked(tmp_path / "enough", QUOTA, given, resources=[there], quotas=limits(100))
    assert enough.findings == ()
    assert any("enough cores for 2 kinds of workload profiles" in proof.text for proof in enough.proofs)


def test_a_free_trial_has_one_environment(tmp_path: Path) -> None:
    platform = {"runtime": "container_apps", "control_plane": "container_app"}
    body = {"id": f"/subscriptions/{SUBSCRIPTION}", "subscriptionPolicies": {"quotaId": "FreeTrial_2014-09-01"}}
    two = checked(tmp_path / "two", QUOTA, sample("dev", "qa", platform=platform), resources=[body])
    assert any(
        one.what == "2 environments are needed; limit of Free Trial: 1 in the subscription" for one in two.findings
    )
    paid = {**body, "subscriptionPolicies": {"quotaId": "PayAsYouGo_2014-09-01"}}
    assert checked(tmp_path / "paid", QUOTA, sample("dev", "qa", platform=platform), resources=[paid]).findings == ()


def test_a_family_without_cores_leads_to_a_size_of_another_one(tmp_path: Path) -> None:
    line = {"provider": "Microsoft.Compute", "location": REGION, "name": "standardDDSv5Family", "limit": 0}
    finding = only(checked(tmp_path / "none", QUOTA, sample(), quotas=[line]).findings)
    assert "44 needed, 0 of 0 free" in finding.what
    way = next(way for way in finding.ways if "whose family has" in way.text)
    assert {key for key, _ in way.answers} == {"sizing.node_size", "sizing.system_node_size"}
    solved = with_way(sample(), finding, finding.ways.index(way))
    assert checked(tmp_path / "again", QUOTA, solved, quotas=[line]).state == "passed"


def test_clusters_of_one_region_upgrade_at_the_same_time(tmp_path: Path) -> None:
    line = {"provider": "Microsoft.Compute", "location": REGION, "name": "cores", "limit": 87}
    finding = only(checked(tmp_path, QUOTA, sample("dev", "qa"), quotas=[line]).findings)
    assert "88 needed, 87 of 87 free" in finding.what


def test_cores_of_databases_lead_to_fewer_or_smaller_servers(tmp_path: Path) -> None:
    line = {"provider": "Microsoft.DBforPostgreSQL", "location": REGION, "name": "cores", "limit": 6}
    given = sample("dev", "prod", sizing={"preset": "production"})
    finding = next(iter(checked(tmp_path / "few", QUOTA, given, quotas=[line]).findings))
    helping = [way.answers[0][0] for way in finding.ways if way.answers]
    assert "sizing.preset" in helping
    number = next(place for place, way in enumerate(finding.ways) if way.answers)
    solved = with_way(given, finding, number)
    codes = {one.what for one in checked(tmp_path / "again", QUOTA, solved, quotas=[line]).findings}
    assert finding.what not in codes


def test_a_cluster_behind_a_load_balancer_takes_an_address_that_no_template_has(tmp_path: Path) -> None:
    given = sample(network={"mode": "public"}, ingress={"kind": "direct"})
    lines = [
        {"provider": "Microsoft.Network", "location": REGION, "name": "PublicIPAddresses", "limit": 3, "current": 3}
    ]
    finding = only(checked(tmp_path, QUOTA, given, quotas=lines).findings)
    assert finding.what == f"PublicIPAddresses in {REGION}: 1 needed, 0 of 3 free"


def test_what_closes_a_region_for_several_environments_is_named_once(tmp_path: Path) -> None:
    closed = [
        {"resourceType": "virtualMachines", "location": REGION},
        {"resourceType": "flexibleServers", "location": REGION, "reason": "closed"},
    ]
    found = checked(tmp_path, SIZES, sample("dev", "prod"), skuRestrictions=closed).findings
    assert len({one.what for one in found}) == len(found) == 2, found


def test_a_size_that_no_pool_can_have_is_named_once_with_another_for_all_pools(tmp_path: Path) -> None:
    closed = [{"resourceType": "virtualMachines", "location": REGION, "name": "Standard_D4ds_v5"}]
    finding = only(checked(tmp_path / "before", SIZES, sample(), skuRestrictions=closed).findings)
    assert {key for key, _ in finding.ways[0].answers} == {"sizing.system_node_size", "sizing.node_size"}
    after = checked(tmp_path / "after", SIZES, with_way(sample(), finding), skuRestrictions=closed)
    assert after.state == "passed"
