"""Manifests: unprivileged pods with managed identities that read their secrets from the key vault."""

import json
from collections.abc import Iterator
from ipaddress import IPv4Network

import pytest

from installer.answers.model import Answers
from installer.conventions.naming.environment import SERVICE_ACCOUNTS
from installer.emulator.providers.kubernetes.pod_security import violations
from installer.emulator.providers.kubernetes.pods import template_of
from installer.estate import keys
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.controlplane import control_plane
from installer.estate.parameters.jobs import work_of, works
from installer.estate.parameters.kubernetes import jobs, namespaces, prefect
from installer.estate.parameters.kubernetes.diff import differing
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.estate.parameters.prefect_api import PREFECT_CERTIFICATE, prefect_url
from installer.estate.parameters.vault_secrets import secret_sources
from installer.json_access import as_object, objects_of
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
    once = [
        manifest
        for work in works(at.it, at.site, at.outputs)
        for manifest in (jobs.administrator_job(at, work) if work.name == "bootstrap" else jobs.job(at, work))
    ]
    return [*namespaces.foundation(at), *own, *prefect.worker(at), *once, *jobs.reporter(at, INGESTION)]


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


def pods(manifests: list[Manifest]) -> list[Manifest]:
    """The objects that create pods."""
    return [one for kind in ("Deployment", "Job", "CronJob") for one in named(manifests, kind).values()]


def place(one: Manifest) -> tuple[str, str]:
    """Namespace and name of an object."""
    metadata = as_object(one["metadata"])
    return str(metadata["namespace"]), str(metadata["name"])


@pytest.mark.parametrize("name", CLUSTERS)
def test_every_pod_acts_as_an_identity_without_any_privilege(name: str) -> None:
    at = home(*CLUSTERS[name])
    manifests = everything(at)
    accounts = {place(one): one for one in manifests if one["kind"] == "ServiceAccount"}
    assert len(pods(manifests)) >= 5
    for one in pods(manifests):
        (account,) = inside(one, "serviceAccountName")
        assert (place(one)[0], account) in accounts
        assert "true" in inside(one, "azure.workload.identity/use")
        images = list(inside(one, "image"))
        assert images
        assert [image for image in images if not str(image).startswith(at.it.names.registry_host)] == []
    identities = {next(inside(one, "azure.workload.identity/client-id")) for one in accounts.values()}
    permanent = {workload for names in SERVICE_ACCOUNTS.values() for workload in names.values()}
    assert len(identities) == len({workload for workload in permanent if workload in at.it.workloads(at.site)}) + 1


@pytest.mark.parametrize("name", CLUSTERS)
def test_every_pod_meets_the_level_that_its_namespace_enforces(name: str) -> None:
    manifests = everything(home(*CLUSTERS[name]))
    namespaces_by_name = named(manifests, "Namespace")
    for one in pods(manifests):
        labels = as_object(as_object(namespaces_by_name[place(one)[0]]["metadata"])["labels"])
        for mode in ("enforce", "warn", "audit"):
            assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
            assert labels[f"pod-security.kubernetes.io/{mode}-version"] == "latest"
        spec = as_object(template_of(one)["spec"])
        assert violations(labels, "enforce", spec) == ""
        for container in objects_of(spec["containers"]):
            resources = as_object(container["resources"])
            assert {key: set(as_object(value)) for key, value in resources.items()} == {
                "requests": {"cpu", "memory"},
                "limits": {"cpu", "memory"},
            }


def test_no_namespace_accepts_calls_but_those_of_clients_of_prefect() -> None:
    manifests = everything(home(answers("dev")))
    policies = {place(one): as_object(one["spec"]) for one in manifests if one["kind"] == "NetworkPolicy"}
    for namespace in named(manifests, "Namespace"):
        assert policies[namespace, "default-deny-ingress"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    allowed = policies.pop(("flowforge-dev", "prefect-server"))
    assert {place[1] for place in policies} == {"default-deny-ingress"}
    (rule,) = objects_of(allowed["ingress"])
    assert rule["ports"] == [{"protocol": "TCP", "port": 4200}]
    callers = objects_of(rule["from"])
    assert {"podSelector": {}} in callers
    assert {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "flowforge-dev-flows"}}} in callers
    ranges = [IPv4Network(str(cidr)) for cidr in inside(list[Json](callers), "cidr")]
    assert all(cidr.is_private or cidr == IPv4Network("100.64.0.0/10") for cidr in ranges)


