"""The runtime: private clusters, jobs with least privilege, and independent environments."""

import json

import pytest

from installer.conventions.naming.environment import SERVICE_ACCOUNTS
from installer.database_setup.model import DatabaseOrder
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.jsontypes import Json
from tests.bicep.answers_variants import OTHER, Page, answers
from tests.bicep.snapshots import NEEDS_COMPILER, snapshot
from tests.bicep.stage_requests import Resource, at, of_type, properties, stage_resources

pytestmark = NEEDS_COMPILER
CLUSTER = "Microsoft.ContainerService/managedClusters"
JOB = "Microsoft.App/jobs"
APPS = {"runtime": "container_apps"}
BY_FIREWALL: Page = {"egress": "firewall", "firewall_address": "10.250.0.4"}


def cluster_of(sign_on: dict[str, Json] | None = None, **platform: Json) -> dict[str, Json]:
    given = answers("dev", sign_on=sign_on or {}, platform=platform)
    (found,) = of_type(stage_resources(given, "runtime"), CLUSTER)
    return properties(found)


def test_a_cluster_accepts_entra_authentication_only() -> None:
    cluster = cluster_of()
    assert cluster["disableLocalAccounts"] is True
    assert at(cluster, "aadProfile", "enableAzureRBAC") is True
    assert as_dict(at(cluster, "aadProfile")).get("adminGroupObjectIDs") is None
    group = "aaaaaaaa-0000-4000-8000-000000000001"
    own = cluster_of(sign_on={"admin_group": group, "admin_group_name": "admins"})
    assert at(own, "aadProfile", "adminGroupObjectIDs") == [group]


def test_container_insights_without_use_are_off() -> None:
    """Left out, the add-on of a cluster that had it would stay."""
    off = answers("dev", monitoring={"container_insights": False})
    (cluster,) = of_type(stage_resources(off, "runtime"), CLUSTER)
    assert at(properties(cluster), "addonProfiles", "omsagent") == {"enabled": False}
    assert at(cluster_of(), "addonProfiles", "omsagent", "enabled") is True


def test_the_api_server_is_private_by_default() -> None:
    private = at(cluster_of(), "apiServerAccessProfile")
    assert at(private, "enablePrivateCluster") is True
    assert at(private, "enablePrivateClusterPublicFQDN") is False
    opened = at(cluster_of(private_api=False, api_ranges=["203.0.113.0/24"]), "apiServerAccessProfile")
    assert at(opened, "enablePrivateCluster") is False
    assert at(opened, "authorizedIPRanges") == ["203.0.113.0/24"]


def test_pods_use_managed_identities_and_read_the_vault_without_a_secret() -> None:
    cluster = cluster_of()
    assert at(cluster, "oidcIssuerProfile", "enabled") is True
    assert at(cluster, "securityProfile", "workloadIdentity", "enabled") is True
    assert at(cluster, "addonProfiles", "azureKeyvaultSecretsProvider", "enabled") is True
    found = of_type(stage_resources(answers("dev"), "runtime"), CREDENTIALS)
    subjects = {str(properties(one)["subject"]): str(one["id"]).split("/")[8] for one in found}
    namespaces = {"services": "flowforge-dev", "flows": "flowforge-dev-flows"}
    assert subjects == {
        f"system:serviceaccount:{namespaces[part]}:{account}": f"id-ff-contoso-dev-{workload}"
        for part, accounts in SERVICE_ACCOUNTS.items()
        for account, workload in accounts.items()
    }
    assert "id-ff-contoso-dev-dbadmin" not in subjects.values(), "it is trusted during its job only"


CREDENTIALS = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"


def test_nothing_in_a_cluster_is_published_by_an_ingress_controller() -> None:
    ingress = at(cluster_of(), "ingressProfile")
    assert at(ingress, "webAppRouting", "enabled") is False
    assert at(ingress, "gatewayAPI", "installation") == "Disabled"


