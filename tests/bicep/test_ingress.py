"""Stage 8: public access to the web app."""

import json

import pytest

from installer.answers.model import Answers
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.estate.parameters.context import Installation
from installer.jsontypes import Json
from tests.bicep.answers_variants import VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER, snapshot
from tests.bicep.stage_requests import at, of_type, properties, stage_resources
from tests.bicep.waf_model import THRESHOLD, Posted, score

pytestmark = NEEDS_COMPILER

SHARED_GATEWAY = VARIANTS["resolver, locks, behind a gateway"]
FRONT_DOOR = VARIANTS["behind a front door"]
SHARED_FRONT_DOOR = VARIANTS["behind a front door with a key vault certificate"]


def _each(given: Answers) -> Answers:
    """The same answers with an ingress for each environment."""
    return given.model_copy(update={"ingress": given.ingress.model_copy(update={"shared": False})})


GATEWAY = _each(SHARED_GATEWAY)
OWN_CERTIFICATE = _each(SHARED_FRONT_DOOR)


@pytest.mark.parametrize("given", [answers("dev"), VARIANTS["public endpoints"]])
def test_without_a_public_ingress_there_is_no_stage(given: Answers) -> None:
    assert [spec.key for spec in stages(given) if spec.stage == "ingress"] == []


def test_host_names_have_the_environment_as_prefix_except_prod() -> None:
    gateways = of_type(stage_resources(GATEWAY, "ingress"), "Microsoft.Network/applicationGateways")
    hosts = [at(gateway, "properties", "httpListeners", 1, "properties", "hostName") for gateway in gateways]
    assert hosts == ["dev-flowforge.contoso.com", "flowforge.contoso.com"]


def test_a_gateway_sends_the_host_name_of_the_web_app_and_forwards_the_public_one() -> None:
    gateway = of_type(stage_resources(GATEWAY, "ingress"), "Microsoft.Network/applicationGateways")[1]
    (backend,) = [at(gateway, "properties", "backendHttpSettingsCollection", 0, "properties", "hostName")]
    assert backend == "app-ff-contoso-prod.azurewebsites.net"
    assert at(gateway, "properties", "probes", 0, "properties", "path") == "/api/health"
    header = at(
        gateway, "properties", "rewriteRuleSets", 0, "properties", "rewriteRules", 0, "actionSet",
        "requestHeaderConfigurations", 0,
    )  # fmt: skip
    assert header == {"headerName": "X-Forwarded-Host", "headerValue": "{var_host}"}


def test_a_gateway_redirects_http_and_reads_an_unversioned_certificate() -> None:
    gateway = of_type(stage_resources(GATEWAY, "ingress"), "Microsoft.Network/applicationGateways")[1]
    assert at(gateway, "properties", "redirectConfigurations", 0, "properties", "redirectType") == "Permanent"
    uri = at(gateway, "properties", "sslCertificates", 0, "properties", "keyVaultSecretId")
    assert uri == "https://kv-certs.vault.azure.net/secrets/flowforge"
    assert "id-ff-contoso-prod-gateway" in json.dumps(gateway["identity"])


def test_a_gateway_scales_within_its_subnet() -> None:
    gateways = of_type(stage_resources(GATEWAY, "ingress"), "Microsoft.Network/applicationGateways")
    assert len(gateways) == 2
    assert all(at(g, "properties", "autoscaleConfiguration", "maxCapacity") == 10 for g in gateways)
    assert all(g["zones"] == ["1", "2", "3"] for g in gateways)


def test_a_firewall_has_the_mode_of_the_answer() -> None:
    for given, kind, mode in (
        (GATEWAY, "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies", "Prevention"),
        (FRONT_DOOR, "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies", "Prevention"),
        (OWN_CERTIFICATE, "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies", "Detection"),
    ):
        policies = of_type(stage_resources(given, "ingress"), kind)
        assert policies
        assert {at(policy, "properties", "policySettings", "mode") for policy in policies} == {mode}


