"""Manifests: unprivileged pods with managed identities that read their secrets from the key vault."""

import json
from collections.abc import Iterator

import pytest

from installer.answers.model import Answers
from installer.conventions.naming.environment import SERVICE_ACCOUNTS
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.jobs import works
from installer.estate.parameters.kubernetes import jobs, prefect
from installer.estate.parameters.kubernetes.diff import differing
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.jsontypes import Json
from tests.bicep.answers_variants import OTHER, VARIANTS, answers

INGESTION: dict[str, Json] = {
    "ingestionEndpoint": "https://dce.example",
    "ingestionRule": "dcr-1",
    "ingestionStream": "Custom-FlowForgeRuns_CL",
}
CLOUD = {"prefect": "cloud", "cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:KEY"}
CLUSTERS = {
    f"{name}, {site.name}": (given, site.name)
    for name, given in VARIANTS.items()
    for site in Installation(given).sites
    if site.on_kubernetes
}


def home(given: Answers, environment: str = "dev") -> Home:
    it = Installation(given)
    return Home(it, it.site(environment), PLACEHOLDER_OUTPUTS)


def everything(at: Home) -> list[Manifest]:
    """All manifests."""
    own = [] if at.it.answers.platform.prefect == "cloud" else prefect.server(at)
    once = [manifest for work in works(at.it, at.site, at.outputs) for manifest in jobs.job(at, work)]
    return [*prefect.foundation(at), *own, *prefect.worker(at), *once, *jobs.reporter(at, INGESTION)]