def test_traffic_inside_a_container_apps_environment_is_encrypted() -> None:
    """The ingress ends TLS: learn.microsoft.com/azure/container-apps/ingress-environment-configuration."""
    given = answers("dev", platform=APPS)
    (environment,) = of_type(stage_resources(given, "runtime"), "Microsoft.App/managedEnvironments")
    assert at(properties(environment), "peerTrafficConfiguration", "encryption", "enabled") is True
    apps = of_type(stage_resources(given, "controlplane"), "Microsoft.App/containerApps")
    served = [ingress for app in apps if (ingress := as_dict(at(properties(app), "configuration")).get("ingress"))]
    assert [at(ingress, "allowInsecure") for ingress in served] == [False] * len(served)
    assert served
    texts = [str(at(one, "value")) for app in apps for one in environment_of(app) if "value" in as_dict(one)]
    assert [text for text in texts if text.startswith("http:")] == []
    assert [text for text in texts if text.startswith("https://ca-contoso-dev-prefect.")]


def environment_of(app: Resource) -> list[Json]:
    return as_list(at(properties(app), "template", "containers", 0, "env"))


def test_flow_runs_have_an_autoscaled_node_pool() -> None:
    (pool,) = of_type(stage_resources(answers("dev"), "runtime"), f"{CLUSTER}/agentPools")
    assert str(pool["name"]).endswith("/flows")
    assert (properties(pool)["mode"], properties(pool)["enableAutoScaling"]) == ("User", True)
    assert at(cluster_of(), "agentPoolProfiles", 0, "nodeTaints") == ["CriticalAddonsOnly=true:NoSchedule"]


def jobs_of(**platform: Json) -> dict[str, Resource]:
    found = of_type(stage_resources(answers("dev", platform={**APPS, **platform}), "runtime"), JOB)
    return {str(job["name"]).rsplit("-", 1)[-1]: job for job in found}


@pytest.mark.parametrize(
    ("name", "identities"),
    [
        ("bootstrap", ["dbadmin", "worker"]),
        ("check", ["web"]),
        ("migrate", ["web"]),
        ("upgrade", ["prefect"]),
        ("register", ["worker"]),
    ],
)
def test_a_job_has_only_the_identities_that_it_needs(name: str, identities: list[str]) -> None:
    job = jobs_of()[name]
    assigned = at(job, "identity", "userAssignedIdentities")
    assert isinstance(assigned, dict)
    assert sorted(one.rsplit("-", 1)[-1] for one in assigned) == identities
    acts = identities[0]
    settings = {at(one, "name"): one for one in as_list(at(properties(job), "template", "containers", 0, "env"))}
    principals = PLACEHOLDER_OUTPUTS["foundation"]["environmentPrincipals"]
    clients = {at(one, "workload"): at(one, "clientId") for one in as_list(at(principals, 0, "principals"))}
    assert at(settings["AZURE_CLIENT_ID"], "value") == clients[acts]


def as_list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value


def test_the_bootstrap_job_receives_every_database_role() -> None:
    env = as_list(at(properties(jobs_of()["bootstrap"]), "template", "containers", 0, "env"))
    order = next(str(at(one, "value")) for one in env if at(one, "name") == "FLOWFORGE_ORDER")
    roles = DatabaseOrder.from_json(json.loads(order)).roles
    assert [role.name for role in roles] == [f"id-ff-contoso-dev-{who}" for who in ("web", "worker", "prefect")]


@pytest.mark.parametrize(
    ("platform", "variable", "secret"),
    [
        ({}, "PREFECT_API_AUTH_STRING", "prefect-auth"),
        (
            {"prefect": "cloud", "cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:KEY"},
            "PREFECT_API_KEY",
            "prefect-cloud-key",
        ),
    ],
)
def test_prefect_credentials_are_key_vault_references(platform: dict[str, Json], variable: str, secret: str) -> None:
    job = properties(jobs_of(**platform)["register"])
    (kept,) = as_list(at(job, "configuration", "secrets"))
    assert str(at(kept, "keyVaultUrl")).endswith(f"/secrets/{secret}")
    assert "value" not in as_dict(kept)
    used = [one for one in as_list(at(job, "template", "containers", 0, "env")) if "secretRef" in as_dict(one)]
    assert [(at(one, "name"), at(one, "secretRef")) for one in used] == [(variable, at(kept, "name"))]