def test_a_front_door_identifies_its_private_link_request_by_a_message() -> None:
    origins = of_type(stage_resources(OWN_CERTIFICATE, "ingress"), "Microsoft.Cdn/profiles/originGroups/origins")
    messages = [at(o, "properties", "sharedPrivateLinkResource", "requestMessage") for o in origins]
    assert messages == ["FlowForge contoso dev", "FlowForge contoso prod"]


def test_a_front_door_has_a_managed_certificate_or_reads_one() -> None:
    (managed,) = of_type(stage_resources(FRONT_DOOR, "ingress"), "Microsoft.Cdn/profiles/customDomains")
    assert at(managed, "properties", "tlsSettings", "certificateType") == "ManagedCertificate"
    resources = stage_resources(OWN_CERTIFICATE, "ingress")
    assert len(of_type(resources, "Microsoft.Cdn/profiles/secrets")) == 2
    profiles = of_type(resources, "Microsoft.Cdn/profiles")
    assert len(profiles) == 2
    assert all("identity" in profile for profile in profiles)


def test_the_web_app_is_reachable_only_through_the_firewall() -> None:
    """The default domain of the endpoint would bypass the custom domain and its firewall."""
    (route,) = of_type(stage_resources(FRONT_DOOR, "ingress"), "Microsoft.Cdn/profiles/afdEndpoints/routes")
    assert properties(route)["linkToDefaultDomain"] == "Disabled"
    assert properties(route)["httpsRedirect"] == "Enabled"


_SEGMENT = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.a--b0xDEADbeef-Zq9-_w-0-1-2-3-4-5-6-7-8-9-a-b.c0xABCd--e-f"
"""A token as base64url can be: with the comment sequence, hexadecimal numbers and many hyphens."""
FIREWALLS = [
    (GATEWAY, "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"),
    (FRONT_DOOR, "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies"),
]
CALLBACK = Posted(
    fields={
        "code": f"1.AXoA{_SEGMENT}",
        "id_token": _SEGMENT,
        "state": f"redir=%2F&nonce={_SEGMENT}_20261129",
        "session_state": "0d3b1c52-5c0e-4a7e-9a38-1d7c0b2e6f44",
    },
    cookies={"AppServiceAuthSession": f"{_SEGMENT}==", "AppServiceAuthSession1": _SEGMENT, "Nonce": _SEGMENT},
)
ATTACKS = ["1' or 1=1 /* x */", "1;-- drop-table", "0xDEADBEEF union select"]


@pytest.mark.parametrize(("given", "kind"), FIREWALLS)
def test_the_firewall_lets_the_callback_of_entra_through(given: Answers, kind: str) -> None:
    policies = [properties(policy) for policy in of_type(stage_resources(given, "ingress"), kind)]
    assert policies
    assert [score(policy, CALLBACK) for policy in policies] == [0] * len(policies)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(("given", "kind"), FIREWALLS)
def test_the_firewall_blocks_the_same_text_elsewhere(given: Answers, kind: str, attack: str) -> None:
    policy = properties(of_type(stage_resources(given, "ingress"), kind)[0])
    assert score(policy, Posted(fields={"comment": attack})) >= THRESHOLD
    assert score(policy, Posted(cookies={"theme": attack})) >= THRESHOLD
    assert score(policy, Posted(fields={"id_token_hint": attack, "State": attack})) >= THRESHOLD


def test_a_gateway_inspects_the_largest_body_that_it_accepts() -> None:
    """learn.microsoft.com, web-application-firewall/ag/application-gateway-waf-request-size-limits."""
    settings = at(properties(of_type(stage_resources(GATEWAY, "ingress"), FIREWALLS[0][1])[0]), "policySettings")
    assert isinstance(settings, dict)
    assert settings["maxRequestBodySizeInKb"] == settings["requestBodyInspectLimitInKB"] == 2000
    assert settings["requestBodyEnforcement"] is True


