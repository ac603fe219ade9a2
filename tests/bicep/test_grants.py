"""Stage 3: role assignments, each at the narrowest scope."""

import pytest

from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.estate.parameters.principals import principals_of
from tests.bicep.answers_variants import CLIENT, HUB, OTHER, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import scopes, stage_resources

pytestmark = NEEDS_COMPILER

ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
PROD = {name: found.object_id for name, found in principals_of(PLACEHOLDER_OUTPUTS, "prod").items()}


def test_images_are_pulled_by_nodes_on_aks_and_by_workloads_on_container_apps() -> None:
    for runtime, pullers in (("aks", {"web", "kubelet"}), ("container_apps", {"web", "prefect", "worker"})):
        given = answers("prod", platform={"runtime": runtime})
        found = {principal for _, principal, role in scopes(stage_resources(given, "grants")) if role == ACR_PULL}
        assert found == {PROD[workload] for workload in pullers}


def test_an_ingress_reads_one_certificate_and_no_other_secret() -> None:
    given = VARIANTS["behind a front door with a key vault certificate"]
    read = [scope for scope, principal, _ in scopes(stage_resources(given, "grants")) if principal == PROD["gateway"]]
    assert [scope.partition("/providers/")[2] for scope in read] == [
        "Microsoft.KeyVault/vaults/kv-certs/secrets/flowforge"
    ]


@pytest.mark.parametrize(
    ("platform", "linked"),
    [
        ({"private_api": True, "cluster_zone": "system"}, True),
        ({"private_api": True, "cluster_zone": "none"}, False),
        ({"private_api": False}, False),
    ],
)
def test_a_cluster_joins_its_subnet_and_links_its_zone_in_an_existing_network(
    platform: dict[str, object], linked: bool
) -> None:
    """An existing network may have custom DNS servers: azure-aks-docs, aks/private-clusters.md, and Azure/AKS#4841."""
    given = VARIANTS["existing networks, DNS by policy"]
    given = given.model_copy(update={"platform": given.platform.model_copy(update=platform)})
    joined = [scope for scope, _, role in scopes(stage_resources(given, "grants")) if role == NETWORK_CONTRIBUTOR]
    assert joined == [f"{HUB}-prod/subnets/snet-nodes", *([f"{HUB}-prod"] if linked else [])]


def test_in_a_new_network_a_cluster_joins_its_subnet_only() -> None:
    given = answers("prod", platform={"private_api": True, "cluster_zone": "system"})
    joined = [scope for scope, _, role in scopes(stage_resources(given, "grants")) if role == NETWORK_CONTRIBUTOR]
    assert [scope.rpartition("/")[2] for scope in joined] == ["snet-nodes"]


def test_without_networks_no_subnet_role_is_assigned() -> None:
    roles = {role for _, _, role in scopes(stage_resources(VARIANTS["public endpoints"], "grants"))}
    assert NETWORK_CONTRIBUTOR not in roles


def test_secrets_are_read_one_by_one_where_their_environment_is() -> None:
    sign_on = {"method": "secret", "client_id": CLIENT, "client_secret": "env:SECRET"}
    given = answers("dev", "prod", own={"prod": {"subscription": OTHER}}, sign_on=sign_on)
    read = [
        (scope, principal)
        for scope, principal, role in scopes(stage_resources(given, "grants"))
        if role == SECRETS_USER
    ]
    assert all("/Microsoft.KeyVault/vaults/kv-ff-contoso-" in scope and "/secrets/" in scope for scope, _ in read)
    in_prod = [(scope, principal) for scope, principal in read if scope.startswith(f"/subscriptions/{OTHER}/")]
    assert {(scope.rpartition("/")[2], principal) for scope, principal in in_prod} == {
        *(("prefect-auth", PROD[workload]) for workload in ("web", "prefect", "worker")),
        *(("prefect-certificate", PROD[workload]) for workload in ("web", "prefect", "worker")),
        ("prefect-tls-key", PROD["prefect"]),
        ("sign-on-client-secret", PROD["web"]),
    }
    assert len(in_prod) == 8


def test_every_secret_exists_before_a_role_is_assigned_at_it() -> None:
    for given in VARIANTS.values():
        specs = {spec.key: spec for spec in stages(given)}
        written = {key for key, spec in specs.items() if spec.stage == "secrets"}
        assert written
        assert written <= set(specs["grants"].needs)


def test_with_prefect_cloud_the_worker_reads_the_key() -> None:
    cloud = {"prefect": "cloud", "cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:PREFECT_KEY"}
    readers = {
        p for _, p, role in scopes(stage_resources(answers("prod", platform=cloud), "grants")) if role == SECRETS_USER
    }
    assert readers == {PROD["web"], PROD["worker"]}