def as_dict(value: Json) -> dict[str, Json]:
    assert isinstance(value, dict)
    return value


def test_an_environment_can_override_runtime_region_and_size() -> None:
    given = answers(
        "dev",
        "prod",
        own={"prod": {"runtime": "container_apps", "region": "westeurope", "subscription": OTHER}},
        sizing={"worker_nodes": 2},
    )
    resources = stage_resources(given, "runtime")
    (cluster,) = of_type(resources, CLUSTER)
    (apps,) = of_type(resources, "Microsoft.App/managedEnvironments")
    assert "/rg-ff-contoso-dev/" in str(cluster["id"])
    assert str(apps["id"]).startswith(f"/subscriptions/{OTHER}/")
    assert (cluster["location"], apps["location"]) == ("swedencentral", "westeurope")
    bigger = answers("dev", own={"dev": {"node_size": "Standard_D8ds_v5", "worker_nodes": 4}})
    (pool,) = of_type(stage_resources(bigger, "runtime"), f"{CLUSTER}/agentPools")
    assert (properties(pool)["vmSize"], properties(pool)["count"]) == ("Standard_D8ds_v5", 4)


@pytest.mark.parametrize("runtime", ["aks", "container_apps"])
def test_an_added_environment_does_not_change_the_others(runtime: str) -> None:
    platform = {"runtime": runtime}
    before = stage_resources(answers("dev", platform=platform), "runtime")
    after = stage_resources(answers("dev", "prod", platform=platform), "runtime")
    own = [one for one in after if "-dev" in str(one["id"])]
    assert own == before


def test_autoscaled_node_counts_are_read_from_the_cluster() -> None:
    (spec,) = [spec for spec in stages(answers("dev")) if spec.stage == "runtime"]
    assert {name: reading.path for name, reading in spec.readings.items()} == dict.fromkeys(
        ["currentWorkerNodes", "currentSystemNodes"], ("properties", "count")
    )


@pytest.mark.parametrize(
    ("network", "platform", "expected"),
    [
        ({}, {"private_api": False, "api_ranges": ["203.0.113.0/24"]}, ["203.0.113.0/24", "198.51.100.9/32"]),
        ({}, {"private_api": False}, None),
        ({}, {}, None),
        (BY_FIREWALL, {"private_api": False, "api_ranges": ["203.0.113.0/24"]}, None),
    ],
)
def test_nodes_behind_a_nat_gateway_reach_an_api_server_with_authorized_ranges(
    network: Page, platform: Page, expected: list[str] | None
) -> None:
    """Their address has to be among the ranges: learn.microsoft.com, aks/api-server-authorized-ip-ranges."""
    given = answers("dev", network=network, platform=platform)
    (spec,) = [spec for spec in stages(given) if spec.stage == "runtime"]
    assert ("natAddress" in spec.readings) is (expected is not None)
    if expected is None:
        return
    (made,) = of_type(stage_resources(given, "network"), "Microsoft.Network/publicIPAddresses")
    assert spec.readings["natAddress"].resource_id == made["id"]
    it = given.subscription
    where = {"subscription_id": it.subscription, "tenant_id": it.tenant, "location": it.region}
    known: dict[str, Json] = {**spec.parameters(PLACEHOLDER_OUTPUTS), "natAddress": {"value": "198.51.100.9"}}
    (cluster,) = of_type(snapshot(spec, known, **where), CLUSTER)
    assert at(properties(cluster), "apiServerAccessProfile", "authorizedIPRanges") == expected