def test_one_gateway_in_the_hub_serves_all_environments() -> None:
    assert [spec.key for spec in stages(SHARED_GATEWAY) if spec.stage == "ingress"] == ["ingress"]
    (gateway,) = of_type(stage_resources(SHARED_GATEWAY, "ingress"), "Microsoft.Network/applicationGateways")
    assert str(gateway["id"]).endswith(
        "/rg-ff-contoso-platform/providers/Microsoft.Network/applicationGateways/agw-ff-contoso-hub"
    )
    subnet = at(gateway, "properties", "gatewayIPConfigurations", 0, "properties", "subnet", "id")
    assert str(subnet).endswith("/virtualNetworks/vnet-ff-contoso-hub/subnets/snet-gateway")
    rules = at(gateway, "properties", "requestRoutingRules")
    assert isinstance(rules, list)
    assert [at(rule, "name") for rule in rules] == ["http-dev", "https-dev", "http-prod", "https-prod"]
    priorities = [at(rule, "properties", "priority") for rule in rules]
    assert len(set(map(str, priorities))) == len(priorities)
    for index, (environment, host) in enumerate(
        (("dev", "dev-flowforge.contoso.com"), ("prod", "flowforge.contoso.com"))
    ):
        listener = at(gateway, "properties", "httpListeners", 2 * index + 1)
        assert (at(listener, "name"), at(listener, "properties", "hostName")) == (f"https-{environment}", host)
        pool = at(gateway, "properties", "backendAddressPools", index)
        address = at(pool, "properties", "backendAddresses", 0, "fqdn")
        assert (at(pool, "name"), address) == (environment, f"app-ff-contoso-{environment}.azurewebsites.net")
        assert str(at(rules[2 * index + 1], "properties", "backendAddressPool", "id")).endswith(f"/{environment}")


def test_the_hub_has_the_subnet_of_a_shared_gateway_instead_of_the_spokes() -> None:
    def gateways(given: Answers) -> list[str]:
        subnets = of_type(stage_resources(given, "network"), "Microsoft.Network/virtualNetworks/subnets")
        inline = of_type(stage_resources(given, "network"), "Microsoft.Network/virtualNetworks")
        text = json.dumps([*subnets, *inline])
        return [one for one in ("hub", "dev", "prod") if f"nsg-ff-contoso-{one}-gateway" in text]

    assert gateways(SHARED_GATEWAY) == ["hub"]
    assert gateways(GATEWAY) == ["dev", "prod"]


def test_one_front_door_has_parts_for_every_environment() -> None:
    resources = stage_resources(SHARED_FRONT_DOOR, "ingress")
    (profile,) = of_type(resources, "Microsoft.Cdn/profiles")
    assert profile["name"] == "afd-ff-contoso-hub"
    assert len(of_type(resources, "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies")) == 1
    for kind, names in {
        "afdEndpoints": ["fde-ff-contoso-dev", "fde-ff-contoso-prod"],
        "originGroups": ["dev", "prod"],
        "customDomains": ["dev-flowforge-contoso-com", "flowforge-contoso-com"],
        "securityPolicies": ["waf-dev", "waf-prod"],
        "secrets": ["certificate"],
    }.items():
        found = of_type(resources, f"Microsoft.Cdn/profiles/{kind}")
        assert [str(one["id"]).rpartition("/")[2] for one in found] == names
    assert len(of_type(resources, "Microsoft.Cdn/profiles/originGroups/origins")) == 2


def test_only_one_identity_reads_the_certificate_of_a_shared_ingress() -> None:
    readers = [one for one in stages(SHARED_GATEWAY) if one.stage == "foundation"]
    assert len(readers) == 1
    identities = of_type(
        stage_resources(SHARED_GATEWAY, "foundation"), "Microsoft.ManagedIdentity/userAssignedIdentities"
    )
    gateways = [str(one["name"]) for one in identities if str(one["name"]).endswith("-gateway")]
    assert gateways == ["id-ff-contoso-prod-gateway"]
    (gateway,) = of_type(stage_resources(SHARED_GATEWAY, "ingress"), "Microsoft.Network/applicationGateways")
    assert "id-ff-contoso-prod-gateway" in json.dumps(gateway["identity"])


