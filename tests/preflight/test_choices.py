"""Lists for the fields of the wizard: what Azure offers, with what decides, and the reason for what cannot be chosen."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from installer.answers.draft import Draft
from installer.answers.questions import all_questions
from installer.cloud.errors import AzureRefused
from installer.cloud.models import Choice
from installer.cloud.rest import Method, Response
from installer.jsontypes import Json
from installer.preflight.choices import DEPEND_ON, LISTS, Offer
from installer.preflight.reads import NotVisible, Reads
from tests.bicep.answers_variants import REGION
from tests.cloud.no_cloud import FakeService
from tests.emulator.in_memory import SUBSCRIPTION
from tests.preflight.surveyed import sample, subject_of

HUB = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
ZONE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones"


@contextmanager
def offer(folder: Path, network: str = "", **survey: Any) -> Iterator[Offer]:
    """An embedded Azure with a survey, to read lists from."""
    with subject_of(folder, sample(), **survey) as subject:
        yield Offer(subject.arm, subject.graph, SUBSCRIPTION, REGION, network)


class Table(FakeService):
    """A service with a table of lists."""

    def __init__(self, table: Mapping[str, list[Json] | AzureRefused]) -> None:
        super().__init__()
        self.table = table

    @override
    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        assert method == "GET"
        found = self.table[path.partition("?")[0]]
        if isinstance(found, AzureRefused):
            raise found
        return Response(200, {"value": found})


def named(found: list[Choice]) -> dict[str, Choice]:
    return {one.value: one for one in found}


def test_every_source_of_a_question_has_a_list() -> None:
    sources = {question.ask.source for question in all_questions().values()} - {None}
    assert sources == {*LISTS, "tenants", "subscriptions", "regions", "networks"}
    assert {source for sources in DEPEND_ON.values() for source in sources} == set(LISTS)
    assert DEPEND_ON.keys() <= all_questions().keys()


def test_machine_sizes_have_cores_memory_zones_and_quota(tmp_path: Path) -> None:
    closed = {"resourceType": "virtualMachines", "location": REGION, "name": "Standard_D8ds_v5"}
    with offer(tmp_path, skuRestrictions=[closed]) as given:
        nodes, system = named(LISTS["node_sizes"](given)), named(LISTS["system_sizes"](given))
    four = nodes["Standard_D4ds_v5"]
    assert four.usable
    assert re.fullmatch(r"4 cores · 16 GB · \d+ free · zones 1 2 3", four.fact)
    assert nodes["Standard_D8ds_v5"].fact == "is not available to this subscription (NotAvailableForSubscription)"
    assert not nodes["Standard_D8ds_v5"].usable
    assert nodes["Standard_D2ds_v5"].usable
    assert system["Standard_D2ds_v5"].fact == "system nodes need 4 cores"
    assert "B series" in system["Standard_B4ms"].fact
    assert [one.usable for one in nodes.values()] == sorted((one.usable for one in nodes.values()), reverse=True)
    assert not {"Standard_B1s", "Standard_B1ms", "Standard_B1ls"} & nodes.keys()


def test_sizes_without_a_visible_quota_are_listed(tmp_path: Path) -> None:
    sku: Json = {
        "name": "Standard_D4ps_v5",
        "resourceType": "virtualMachines",
        "family": "standardDPSv5Family",
        "capabilities": [{"name": "vCPUs", "value": "4"}, {"name": "CpuArchitectureType", "value": "Arm64"}],
    }
    plain: Json = {
        "name": "Standard_D4s_v5",
        "resourceType": "virtualMachines",
        "capabilities": [{"name": "vCPUs", "value": "4"}],
    }
    compute = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute"
    refused = AzureRefused("no right", status=403)
    table: dict[str, list[Json] | AzureRefused] = {
        f"{compute}/skus": [sku, plain],
        f"{compute}/locations/{REGION}/usages": refused,
    }
    reads = Reads(Table(table))
    found = named(LISTS["node_sizes"](Offer(reads, reads, SUBSCRIPTION, REGION)))
    assert found["Standard_D4s_v5"] == Choice("Standard_D4s_v5", "", "4 cores · ? GB · no zones")
    assert found["Standard_D4ps_v5"] == Choice("Standard_D4ps_v5", "", "the images are for x64", usable=False)
    reads.close()


def test_database_sizes(tmp_path: Path) -> None:
    with offer(tmp_path) as given:
        found = named(LISTS["postgres_sizes"](given))
    assert found["Standard_D2ds_v5"].fact == "2 cores · 8 GB · high availability"
    assert found["Standard_B1ms"].fact == "1 core · 2 GB · no zone redundancy"


def test_subnets_of_the_hub_with_their_ranges_and_delegations(tmp_path: Path) -> None:
    delegated = {"name": "x", "properties": {"serviceName": "Microsoft.Web/serverFarms"}}
    subnets = [
        {"name": "snet-shared", "properties": {"addressPrefix": "10.0.1.0/26"}},
        {"name": "snet-web", "properties": {"addressPrefixes": ["10.0.2.0/26"], "delegations": [delegated]}},
    ]
    hub = {
        "id": HUB,
        "location": REGION,
        "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets},
    }
    with offer(tmp_path, HUB, resources=[hub]) as given:
        found = named(LISTS["hub_subnets"](given))
    assert found["snet-shared"] == Choice("snet-shared", "10.0.1.0/26")
    assert found["snet-web"] == Choice(
        "snet-web", "10.0.2.0/26", "delegated to Microsoft.Web/serverFarms", usable=False
    )
    with offer(tmp_path / "none") as given:
        assert LISTS["hub_subnets"](given) == []


def test_groups_of_private_zones_are_counted(tmp_path: Path) -> None:
    zones = [
        {"id": f"{ZONE}/{name}", "location": "global", "properties": {}}
        for name in ("privatelink.a.net", "privatelink.b.net")
    ]
    with offer(tmp_path, resources=zones) as given:
        (found,) = LISTS["zone_groups"](given)
    assert (found.label, found.fact) == ("rg-dns", "2 private DNS zones")
    assert found.value == ZONE.partition("/providers/")[0]


def test_groups_and_applications_are_chosen_by_name() -> None:
    table: dict[str, list[Json] | AzureRefused] = {
        "/groups": [
            {"id": "2", "displayName": "b users"},
            {"id": "1", "displayName": "A admins"},
            {"displayName": "broken"},
        ],
        "/applications": [{"appId": "3", "displayName": "FlowForge"}],
    }
    reads = Reads(Table(table))
    given = Offer(reads, reads, SUBSCRIPTION, REGION)
    assert LISTS["groups"](given) == [Choice("1", "A admins"), Choice("2", "b users")]
    assert LISTS["applications"](given) == [Choice("3", "FlowForge")]
    reads.close()


def test_a_list_that_may_not_be_read_says_so() -> None:
    reads = Reads(Table({"/groups": AzureRefused("Insufficient privileges", status=403)}))
    with pytest.raises(NotVisible, match="groups of the tenant"):
        LISTS["groups"](Offer(reads, reads, SUBSCRIPTION, REGION))
    reads.close()


def test_certificates_have_their_vault_group_and_end() -> None:
    vault = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-certs/providers/Microsoft.KeyVault/vaults"

    def secret(name: str, kind: str = "application/x-pkcs12", **attributes: Json) -> Json:
        uri = f"https://kv-certs.vault.azure.net/secrets/{name}"
        return {"name": name, "properties": {"secretUri": uri, "contentType": kind, "attributes": attributes}}

    table: dict[str, list[Json] | AzureRefused] = {
        f"/subscriptions/{SUBSCRIPTION}/resources": [{"id": f"{vault}/kv-certs"}, {"id": f"{vault}/kv-closed"}],
        f"{vault}/kv-closed/secrets": AzureRefused("no", status=403, error={"code": "AuthorizationFailed"}),
        f"{vault}/kv-certs/secrets": [
            secret("site", exp=4102444800, enabled=True),
            secret("old", exp=1577836800),
            secret("off", exp=4102444800, enabled=False),
            secret("pem", "application/x-pem-file"),
            secret("password", "text/plain"),
        ],
    }
    with closing(Reads(Table(table))) as arm, closing(Reads(Table({}))) as graph:
        found = LISTS["certificates"](Offer(arm, graph, SUBSCRIPTION, REGION))
    start = "https://kv-certs.vault.azure.net/secrets"
    assert found == [
        Choice(f"{start}/pem", "rg-certs", "no end known"),
        Choice(f"{start}/site", "rg-certs", "expires 2100-01-01"),
        Choice(f"{start}/off", "rg-certs", "disabled", usable=False),
        Choice(f"{start}/old", "rg-certs", "expired 2020-01-01", usable=False),
    ]


def test_a_chosen_certificate_answers_the_group_of_its_vault() -> None:
    draft, key = Draft(), "ingress.certificate_uri"
    uri = "https://kv-certs.vault.azure.net/secrets/site"
    draft.give(key, uri)
    draft.choose(key, uri, "rg-certs")
    assert draft.value("ingress.certificate_group") == "rg-certs"
