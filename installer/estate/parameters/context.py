"""Input of the parameters of all stages: answers, names and addresses of one installation."""

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from typing import Literal
from urllib.parse import urlsplit

from installer.answers.model import ENVIRONMENTS, Answers
from installer.answers.pages.environment import EnvironmentPage
from installer.conventions.addressing import AddressPlan, plan
from installer.conventions.cluster_ranges import ClusterRanges, cluster_ranges
from installer.conventions.naming import Names
from installer.conventions.regions import has_redundant_nat
from installer.estate.parameters.principals import Workload
from installer.jsontypes import Json

Runtime = Literal["aks", "container_apps"]


@dataclass(frozen=True)
class Site:
    """One environment with its effective settings: its override if there is one, else the common answer."""

    name: str
    answers: Answers
    own: EnvironmentPage

    @property
    def subscription(self) -> str:
        """Subscription of the environment."""
        return self.own.subscription or self.answers.subscription.subscription

    @property
    def location(self) -> str:
        """Region of its resources."""
        return self.own.region or self.answers.subscription.region

    @property
    def runtime(self) -> Runtime:
        """Runtime of Prefect."""
        return self.answers.platform.runtime if self.own.runtime == "same" else self.own.runtime

    @property
    def on_kubernetes(self) -> bool:
        """Whether Prefect runs on Kubernetes instead of Container Apps."""
        return self.runtime == "aks"

    @property
    def runtimes(self) -> frozenset[Runtime]:
        """All its runtimes: the web app may run on Container Apps in addition to Kubernetes."""
        return frozenset((self.runtime, "container_apps")) if self.has_container_apps else frozenset((self.runtime,))

    @property
    def has_container_apps(self) -> bool:
        """Whether it has a Container Apps environment, for Prefect or the web app."""
        return not self.on_kubernetes or self.answers.platform.control_plane == "container_app"

    @property
    def node_size(self) -> str:
        """VM size of the worker nodes."""
        return self.own.node_size or self.answers.sizing.node_size

    @property
    def worker_nodes(self) -> int:
        """Initial number of worker nodes or replicas."""
        return self.own.worker_nodes or self.answers.sizing.worker_nodes

    @property
    def worker_nodes_least(self) -> int:
        """Minimum number of worker nodes; at most the initial number."""
        return min(self.answers.sizing.worker_nodes_least, self.worker_nodes)

    @property
    def worker_nodes_most(self) -> int:
        """Maximum number of worker nodes; at least the initial number."""
        return max(self.own.worker_nodes_most or self.answers.sizing.worker_nodes_most, self.worker_nodes)

    @property
    def web_size(self) -> str:
        """SKU of its App Service plan."""
        return self.answers.sizing.web_size if self.own.web_size == "same" else self.own.web_size

    @property
    def storage_redundancy(self) -> str:
        """Redundancy of its storage account."""
        shared = self.answers.sizing.storage_redundancy
        return shared if self.own.storage_redundancy == "same" else self.own.storage_redundancy

    @property
    def own_server(self) -> bool:
        """Whether it has a dedicated PostgreSQL server."""
        return self.name == "prod" and self.answers.data.prod_server and len(self.answers.subscription.environments) > 1

    @property
    def postgres_size(self) -> str:
        """Compute size of its PostgreSQL server."""
        return (self.own_server and self.own.postgres_size) or self.answers.sizing.postgres_size