@pytest.mark.parametrize(
    ("given", "shared"),
    [
        (SHARED_GATEWAY, True),
        (SHARED_FRONT_DOOR, True),
        (GATEWAY, False),
        (FRONT_DOOR, False),  # one environment
        (VARIANTS["existing networks, DNS by policy"], False),  # the hub belongs to the organization
    ],
)
def test_an_ingress_is_shared_by_several_environments_in_a_new_hub(given: Answers, shared: bool) -> None:
    assert Installation(given).shares_ingress is shared


@pytest.mark.parametrize("given", [SHARED_GATEWAY, SHARED_FRONT_DOOR])
def test_the_ingress_sends_its_logs(given: Answers) -> None:
    settings = of_type(stage_resources(given, "ingress"), "Microsoft.Insights/diagnosticSettings")
    assert any("/agw-ff-contoso-hub/" in str(one["id"]) or "/afd-ff-contoso-hub/" in str(one["id"]) for one in settings)


RULE: Json = {
    "name": "OnlyAtHome",
    "priority": 10,
    "ruleType": "MatchRule",
    "action": "Block",
    "matchConditions": [{"matchVariable": "RemoteAddr", "operator": "GeoMatch", "matchValue": ["ZZ"]}],
}


def _exclusion(selector: str) -> Json:
    return {"matchVariable": "QueryStringArgNames", "selectorMatchOperator": "Equals", "selector": selector}


def _changed_by_others(policy: dict[str, Json]) -> dict[str, Json]:
    """A policy of either ingress with another custom rule, exclusions, overrides of managed rules, and a rule set."""
    managed = json.loads(json.dumps(policy["managedRules"]))
    default, bots = managed["managedRuleSets"]
    disabled = {"ruleId": "941100", "enabledState": "Disabled", "action": "Log", "exclusions": []}
    default["ruleGroupOverrides"].append({"ruleGroupName": "XSS", "rules": [disabled]})
    bots["ruleGroupOverrides"] = [{"ruleGroupName": "UnknownBots", "rules": [{**disabled, "ruleId": "300700"}]}]
    managed["managedRuleSets"].append({"ruleSetType": "Microsoft_HTTPDDoSRuleSet", "ruleSetVersion": "1.0"})
    if "exclusions" in managed:
        managed["exclusions"].append(_exclusion("query"))
        return {**policy, "customRules": [RULE], "managedRules": managed}
    default["exclusions"] = [_exclusion("query")]
    sql = default["ruleGroupOverrides"][0]
    sql["exclusions"] = [_exclusion("filter")]
    sql["rules"][-1]["exclusions"].append(_exclusion("where"))
    sql["rules"].append({**disabled, "ruleId": "942200"})
    return {**policy, "customRules": {"rules": [RULE]}, "managedRules": managed}


@pytest.mark.parametrize("given", [GATEWAY, SHARED_GATEWAY, FRONT_DOOR, SHARED_FRONT_DOOR])
def test_rules_of_others_and_their_exceptions_stay_in_their_firewall_policy(given: Answers) -> None:
    it = given.subscription
    where = {"subscription_id": it.subscription, "tenant_id": it.tenant, "location": it.region}
    for spec in [spec for spec in stages(given) if spec.stage == "ingress"]:
        ((parameter, place),) = {(one.parameter, one.resource_id) for one in spec.kept}
        (before,) = [found for found in stage_resources(given, "ingress") if found["id"] == place]
        live: dict[str, Json] = {**before, "properties": _changed_by_others(properties(before))}
        known: Json = {"value": {one.key: json.dumps(one.select(live)) for one in spec.kept}}
        after = snapshot(spec, {**spec.parameters(PLACEHOLDER_OUTPUTS), parameter: known}, **where)
        (policy,) = [found for found in after if found["id"] == place]
        assert properties(policy) == live["properties"]
        assert not any(one.select(before) for one in spec.kept)