def named(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    found = {}
    for one in manifests:
        metadata = one["metadata"]
        assert isinstance(metadata, dict)
        if one["kind"] == kind:
            found[str(metadata["name"])] = one
    return found


def inside(value: Json, key: str) -> Iterator[Json]:
    """Every value under a key, at any depth."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key:
                yield item
            yield from inside(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from inside(item, key)


@pytest.mark.parametrize("name", CLUSTERS)
def test_every_pod_acts_as_an_identity_without_any_privilege(name: str) -> None:
    at = home(*CLUSTERS[name])
    manifests = everything(at)
    accounts = named(manifests, "ServiceAccount")
    pods = [one for kind in ("Deployment", "Job", "CronJob") for one in named(manifests, kind).values()]
    assert len(pods) >= 5
    for pod in pods:
        (account,) = inside(pod, "serviceAccountName")
        assert account in accounts
        assert next(inside(pod, "runAsNonRoot")) is True
        assert next(inside(pod, "allowPrivilegeEscalation")) is False
        assert next(inside(pod, "drop")) == ["ALL"]
        assert "true" in inside(pod, "azure.workload.identity/use")
        images = list(inside(pod, "image"))
        assert images
        assert [image for image in images if not str(image).startswith(at.it.names.registry_host)] == []
    identities = {next(inside(one, "azure.workload.identity/client-id")) for one in accounts.values()}
    used = {workload for workload in SERVICE_ACCOUNTS.values() if workload in at.it.workloads(at.site)}
    assert len(identities) == len(used)


@pytest.mark.parametrize("name", CLUSTERS)
def test_what_is_hidden_comes_from_the_vault_of_the_environment(name: str) -> None:
    at = home(*CLUSTERS[name])
    manifests = everything(at)
    classes = named(manifests, "SecretProviderClass")
    references = [reference for one in manifests for reference in inside(one, "secretKeyRef")]
    assert references
    for reference in references:
        assert isinstance(reference, dict)
        spec = classes[str(reference["name"])]["spec"]
        assert reference["key"] in inside(spec, "objectName")
        assert next(inside(spec, "keyvaultName")) == at.it.names.key_vault(at.site.name)
    settings = json.dumps([list(inside(one, "env")) for one in manifests])
    assert "PASSWORD" not in settings.upper().replace("PASSWORDLESS", "")


def test_prefect_is_reached_inside_whatever_the_network_around() -> None:
    for network in ({"mode": "public"}, {}):
        posture = {"posture": "trial"} if network else {}
        ingress = {"kind": "direct"} if network else {}
        at = home(answers("dev", network=network, governance=posture, ingress=ingress))
        assert prefect.url_inside(at) == "http://prefect-server.flowforge-dev.svc:4200/api"
        worker = named(prefect.worker(at), "Deployment")["prefect-worker"]
        assert prefect.url_inside(at) in inside(worker, "value")


def test_prefect_cloud_is_reached_by_its_key() -> None:
    at = home(answers("dev", platform=CLOUD))
    assert prefect.url_inside(at).startswith("https://api.prefect.cloud/")
    worker = named(prefect.worker(at), "Deployment")["prefect-worker"]
    assert "PREFECT_API_KEY" in inside(worker, "name")
    assert "PREFECT_API_AUTH_STRING" not in inside(worker, "name")


def test_the_server_finds_its_database_without_a_password() -> None:
    env = next(inside(list[Json](prefect.server(home(answers("dev")))), "env"))
    assert isinstance(env, list)
    values = {str(one["name"]): one.get("value") for one in env if isinstance(one, dict)}
    assert values["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == (
        "postgresql+asyncpg://id-ff-contoso-dev-prefect@pg-ff-contoso.postgres.database.azure.com:5432/prefect_dev"
        "?ssl=require"
    )
    several = list(inside(list[Json](prefect.server(home(answers("dev", platform={"prefect_servers": 2})))), "name"))
    assert "PREFECT_MESSAGING_BROKER" in several
    assert "PREFECT_MESSAGING_BROKER" not in values


def test_the_service_has_the_address_that_the_web_app_was_told() -> None:
    service = named(prefect.server(home(answers("dev"))), "Service")["prefect-server"]
    at = home(answers("dev"))
    address = at.it.addresses.network("dev").subnet("nodes").last
    assert address in inside(service, "service.beta.kubernetes.io/azure-load-balancer-ipv4")
    assert "true" in inside(service, "service.beta.kubernetes.io/azure-load-balancer-internal")


def test_a_worker_may_only_act_in_its_own_namespace() -> None:
    kinds = {str(one["kind"]) for one in everything(home(answers("dev")))}
    assert "Role" in kinds
    assert [kind for kind in kinds if kind.startswith("Cluster")] == []
    (role,) = named(prefect.worker(home(answers("dev"))), "Role").values()
    assert "secrets" not in json.dumps(role["rules"])
    assert "*" not in json.dumps(role["rules"])


def test_replicas_survive_a_zone_where_zones_are_promised() -> None:
    at = home(answers("dev", sizing={"preset": "production"}))
    manifests = everything(at)
    for name, deployment in named(manifests, "Deployment").items():
        assert next(inside(deployment, "replicas")) == 2
        assert "topology.kubernetes.io/zone" in inside(deployment, "topologyKey")
        budget = named(manifests, "PodDisruptionBudget")[name]
        assert next(inside(budget, "selector")) == next(inside(deployment, "selector"))
    single = everything(home(answers("dev")))
    assert named(single, "PodDisruptionBudget") == {}
    assert list(inside(list[Json](single), "topologyKey")) == []


def test_a_job_that_changed_is_another_job() -> None:
    at = home(answers("dev"))
    bootstrap = next(one for one in works(at.it, at.site, at.outputs) if one.name == "bootstrap")
    before, after = jobs.job(at, bootstrap), jobs.job(at, bootstrap, settings={"MORE": "1"})
    assert before == jobs.job(at, bootstrap)
    assert set(named(before, "Job")).isdisjoint(named(after, "Job"))


def test_what_a_cluster_adds_is_no_difference_and_what_it_lost_is() -> None:
    wanted = everything(home(answers("dev")))
    found: list[Json] = json.loads(json.dumps(wanted))
    for one in found:
        assert isinstance(one, dict)
        one["status"] = {"phase": "Active"}
        metadata = one["metadata"]
        assert isinstance(metadata, dict)
        metadata["uid"] = "1"
    assert differing(list[Json](wanted), found) == []
    deployment = named(wanted, "Deployment")["prefect-worker"]
    changed = [json.loads(json.dumps(one).replace("prefect-worker", "somebody")) for one in found]
    assert "deployment/prefect-worker" in differing([deployment], changed)
    fewer: list[Json] = [one for one in found if isinstance(one, dict) and one["kind"] != "CronJob"]
    assert differing(list[Json](wanted), fewer) == ["cronjob/flowforge-reporter"]
