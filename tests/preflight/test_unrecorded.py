"""Existing resources without recorded answers: what Azure would refuse to change is found, what the product has made itself is right."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from installer.jsontypes import Json
from installer.preflight.changes import CHANGES
from installer.preflight.model import Finding, Result
from installer.preflight.reads import Reads
from installer.preflight.report import result_of
from installer.preflight.subject import Subject
from tests.bicep.answers_matrix import MATRIX
from tests.emulator.deployments.deployed_estate import new_estate
from tests.emulator.in_memory import SCOPE, run
from tests.preflight.surveyed import LocalService, checked, sample, subject_of, with_way
from tests.preflight.test_survey_gaps import Changed

GROUP: Final = f"{SCOPE}/resourceGroups/rg-ff-contoso-dev"
SHARED: Final = f"{SCOPE}/resourceGroups/rg-ff-contoso-platform"
DEPLOYED: Final = (
    "01-trial-public",
    "05-mixed-runtimes",
    "11-existing-hub",
    "18-postgres-injected",
    "26-everything-optional",
)


@pytest.mark.parametrize("name", DEPLOYED)
def test_what_the_product_has_deployed_is_right_without_its_record(tmp_path: Path, name: str) -> None:
    given = MATRIX[name]
    estate = new_estate(tmp_path, given)
    run(estate.deploy(given, all_stages=True))
    arm, graph = LocalService(estate.azure), LocalService(estate.azure, "/v1.0")
    reads = (Reads(arm), Reads(graph))
    try:
        result = result_of(CHANGES, Subject(given, *reads, arm.target))
    finally:
        for one in reads:
            one._pool.shutdown(cancel_futures=True)
        arm.close()
        graph.close()
    assert [finding.what for finding in result.findings] == []
    (proof,) = result.proofs
    assert proof.text.endswith(" existing resources without a record of their answers can become as planned")


def existing(group: str, resource_type: str, name: str, **members: Any) -> dict[str, Json]:
    where = f"{group}/providers/{resource_type}/{name}"
    return {"id": where, "type": resource_type, "name": name, "location": "swedencentral", **members}


ACCOUNT: Final = ("Microsoft.Storage/storageAccounts", "stffcontosodev")
CASES: Final = {
    "a flat account": (
        existing(GROUP, *ACCOUNT, kind="StorageV2", sku={"name": "Standard_ZRS"}, properties={"isHnsEnabled": False}),
        "AccountPropertyCannotBeUpdated",
        "stffcontosodev (Storage account) exists, and Azure refuses to change isHnsEnabled from false to true",
        "storage_account.dev=stffcontosodev2",
    ),
    "a larger server": (
        existing(
            SHARED,
            "Microsoft.DBforPostgreSQL/flexibleServers",
            "pg-ff-contoso",
            properties={"storage": {"storageSizeGB": 4096}},
        ),
        "StorageSizeDecreaseNotSupported",
        "refuses to change storage.storageSizeGB from 4096 to ",
        "postgres=pg-ff-contoso2",
    ),
    "a cluster of another network": (
        existing(
            GROUP,
            "Microsoft.ContainerService/managedClusters",
            "aks-ff-contoso-dev",
            properties={"dnsPrefix": "other", "networkProfile": {"networkPlugin": "kubenet"}},
        ),
        "PropertyChangeNotAllowed",
        "dnsPrefix from other to aks-ff-contoso-dev, networkProfile.networkPlugin from kubenet to azure",
        "kubernetes.dev=aks-ff-contoso-dev2",
    ),
    "a vault with another retention": (
        existing(GROUP, "Microsoft.KeyVault/vaults", "kv-ff-contoso-dev", properties={"softDeleteRetentionInDays": 7}),
        "BadRequest",
        "refuses to change softDeleteRetentionInDays from 7 to ",
        "key_vault.dev=kv-ff-contoso-dev2",
    ),
}


def found(folder: Path, *resources: dict[str, Json]) -> Result:
    return checked(folder, CHANGES, sample(), resources=[*resources])


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


@pytest.mark.parametrize("name", CASES)
def test_a_resource_that_cannot_become_as_planned_is_named_and_another_name_leaves_it(
    tmp_path: Path, name: str
) -> None:
    resource, code, words, renamed = CASES[name]
    finding = only(found(tmp_path / "before", resource))
    assert (finding.severity, finding.code, finding.where) == ("blocks", code, resource["id"])
    assert words in finding.what
    assert "; necessary: " in finding.why
    assert finding.ways[0].answers == (("governance.names", [renamed]),)
    after = checked(tmp_path / "after", CHANGES, with_way(sample(), finding), resources=[resource])
    assert after.state == "passed"


def test_a_resource_that_azure_could_not_create_is_created_again(tmp_path: Path) -> None:
    def failed(live: Any) -> Any:
        return {**live, "properties": {**live["properties"], "provisioningState": "Failed"}}

    with subject_of(tmp_path, sample(), resources=[CASES["a flat account"][0]]) as subject:
        arm = Changed(subject.arm, "storageAccounts/stffcontosodev?", failed)
        assert result_of(CHANGES, replace(subject, arm=arm)).findings == ()
        arm._pool.shutdown(cancel_futures=True)


def test_only_the_group_of_this_installation_is_to_be_deleted(tmp_path: Path) -> None:
    resource = CASES["a flat account"][0]
    theirs = only(found(tmp_path / "theirs", resource, {"id": GROUP, "location": "swedencentral", "properties": {}}))
    assert "ask the owner of the group rg-ff-contoso-dev" in theirs.ways[1].text
    tagged: dict[str, Json] = {"id": GROUP, "location": "swedencentral", "tags": {"flowforge-installation": "contoso"}}
    own = only(found(tmp_path / "own", resource, {**tagged, "properties": {}}))
    assert "az group delete --subscription " in own.ways[1].text


NETWORK: Final = "Microsoft.Network/virtualNetworks"


def by_hand(**subnets: str) -> dict[str, Json]:
    """A network of the planned name with these subnets, each in use; _ in a name is -."""
    inside: list[Json] = [
        {
            "name": name.replace("_", "-"),
            "properties": {"addressPrefix": prefix, "ipConfigurations": [{"id": f"{GROUP}/nic"}]},
        }
        for name, prefix in subnets.items()
    ]
    space: Json = {"addressPrefixes": ["10.40.0.0/16", "10.200.0.0/16"]}
    return existing(GROUP, NETWORK, "vnet-ff-contoso-dev", properties={"addressSpace": space, "subnets": inside})


@pytest.mark.parametrize(
    ("subnets", "code"),
    [
        ({"default": "10.200.0.0/24"}, ""),
        ({"snet_nodes": "10.200.1.0/24"}, "InUsePrefixCannotBeDeleted"),
        ({"default": "10.40.64.0/24"}, "NetcfgInvalidSubnet"),
    ],
    ids=["other ranges", "a planned name in another range", "another name in a planned range"],
)
def test_ranges_of_an_existing_network_are_kept_and_subnets_do_not_move(
    tmp_path: Path, subnets: dict[str, str], code: str
) -> None:
    result = found(tmp_path, by_hand(**subnets))
    assert [finding.code for finding in result.findings] == ([code] if code else [])
    assert all("10.40.64.0/22" in finding.what for finding in result.findings)
