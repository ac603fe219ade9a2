"""Predicted resources of all stages: every id and name is known before the deployment."""

import json
import re
from collections.abc import Iterator

import pytest

from installer.answers.model import Answers
from installer.conventions.naming import INSTALLATION_TAG
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, StageSpec, stages
from installer.jsontypes import Json
from tests.bicep.answers_variants import REGION, SUBSCRIPTION, TENANT, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER, SECRET, snapshot

pytestmark = NEEDS_COMPILER

UNTAGGED = {
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Consumption/budgets",
    "Microsoft.Insights/dataCollectionRuleAssociations",
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
}
"""Types that have no tags."""
GIVEN_BY_AZURE = re.compile(r"reference\(.*\.(oidcIssuerProfile\.issuerURL|ConnectionString)\b")
"""Values that only Azure assigns: the token issuer of a cluster and the connection string of a component."""


def resources_of(spec: StageSpec) -> list[dict[str, Json]]:
    parameters = spec.parameters(PLACEHOLDER_OUTPUTS)
    return snapshot(spec, parameters, subscription_id=SUBSCRIPTION, tenant_id=TENANT, location=REGION)


def estate(given: Answers) -> list[dict[str, Json]]:
    return [resource for spec in stages(given) for resource in resources_of(spec)]


def strings(value: Json) -> Iterator[str]:
    """Every string in a JSON value, including object keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)


def of_type(resources: list[dict[str, Json]], kind: str) -> list[dict[str, Json]]:
    return [resource for resource in resources if resource["type"] == kind]


@pytest.mark.parametrize("name", VARIANTS)
def test_ids_and_names_are_resolved_before_the_deployment(name: str) -> None:
    """Values that Azure assigns, such as object ids, may be unresolved, but no resource id and no name."""
    resources = estate(VARIANTS[name])
    assert [r["id"] for r in resources if "[" in str(r["id"]) or "[" in str(r["name"])] == []
    left = {text for text in strings(list[Json](resources)) if text.startswith("[") and text != "["}
    assert {text for text in left if "reference(" not in text and "[parameters('values')" not in text} == set()


@pytest.mark.parametrize("name", VARIANTS)
def test_no_two_resources_share_an_id(name: str) -> None:
    ids = [str(resource["id"]).lower() for resource in estate(VARIANTS[name])]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("name", VARIANTS)
def test_every_taggable_resource_has_the_installation_tag(name: str) -> None:
    for resource in estate(VARIANTS[name]):
        tags = resource.get("tags")
        if "location" in resource or resource["type"] == "Microsoft.Resources/resourceGroups":
            assert isinstance(tags, dict), resource["id"]
            assert tags[INSTALLATION_TAG] == VARIANTS[name].subscription.prefix
        else:
            assert resource["type"] in UNTAGGED or str(resource["type"]).count("/") >= 2, resource["id"]


def test_a_secret_is_sent_only_to_the_vault() -> None:
    resources = estate(VARIANTS["four environments in production, with a secret"])
    assert SECRET not in json.dumps(resources)
    holders = [
        str(r["id"]) for r in resources if any("sign-on-client-secret" in t and t.startswith("[") for t in strings(r))
    ]
    assert [holder.rsplit("/providers/", 1)[1] for holder in holders] == [
        f"Microsoft.KeyVault/vaults/kv-ff-contoso-{environment}/secrets/sign-on-client-secret"
        for environment in ("dev", "qa", "uat", "prod")
    ]


def test_an_added_environment_does_not_change_the_others() -> None:
    before = {str(r["id"]): r for r in estate(answers("dev", "prod"))}
    after = {str(r["id"]): r for r in estate(answers("dev", "qa", "prod"))}
    assert before.items() <= after.items()
    added = [after[resource] for resource in after.keys() - before.keys()]
    # Named by a hash or by the object id of the database administrator.
    unnamed = {"Microsoft.Authorization/roleAssignments", "Microsoft.DBforPostgreSQL/flexibleServers/administrators"}
    assert [r["id"] for r in added if r["type"] not in unnamed and "qa" not in str(r["id"])] == []


def test_a_spoke_routes_through_the_firewall() -> None:
    resources = estate(VARIANTS["three environments, behind a firewall, open API"])
    assert of_type(resources, "Microsoft.Network/natGateways") == []
    routes = of_type(resources, "Microsoft.Network/routeTables")
    assert len(routes) == 3
    assert "10.0.0.4" in strings(routes[0]["properties"])
    spokes = [
        r for r in of_type(resources, "Microsoft.Network/virtualNetworks/subnets") if "-hub/" not in str(r["name"])
    ]
    routed = {str(r["name"]).rpartition("/")[2] for r in spokes if "/routeTables/" in json.dumps(r)}
    assert routed == {"snet-nodes", "snet-web"}


def test_there_is_one_runtime() -> None:
    clusters, environments = "Microsoft.ContainerService/managedClusters", "Microsoft.App/managedEnvironments"
    on_kubernetes, on_container_apps = estate(answers("dev")), estate(VARIANTS["container apps"])
    assert len(of_type(on_kubernetes, clusters)) == 1
    assert of_type(on_kubernetes, environments) == []
    assert len(of_type(on_container_apps, environments)) == 1
    assert of_type(on_container_apps, clusters) == []


@pytest.mark.parametrize(("method", "access"), [("later", "Disabled"), ("secretless", "Enabled")])
def test_the_web_app_has_no_public_access_before_sign_on(method: str, access: str) -> None:
    sign_on = {"method": method} if method == "later" else {"method": method, "client_id": TENANT}
    (site,) = of_type(estate(answers("dev", sign_on=sign_on, ingress={"kind": "direct"})), "Microsoft.Web/sites")
    assert isinstance(site["properties"], dict)
    assert site["properties"]["publicNetworkAccess"] == access
    assert site["properties"]["httpsOnly"] is True


def test_roles_are_assigned_to_service_principals_at_single_resources() -> None:
    granted = of_type(estate(VARIANTS["two environments, secretless"]), "Microsoft.Authorization/roleAssignments")
    assert granted
    for assignment in granted:
        assert isinstance(assignment["properties"], dict)
        assert assignment["properties"]["principalType"] == "ServicePrincipal"
        scope = str(assignment["id"]).removesuffix(
            f"/providers/Microsoft.Authorization/roleAssignments/{assignment['name']}"
        )
        assert "/providers/" in scope
