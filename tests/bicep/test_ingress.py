"""Stage 8: how people reach the web app from outside."""

import json

import pytest

from installer.answers.model import Answers
from installer.estate.parameters import stages
from tests.bicep.answers_variants import VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import at, of_type, properties, taken

pytestmark = NEEDS_COMPILER

GATEWAY = VARIANTS["resolver, locks, behind a gateway"]
FRONT_DOOR = VARIANTS["behind a front door"]
OWN_CERTIFICATE = VARIANTS["behind a front door with a certificate of its own"]


@pytest.mark.parametrize("given", [answers("dev"), VARIANTS["public endpoints"]])
def test_where_nobody_comes_from_outside_there_is_no_stage(given: Answers) -> None:
    assert [spec.key for spec in stages(given) if spec.stage == "ingress"] == []


def test_all_but_prod_have_their_name_in_front_of_the_host() -> None:
    gateways = of_type(taken(GATEWAY, "ingress"), "Microsoft.Network/applicationGateways")
    hosts = [at(gateway, "properties", "httpListeners", 1, "properties", "hostName") for gateway in gateways]
    assert hosts == ["dev-flowforge.contoso.com", "flowforge.contoso.com"]


def test_a_gateway_asks_the_web_app_by_its_own_name_and_tells_it_the_one_that_was_typed() -> None:
    gateway = of_type(taken(GATEWAY, "ingress"), "Microsoft.Network/applicationGateways")[1]
    (backend,) = [at(gateway, "properties", "backendHttpSettingsCollection", 0, "properties", "hostName")]
    assert backend == "app-ff-contoso-prod.azurewebsites.net"
    assert at(gateway, "properties", "probes", 0, "properties", "path") == "/api/health"
    header = at(
        gateway, "properties", "rewriteRuleSets", 0, "properties", "rewriteRules", 0, "actionSet",
        "requestHeaderConfigurations", 0,
    )  # fmt: skip
    assert header == {"headerName": "X-Forwarded-Host", "headerValue": "{var_host}"}


def test_a_gateway_turns_plain_http_away_and_reads_a_certificate_that_is_renewed() -> None:
    gateway = of_type(taken(GATEWAY, "ingress"), "Microsoft.Network/applicationGateways")[1]
    assert at(gateway, "properties", "redirectConfigurations", 0, "properties", "redirectType") == "Permanent"
    uri = at(gateway, "properties", "sslCertificates", 0, "properties", "keyVaultSecretId")
    assert uri == "https://kv-certs.vault.azure.net/secrets/flowforge"
    assert "id-ff-contoso-prod-gateway" in json.dumps(gateway["identity"])


def test_a_gateway_grows_no_further_than_its_subnet() -> None:
    gateways = of_type(taken(GATEWAY, "ingress"), "Microsoft.Network/applicationGateways")
    assert all(at(g, "properties", "autoscaleConfiguration", "maxCapacity") == 10 for g in gateways)
    assert all(g["zones"] == ["1", "2", "3"] for g in gateways)


def test_a_firewall_does_what_was_answered() -> None:
    for given, kind, mode in (
        (GATEWAY, "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies", "Prevention"),
        (FRONT_DOOR, "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies", "Prevention"),
        (OWN_CERTIFICATE, "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies", "Detection"),
    ):
        policies = of_type(taken(given, "ingress"), kind)
        assert policies
        assert {at(policy, "properties", "policySettings", "mode") for policy in policies} == {mode}


def test_a_front_door_asks_for_a_private_link_by_a_message_that_tells_it_apart() -> None:
    origins = of_type(taken(OWN_CERTIFICATE, "ingress"), "Microsoft.Cdn/profiles/originGroups/origins")
    messages = [at(o, "properties", "sharedPrivateLinkResource", "requestMessage") for o in origins]
    assert messages == ["FlowForge contoso dev", "FlowForge contoso prod"]


def test_a_front_door_gets_its_certificate_or_reads_one() -> None:
    (managed,) = of_type(taken(FRONT_DOOR, "ingress"), "Microsoft.Cdn/profiles/customDomains")
    assert at(managed, "properties", "tlsSettings", "certificateType") == "ManagedCertificate"
    resources = taken(OWN_CERTIFICATE, "ingress")
    assert len(of_type(resources, "Microsoft.Cdn/profiles/secrets")) == 2
    assert all("identity" in profile for profile in of_type(resources, "Microsoft.Cdn/profiles"))


def test_only_the_firewall_stands_before_the_web_app() -> None:
    """The endpoint's own name would lead past the custom domain, and past its firewall."""
    (route,) = of_type(taken(FRONT_DOOR, "ingress"), "Microsoft.Cdn/profiles/afdEndpoints/routes")
    assert properties(route)["linkToDefaultDomain"] == "Disabled"
    assert properties(route)["httpsRedirect"] == "Enabled"