@dataclass(frozen=True)
class Installation:
    """One installation, as input for parameters."""

    answers: Answers

    @cached_property
    def names(self) -> Names:
        """Its names."""
        own = dict(entry.split("=", 1) for entry in self.answers.governance.names)
        return Names(self.answers.subscription.prefix, self.answers.subscription.cloud, own)

    @property
    def environments(self) -> tuple[str, ...]:
        """Its environments in a fixed order, independent of the answers."""
        return tuple(name for name in ENVIRONMENTS if name in self.answers.subscription.environments)

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Its environments with their settings."""
        return tuple(self.site(name) for name in self.environments)

    def site(self, name: str) -> Site:
        """One environment with its settings."""
        return Site(name, self.answers, self.answers.of_environment(name))

    @property
    def location(self) -> str:
        """Region of shared resources."""
        return self.answers.subscription.region

    @property
    def subscription(self) -> str:
        """Subscription of shared resources and of all deployments."""
        return self.answers.subscription.subscription

    @property
    def public(self) -> bool:
        """Whether there are public endpoints and no virtual networks."""
        return self.answers.network.mode == "public"

    @property
    def zone_redundant(self) -> bool:
        """Whether other resources than PostgreSQL are zone-redundant; unless answered, if PostgreSQL is."""
        zones = self.answers.platform.zones
        return self.answers.sizing.postgres_ha if zones == "same" else zones == "all"

    def redundant_nat(self, site: Site) -> bool:
        """Whether the NAT gateway of an environment is zone-redundant; unless answered, if the rest is."""
        answered = self.answers.network.nat_gateway
        possible = has_redundant_nat(self.answers.subscription.cloud, site.location)
        return possible and (self.zone_redundant if answered == "same" else answered == "zone_redundant")

    def replicas(self, wanted: int = 1) -> int:
        """Number of replicas of a workload: at least two if availability zones are promised."""
        return max(wanted, 2) if self.zone_redundant else wanted

    @property
    def addresses(self) -> AddressPlan:
        """Its address plan; raises AddressError for an unsuitable address space."""
        return plan(self.answers.network.address_space, {site.name: site.runtimes for site in self.sites})

    def shares_cluster_zone(self, site: Site) -> bool:
        """Whether the name of the API server of an environment is in a zone beside those of private endpoints."""
        platform = self.answers.platform
        return site.on_kubernetes and not self.public and platform.private_api and platform.cluster_zone == "shared"

    @property
    def connected(self) -> tuple[IPv4Network, ...]:
        """Address ranges that pods have to reach: networks of the installation and those connected to them."""
        own = () if self.answers.network.mode in ("existing", "public") else (self.answers.network.address_space,)
        return tuple(IPv4Network(one) for one in (*own, *self.answers.network.connected_ranges))

    @property
    def cluster_ranges(self) -> ClusterRanges:
        """Address ranges inside its clusters; raises ClusterRangesError if none is free."""
        platform = self.answers.platform
        return cluster_ranges(platform.pod_range, platform.service_range, self.connected)

    @property
    def has_resolver(self) -> bool:
        """Whether the hub has a DNS private resolver."""
        return self.answers.network.dns_resolver and self.answers.network.mode == "new"

    @property
    def private_registry(self) -> bool:
        """Whether the container registry is reachable only through a private endpoint."""
        return self.answers.network.private_registry and not self.public

    def encrypts_disks(self, site: Site) -> bool:
        """Whether the nodes of the cluster of an environment have a disk encryption set."""
        return self.answers.governance.customer_keys and site.on_kubernetes

    @property
    def reads_certificate(self) -> bool:
        """Whether the ingress reads its certificate from a key vault with its managed identity."""
        ingress = self.answers.ingress
        return ingress.kind == "gateway" or (ingress.kind == "frontdoor" and ingress.certificate == "key_vault")

    @property
    def certificate(self) -> tuple[str, str]:
        """Names of the key vault and of the certificate in it."""
        address = urlsplit(self.answers.ingress.certificate_uri)
        return address.netloc.partition(".")[0], address.path.rpartition("/")[2]

    @property
    def has_ingress(self) -> bool:
        """Whether there is a public ingress with a WAF."""
        return self.answers.ingress.kind in {"gateway", "frontdoor"}

    @property
    def registers(self) -> bool:
        """Whether the installer creates the app registrations."""
        return self.answers.sign_on.method == "secretless" and self.answers.sign_on.registration == "new"

    @property
    def shares_ingress(self) -> bool:
        """Whether one gateway or Front Door serves all environments. A shared gateway is in a new hub."""
        ingress = self.answers.ingress
        possible = ingress.kind == "frontdoor" or self.answers.network.mode == "new"
        return self.has_ingress and possible and ingress.shared and len(self.environments) > 1

    def public_host(self, environment: str) -> str:
        """Host name of the web app; with several environments, all except prod have their name as prefix."""
        host = self.answers.ingress.host
        return host if environment == "prod" or len(self.environments) == 1 else f"{environment}-{host}"

    def workloads(self, site: Site) -> tuple[Workload, ...]:
        """Workloads with a managed identity in an environment."""
        wanted_by: dict[Workload, bool] = {
            "web": True,
            "auth": self.answers.sign_on.method == "secretless",
            "prefect": self.answers.platform.prefect == "server",
            "worker": True,
            "gateway": self.reads_certificate and (not self.shares_ingress or site.name == self.environments[-1]),
            "cluster": site.on_kubernetes,
            "kubelet": site.on_kubernetes,
            "dbadmin": True,
            "encryption": self.answers.governance.customer_keys,
        }
        return tuple(workload for workload, wanted in wanted_by.items() if wanted)

    def postgres(self, site: Site) -> str:
        """Name of the PostgreSQL server of an environment."""
        return self.names.own_postgres(site.name) if site.own_server else self.names.postgres

    def tags(self, environment: str | None = None) -> dict[str, Json]:
        """Tags of the resources of an environment, or of shared resources: those of the answers, then FlowForge's."""
        given = dict(entry.split("=", 1) for entry in self.answers.governance.tags)
        return {**given, **self.names.tags(environment)}