def test_no_pod_reads_the_instance_metadata_and_everything_else_stays_reachable() -> None:
    manifests = everything(home(answers("dev")))
    policies = {place(one)[0]: as_object(one["spec"]) for one in manifests if one["kind"] == "CiliumNetworkPolicy"}
    assert policies.keys() == named(manifests, "Namespace").keys()
    for spec in policies.values():
        assert spec["endpointSelector"] == {}
        assert spec["egressDeny"] == [{"toCIDR": ["169.254.169.254/32"]}]
        assert spec["enableDefaultDeny"] == {"ingress": False, "egress": False}


def test_the_database_administrator_has_no_permanent_service_account() -> None:
    at = home(answers("dev"))
    accounts = named(namespaces.foundation(at), "ServiceAccount")
    administrator = at.client_id("dbadmin")
    assert administrator not in inside(list[Json](list(accounts.values())), "azure.workload.identity/client-id")
    (bootstrap,) = [one for one in works(at.it, at.site, at.outputs) if one.name == "bootstrap"]
    temporary = jobs.administrator_job(at, bootstrap)
    assert {place(one)[0] for one in temporary if one["kind"] != "Namespace"} == {"flowforge-dev-setup"}
    assert administrator in inside(list[Json](temporary), "azure.workload.identity/client-id")


def test_a_token_of_the_cluster_is_for_the_worker_only() -> None:
    manifests = everything(home(answers("dev")))
    callers = [place(one)[1] for one in pods(manifests) if next(inside(one, "automountServiceAccountToken"))]
    assert callers == ["prefect-worker"]


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
        assert prefect.url_inside(at) == "https://prefect-server.flowforge-dev.svc:4200/api"
        worker = named(prefect.worker(at), "Deployment")["prefect-worker"]
        assert prefect.url_inside(at) in inside(worker, "value")


@pytest.mark.parametrize("name", CLUSTERS)
def test_no_credential_crosses_the_network_in_plain_text(name: str) -> None:
    at = home(*CLUSTERS[name])
    manifests = everything(at)
    assert "http://" not in json.dumps(manifests)
    on_server = at.it.answers.platform.prefect == "server"
    clients = [one for one in pods(manifests) if "PREFECT_API_URL" in inside(one, "name")]
    assert len(clients) >= 3
    for one in clients:
        environment = {str(item["name"]): item.get("value") for item in objects_of(next(inside(one, "env")))}
        trusted = "/mnt/kept/prefect-certificate" if on_server else None
        assert environment.get("PREFECT_API_SSL_CERT_FILE") == trusted
        spec = json.dumps(named(manifests, "SecretProviderClass")[next(map(str, inside(one, "secretProviderClass")))])
        assert ("objectName: prefect-certificate" in spec) is on_server
        assert "prefect-tls-key" not in spec


def test_the_server_ends_tls_with_a_certificate_from_the_vault() -> None:
    (server,) = named(prefect.server(home(answers("dev"))), "Deployment").values()
    command = " ".join(map(str, next(inside_list(one) for one in inside(server, "command"))))
    assert "--ssl-keyfile /mnt/kept/prefect-tls-key --ssl-certfile /mnt/kept/prefect-certificate" in command
    assert as_object(next(inside(server, "httpGet")))["scheme"] == "HTTPS"
    assert "objectName: prefect-tls-key" in json.dumps(prefect.server(home(answers("dev"))))


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


