"""Certificates: a vault that the ingress cannot read, and a certificate that is not valid, are named; so does Azure refuse them."""

import json
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.errors import ArmError
from installer.emulator.providers import registry
from installer.emulator.state.resources import Resource
from installer.emulator.survey import parse
from installer.jsontypes import Json
from installer.preflight.certificates import CERTIFICATES
from installer.preflight.model import Finding, Result
from tests.bicep.answers_variants import WAF
from tests.emulator.asgi_client import local
from tests.emulator.in_memory import SCOPE, SUBSCRIPTION
from tests.preflight.surveyed import checked, sample, with_way

START: Final = 1_790_000_000
YEAR: Final = 365 * 86_400
GATEWAY: Final = {"kind": "gateway", **WAF}
FRONT_DOOR: Final = {"kind": "frontdoor", "certificate": "key_vault", **WAF}
CODE: Final = "ApplicationGatewayKeyVaultSecretException"
Objects = list[dict[str, Json]]


def stored(group: str = "rg-certificates", *, vault: dict[str, Json] | None = None, **attributes: Json) -> Objects:
    """A vault with a valid certificate, changed by the properties given."""
    where = f"{SCOPE}/resourceGroups/{group}"
    at = f"{where}/providers/Microsoft.KeyVault/vaults/kv-certs"
    facts: dict[str, Json] = {"enableRbacAuthorization": True, **(vault or {})}
    usual: dict[str, Json] = {"enabled": True, "exp": START + YEAR, **attributes}
    return [
        {"id": where, "location": "swedencentral"},
        {"id": at, "location": "swedencentral", "properties": facts},
        {"id": f"{at}/secrets/flowforge", "properties": {"attributes": usual}},
    ]


def found(tmp_path: Path, resources: Objects, ingress: dict[str, str] = GATEWAY) -> Result:
    return checked(tmp_path, CERTIFICATES, sample(ingress=ingress), resources=resources)


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


BAD: Final = {
    "access policies": ({"vault": {"enableRbacAuthorization": False}}, "the key vault kv-certs uses access policies"),
    "firewall": (
        {"vault": {"networkAcls": {"defaultAction": "Deny", "bypass": "None"}}},
        "the firewall of the key vault kv-certs does not admit trusted Microsoft services",
    ),
    "closed": (
        {"vault": {"publicNetworkAccess": "Disabled", "networkAcls": {"bypass": "None"}}},
        "the firewall of the key vault kv-certs does not admit trusted Microsoft services",
    ),
    "disabled": ({"enabled": False}, "the certificate flowforge is disabled"),
    "expired": ({"exp": START - 60}, "the certificate flowforge expired at 2026-09-21 14:12 UTC"),
}


def test_without_a_certificate_of_a_vault_there_is_nothing_to_check(tmp_path: Path) -> None:
    assert checked(tmp_path, CERTIFICATES, sample()).state == "passed"


@pytest.mark.parametrize("ingress", [GATEWAY, FRONT_DOOR], ids=["gateway", "front door"])
def test_a_readable_certificate_is_proved_but_for_its_host_names(tmp_path: Path, ingress: dict[str, str]) -> None:
    result = found(tmp_path, stored(), ingress)
    assert result.findings == ()
    assert {proof.text for proof in result.proofs} == {
        "the ingress can read from the key vault kv-certs by its role",
        "the certificate flowforge is valid until 2027-09-21 14:13 UTC",
    }
    assert [one.what for one in result.not_checked] == ["whether the certificate covers flowforge.contoso.com"]


@pytest.mark.parametrize("problem", list(BAD))
def test_a_certificate_that_cannot_be_read_is_named_and_azure_refuses_it(tmp_path: Path, problem: str) -> None:
    changes, words = BAD[problem]
    finding = only(found(tmp_path, stored(**changes)))  # type: ignore[arg-type]  # vault or attributes
    assert (finding.severity, finding.what, finding.code) == ("blocks", words, CODE)
    assert _azure_refuses(tmp_path / "azure", stored(**changes))  # type: ignore[arg-type]  # vault or attributes


def test_azure_accepts_what_the_check_accepts(tmp_path: Path) -> None:
    trusted: Json = {"defaultAction": "Deny", "bypass": "AzureServices"}
    resources = stored(vault={"networkAcls": trusted})
    assert found(tmp_path, resources).findings == ()
    assert not _azure_refuses(tmp_path / "azure", resources)


def _azure_refuses(folder: Path, resources: Objects) -> bool:
    """Whether a gateway fails with the certificate, and Front Door is refused."""
    folder.mkdir()
    content = {"version": 1, "subscriptionId": SUBSCRIPTION, "resources": resources}
    world = local(folder, survey=parse(json.dumps(content)))
    vault = resources[1]["id"]
    uri = "https://kv-certs.vault.azure.net/secrets/flowforge"
    gateway = {"sslCertificates": [{"name": "c", "properties": {"keyVaultSecretId": uri}}]}
    secret = {"parameters": {"type": "CustomerCertificate", "secretSource": {"id": f"{vault}/secrets/flowforge"}}}

    def context(kind: str, properties: Json) -> tuple[str, Resource]:
        where = f"{SCOPE}/resourceGroups/rg/providers/{kind}/one"
        return kind, Resource(where, kind, "one", "", "Creating", START, START, desired={"properties": properties})

    kind, resource = context("Microsoft.Network/applicationGateways", gateway)  # type: ignore[arg-type]  # JSON
    failure = registry.hooks_of(kind).failure(world.emulator.provider_context(resource))
    kind, resource = context("Microsoft.Cdn/profiles/secrets", secret)  # type: ignore[arg-type]  # JSON
    try:
        registry.hooks_of(kind).check(world.emulator.provider_context(resource))
        refused = False
    except ArmError:
        refused = True
    world.database.close()
    assert refused == (failure is not None)
    assert failure is None or failure.code == CODE
    return refused


def test_a_vault_in_another_group_leads_there(tmp_path: Path) -> None:
    given = sample(ingress=GATEWAY)
    resources = stored("rg-other")
    finding = only(checked(tmp_path, CERTIFICATES, given, resources=resources))
    assert finding.what == "there is no key vault kv-certs in the resource group rg-certificates"
    solved = with_way(given, finding)
    assert solved.ingress.certificate_group == "rg-other"
    assert checked(tmp_path / "again", CERTIFICATES, solved, resources=resources).findings == ()


def test_a_vault_that_does_not_exist_leads_to_a_managed_certificate(tmp_path: Path) -> None:
    given = sample(ingress=FRONT_DOOR)
    finding = only(checked(tmp_path, CERTIFICATES, given))
    assert finding.code == "ParentResourceNotFound"
    assert checked(tmp_path / "again", CERTIFICATES, with_way(given, finding, 1)).state == "passed"


def test_a_certificate_that_ends_soon_is_a_warning(tmp_path: Path) -> None:
    finding = only(found(tmp_path, stored(exp=START + 86_400)))
    assert (finding.severity, finding.what) == ("warns", "the certificate flowforge expires at 2026-09-22 14:13 UTC")


def test_a_secret_that_resource_manager_does_not_show_is_not_checked(tmp_path: Path) -> None:
    result = found(tmp_path, stored()[:2])
    assert result.findings == ()
    assert result.not_checked[0].what == "the certificate flowforge"