def test_without_networks_the_web_app_reaches_prefect_by_a_public_name_that_only_its_service_may_call() -> None:
    at = home(answers("dev", governance={"posture": "trial"}, network={"mode": "public"}, ingress={"kind": "direct"}))
    name = "ff-contoso-dev-prefect.swedencentral.cloudapp.azure.com"
    assert prefect_url(at.it, at.site, at.outputs) == f"https://{name}:4200/api"
    settings = as_object(control_plane(at.it, at.outputs, "dev")["settings"])
    assert settings["PREFECT_API_URL"] == f"https://{name}:4200/api"
    assert name in secret_sources(at.it, at.site)[PREFECT_CERTIFICATE], "the certificate has the name"
    manifests = everything(at)
    service = named(manifests, "Service")["prefect-server"]
    assert as_object(as_object(service["metadata"])["annotations"]) == {
        "service.beta.kubernetes.io/azure-dns-label-name": "ff-contoso-dev-prefect",
        "service.beta.kubernetes.io/azure-allowed-service-tags": "AppService",
    }
    assert "0.0.0.0/0" in inside(named(manifests, "NetworkPolicy")["prefect-server"], "cidr")


def test_callers_outside_a_cluster_reach_prefect_through_any_policy_on_their_addresses() -> None:
    """A node that forwards a call to another node hides the address of the caller behind its own.

    With native routing Cilium then sees a node, which no ipBlock selects: docs.cilium.io, security/policy/caveats, and
    learn.microsoft.com, aks/azure-cni-powered-by-cilium ("Limitations").
    """
    manifests = everything(home(answers("dev")))
    (policy,) = [one for one in manifests if one["kind"] == "NetworkPolicy" and list(inside(one, "ipBlock"))]
    (service,) = named(manifests, "Service").values()
    assert as_object(service["spec"])["selector"] == next(inside(policy, "matchLabels"))
    assert as_object(service["spec"])["externalTrafficPolicy"] == "Local"


def test_a_worker_may_only_act_in_the_namespace_of_flow_runs() -> None:
    """The verbs of Prefect's chart: github.com/PrefectHQ/prefect-helm, charts/prefect-worker/templates/role.yaml."""
    manifests = everything(home(answers("dev")))
    assert [kind for kind in {str(one["kind"]) for one in manifests} if kind.startswith("Cluster")] == []
    roles = [one for one in manifests if one["kind"] in {"Role", "RoleBinding"}]
    assert {place(one) for one in roles} == {("flowforge-dev-flows", "prefect-worker")}
    (role,) = named(manifests, "Role").values()
    allowed = {
        str(resource): {str(verb) for verb in inside_list(rule["verbs"])}
        for rule in objects_of(role["rules"])
        for resource in inside_list(rule["resources"])
    }
    read = {"get", "list", "watch"}
    assert allowed == {
        "jobs": {*read, "create", "patch", "delete"},
        **dict.fromkeys(("pods", "pods/log", "pods/status", "events"), read),
    }
    (binding,) = named(manifests, "RoleBinding").values()
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "prefect-worker", "namespace": "flowforge-dev"}]
    worker = named(manifests, "Deployment")["prefect-worker"]
    environment = {str(one["name"]): one.get("value") for one in objects_of(next(inside(worker, "env")))}
    assert environment["PREFECT_INTEGRATIONS_KUBERNETES_OBSERVER_NAMESPACES"] == "flowforge-dev-flows"
    assert environment["PREFECT_KUBERNETES_CLUSTER_UID"], "without it the worker reads the namespace kube-system"


def inside_list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value


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


def test_a_job_needs_the_image_that_it_runs_only() -> None:
    """Each image has its step, so that one may exist long before the other."""
    at = home(answers("dev"))
    known = {name: outputs for name, outputs in at.outputs.items() if name != keys.image("web")}
    assert work_of(at.it, at.site, known, "bootstrap").image == work_of(at.it, at.site, at.outputs, "bootstrap").image
    assert work_of(at.it, at.site, known, "register").acts == "worker"
    with pytest.raises(KeyError):
        work_of(at.it, at.site, known, "migrate")
