"""From answers to deployments: which stages there are, in which order, and the parameters that each is given. Pure.

Each stage is a subscription-scope template. Everything that can be computed is handed over as a plain parameter; only what
Azure alone decides, such as the object ids of identities, comes from the outputs of stages that are done.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

import installer
from installer import sizing
from installer.addressing import AddressPlan, Network, plan
from installer.answers.model import ENVIRONMENTS, Answers
from installer.jsontypes import Json
from installer.naming import LAYERS, Names

Outputs: TypeAlias = Mapping[str, Mapping[str, Json]]
"""Key of a stage to its outputs: name to value."""

Workload = Literal["web", "auth", "worker", "cluster", "kubelet"]
WORKLOADS: Final[tuple[Workload, ...]] = ("web", "auth", "worker", "cluster", "kubelet")

HEALTH_PATH: Final = "/api/health"
"""Where the web app answers when it is well; open to all, so that probes reach it."""
WEB_PORT: Final = 3000


@dataclass(frozen=True)
class StageSpec:
    """One deployment at subscription scope.

    key: unique among the stages of an installation. stage: name of the template. title: for people.
    needs: keys of the stages that must be done before. secrets: secure parameter to the dotted key of the answer that
    refers to its value; they are never among `parameters`.
    """

    key: str
    stage: str
    environment: str | None
    deployment_name: str
    location: str
    title: str
    needs: tuple[str, ...]
    values: Callable[[Outputs], dict[str, Json]] = field(repr=False, compare=False)
    secrets: Mapping[str, str] = field(default_factory=dict)

    def parameters(self, outputs: Outputs) -> dict[str, Json]:
        """Parameters as ARM takes them, `{name: {"value": …}}`, always in the same order; what is null is left out.

        Raises KeyError if the outputs of a stage that this one needs are not there.
        """
        return {name: {"value": value} for name, value in self.values(outputs).items() if value is not None}


def template(stage: str) -> dict[str, Json]:
    """The compiled template of a stage, from a checkout or from an installed distribution."""
    path = Path(installer.__file__).parent.parent / "bicep" / "compiled" / f"{stage}.json"
    loaded: dict[str, Json] = json.loads(path.read_bytes())
    return loaded


def _placeholder(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


PLACEHOLDER_OUTPUTS: Final[Outputs] = {
    "foundation": {
        "databaseAdministratorPrincipalId": _placeholder(1),
        "environmentPrincipals": [
            {
                "name": environment,
                "principals": [
                    {
                        "workload": workload,
                        "principalId": _placeholder(1000 * row + 10 * column),
                        "clientId": _placeholder(1000 * row + 10 * column + 1),
                    }
                    for column, workload in enumerate(WORKLOADS, start=1)
                ],
            }
            for row, environment in enumerate(ENVIRONMENTS, start=1)
        ],
    }
}
"""Outputs to plan with before anything exists: ids that are nearly nil, each of them different."""


def stages(answers: Answers) -> tuple[StageSpec, ...]:
    """The deployments of an installation, each after those that it needs.

    Raises AddressError for an address space that will not do.
    """
    return _Builder(answers).stages()


class _Builder:
    """Names, addresses and answers of one installation, and the parameters made of them."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.names = Names(answers.subscription.prefix, answers.subscription.cloud)
        self.environments = tuple(name for name in ENVIRONMENTS if name in answers.subscription.environments)
        self.on_kubernetes = answers.platform.runtime == "aks"

    @property
    def addresses(self) -> AddressPlan:
        return plan(self.answers.network.address_space, self.environments, self.answers.platform.runtime)

    @property
    def zone_redundant(self) -> bool:
        """A standby database in another zone is of use only if the rest survives the loss of a zone too."""
        return self.answers.sizing.postgres_ha

    def stages(self) -> tuple[StageSpec, ...]:
        shared = (
            self.spec("foundation", "Foundation", (), self.foundation),
            self.spec("network", "Network", ("foundation",), self.network),
            self.spec("grants", "Grants", ("foundation", "network"), self.grants),
            self.spec("data", "Data", ("foundation", "network"), self.data),
        )
        secret = self.answers.sign_on.method == "secret"
        secrets = {"signOnClientSecret": "sign_on.client_secret"} if secret else {}
        runtimes = (
            self.spec("runtime", "Runtime", ("grants",), self.runtime, environment=name) for name in self.environments
        )
        control_planes = (
            self.spec(
                "controlplane",
                "Control plane",
                ("grants", "data"),
                self.control_plane,
                environment=name,
                secrets=secrets,
            )
            for name in self.environments
        )
        return (*shared, *runtimes, *control_planes)

    def spec(
        self,
        stage: str,
        title: str,
        needs: tuple[str, ...],
        values: Callable[..., dict[str, Json]],
        *,
        environment: str | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> StageSpec:
        return StageSpec(
            key=f"{stage}-{environment}" if environment else stage,
            stage=stage,
            environment=environment,
            deployment_name=self.names.deployment(stage, environment),
            location=self.answers.subscription.region,
            title=f"{title} · {environment}" if environment else title,
            needs=needs,
            values=(lambda outputs: values(outputs, environment)) if environment else values,
            secrets=secrets or {},
        )

    # One method for each template.

    def foundation(self, _outputs: Outputs) -> dict[str, Json]:
        names = self.names
        return {
            "location": self.answers.subscription.region,
            "tags": _tags(names.tags()),
            "platformGroupName": names.platform_group,
            "workspaceName": names.workspace,
            "registryName": names.registry,
            "databaseAdministratorName": names.database_administrator,
            "environments": [
                {
                    "name": environment,
                    "resourceGroupName": names.group(environment),
                    "tags": _tags(names.tags(environment)),
                    "keyVaultName": names.key_vault(environment),
                    "identities": [
                        {"workload": workload, "name": names.identity(environment, workload)}
                        for workload in self.workloads()
                    ],
                }
                for environment in self.environments
            ],
        }

    def workloads(self) -> tuple[Workload, ...]:
        """The workloads that have an identity of their own."""
        auth: tuple[Workload, ...] = ("auth",) if self.answers.sign_on.method == "secretless" else ()
        cluster: tuple[Workload, ...] = ("cluster", "kubelet") if self.on_kubernetes else ()
        return ("web", *auth, "worker", *cluster)

    def network(self, _outputs: Outputs) -> dict[str, Json]:
        names, network = self.names, self.answers.network
        hub, *spokes = self.addresses.networks
        return {
            "location": self.answers.subscription.region,
            "tags": _tags(names.tags()),
            "platformGroupName": names.platform_group,
            "hub": self.virtual_network(hub),
            "environments": [
                {
                    "name": spoke.name,
                    "resourceGroupName": names.group(spoke.name),
                    "tags": _tags(names.tags(spoke.name)),
                    "network": self.virtual_network(spoke),
                    "natGatewayName": names.nat_gateway(spoke.name),
                    "publicIpName": names.nat_address(spoke.name),
                    "routeTableName": names.route_table(spoke.name),
                }
                for spoke in spokes
            ],
            "egress": network.egress,
            "firewallAddress": network.firewall_address if network.egress == "firewall" else None,
            "privateDnsZoneNames": list(names.private_dns_zones),
            "privateDnsLinks": [
                {
                    "name": names.network_link(name),
                    "resourceGroupName": group,
                    "networkName": names.virtual_network(name),
                }
                for name, group in (
                    ("hub", names.platform_group),
                    *((name, names.group(name)) for name in self.environments),
                )
            ],
        }

    def virtual_network(self, network: Network) -> dict[str, Json]:
        return {
            "name": self.names.virtual_network(network.name),
            "addressPrefix": network.prefix,
            "subnets": [
                {
                    "name": self.names.subnet(subnet.name),
                    "addressPrefix": subnet.prefix,
                    "networkSecurityGroupName": self.names.security_group(network.name, subnet.name),
                    **({"delegation": subnet.delegation} if subnet.delegation else {}),
                }
                for subnet in network.subnets
            ],
        }

    def grants(self, outputs: Outputs) -> dict[str, Json]:
        names = self.names
        environments: list[Json] = []
        for environment in self.environments:
            principals = _principals(outputs, environment)
            rights: dict[str, Json] = {
                "name": environment,
                "resourceGroupName": names.group(environment),
                "keyVaultName": names.key_vault(environment),
                "vaultReaders": [principals["web"].object_id],
                # On Kubernetes it is the node that pulls, whoever runs on it.
                "imagePullers": [
                    principals["web"].object_id,
                    principals["kubelet" if self.on_kubernetes else "worker"].object_id,
                ],
            }
            if self.on_kubernetes:
                rights["cluster"] = {
                    "principalId": principals["cluster"].object_id,
                    "kubeletIdentityName": names.identity(environment, "kubelet"),
                    "networkName": names.virtual_network(environment),
                    "subnetName": names.subnet("nodes"),
                }
            environments.append(rights)
        return {
            "platformGroupName": names.platform_group,
            "registryName": names.registry,
            "environments": environments,
        }

    def data(self, outputs: Outputs) -> dict[str, Json]:
        names, size = self.names, self.answers.sizing
        return {
            "location": self.answers.subscription.region,
            "tags": _tags(names.tags()),
            "platformGroupName": names.platform_group,
            "environments": [self.data_of(environment, outputs) for environment in self.environments],
            "containerNames": list(LAYERS),
            "storageRedundancy": size.storage_redundancy,
            "postgresName": names.postgres,
            "postgresEndpoint": self.endpoint(names.postgres, "postgresqlServer", names.answers_at.zone("postgres")),
            "hubNetworkName": names.virtual_network("hub"),
            "hubSubnetName": names.subnet("endpoints"),
            "postgresSize": size.postgres_size,
            "postgresTier": sizing.postgres_tier(size.postgres_size),
            "postgresStorageGb": size.postgres_storage_gb,
            "postgresHighAvailability": size.postgres_ha,
            "postgresAdministrators": [
                {
                    "name": names.database_administrator,
                    "principalId": outputs["foundation"]["databaseAdministratorPrincipalId"],
                }
            ],
        }

    def data_of(self, environment: str, outputs: Outputs) -> dict[str, Json]:
        names, zone = self.names, self.names.answers_at.zone
        principals = _principals(outputs, environment)
        account, vault = names.storage_account(environment), names.key_vault(environment)
        return {
            "name": environment,
            "resourceGroupName": names.group(environment),
            "tags": _tags(names.tags(environment)),
            "storageAccountName": account,
            "storageEndpoints": [
                self.endpoint(account, "blob", zone("blob")),
                self.endpoint(account, "dfs", zone("dfs")),
            ],
            "keyVaultName": vault,
            "keyVaultEndpoint": self.endpoint(vault, "vault", zone("key_vault")),
            "networkName": names.virtual_network(environment),
            "subnetName": names.subnet("endpoints"),
            "blobContributors": [principals["web"].object_id, principals["worker"].object_id],
            "databases": [names.database(environment, "flowforge"), names.database(environment, "prefect")],
        }

    def endpoint(self, target: str, part: str, zone: str) -> dict[str, Json]:
        return {"name": self.names.private_endpoint(target, part), "groupId": part, "zoneName": zone}

    def runtime(self, outputs: Outputs, environment: str) -> dict[str, Json]:
        names, size = self.names, self.answers.sizing
        shared: dict[str, Json] = {
            "location": self.answers.subscription.region,
            "tags": _tags(names.tags(environment)),
            "resourceGroupName": names.group(environment),
            "runtime": self.answers.platform.runtime,
            "runtimeName": (names.kubernetes if self.on_kubernetes else names.container_apps)(environment),
            "managedGroupName": names.managed_group(environment),
            "networkName": names.virtual_network(environment),
            "subnetName": names.subnet("nodes" if self.on_kubernetes else "apps"),
            "workerNodeCount": size.worker_nodes,
            "zoneRedundant": self.zone_redundant,
            "platformGroupName": names.platform_group,
            "workspaceName": names.workspace,
            "egress": self.answers.network.egress,
        }
        if not self.on_kubernetes:
            return shared
        kubelet = _principals(outputs, environment)["kubelet"]
        return {
            **shared,
            "workerNodeSize": size.node_size,
            "systemNodeSize": sizing.SYSTEM_NODE_SIZE,
            "systemNodeCount": sizing.system_nodes(size.worker_nodes),
            "privateApiServer": self.answers.platform.private_api,
            "podCidr": self.addresses.pod_cidr,
            "serviceCidr": self.addresses.service_cidr,
            "dnsServiceIp": self.addresses.dns_service_ip,
            "clusterIdentityName": names.identity(environment, "cluster"),
            "kubeletIdentityName": names.identity(environment, "kubelet"),
            "kubeletClientId": kubelet.client_id,
            "kubeletPrincipalId": kubelet.object_id,
        }

    def control_plane(self, outputs: Outputs, environment: str) -> dict[str, Json]:
        names, sign_on = self.names, self.answers.sign_on
        principals = _principals(outputs, environment)
        secretless = sign_on.method == "secretless"
        return {
            "location": self.answers.subscription.region,
            "tags": _tags(names.tags(environment)),
            "resourceGroupName": names.group(environment),
            "planName": names.plan(environment),
            "webPlanSize": self.answers.sizing.web_size,
            "zoneRedundant": self.zone_redundant,
            "siteName": names.site(environment),
            "webImage": self.answers.platform.web_image,
            "registryHost": names.registry_host,
            "networkName": names.virtual_network(environment),
            "subnetName": names.subnet("web"),
            "identityName": names.identity(environment, "web"),
            "identityClientId": principals["web"].client_id,
            "healthPath": HEALTH_PATH,
            "settings": {
                "WEBSITES_PORT": str(WEB_PORT),
                "AZURE_CLIENT_ID": principals["web"].client_id,
                "FLOWFORGE_ENVIRONMENT": environment,
                "FLOWFORGE_BLOB_ENDPOINT": names.blob_endpoint(environment),
                "FLOWFORGE_CONTAINERS": ",".join(LAYERS),
                "FLOWFORGE_DATABASE_HOST": names.postgres_host,
                "FLOWFORGE_DATABASE_NAME": names.database(environment, "flowforge"),
                "FLOWFORGE_DATABASE_USER": names.identity(environment, "web"),
            },
            "keyVaultName": names.key_vault(environment),
            "keyVaultUri": names.key_vault_uri(environment),
            "signOnMethod": sign_on.method,
            "signOnIssuer": f"https://{names.answers_at.login}/{self.answers.subscription.tenant}/v2.0",
            "signOnClientId": None if sign_on.method == "later" else sign_on.client_id,
            "authIdentityName": names.identity(environment, "auth") if secretless else None,
            "authIdentityClientId": principals["auth"].client_id if secretless else None,
        }


@dataclass(frozen=True)
class _Principal:
    """An identity as Entra knows it."""

    object_id: str
    client_id: str


def _principals(outputs: Outputs, environment: str) -> dict[str, _Principal]:
    """The identities of an environment by workload, as the foundation stage gave them back."""
    environments = outputs["foundation"]["environmentPrincipals"]
    for found in environments if isinstance(environments, list) else ():
        if isinstance(found, dict) and found["name"] == environment and isinstance(found["principals"], list):
            return {
                str(principal["workload"]): _Principal(str(principal["principalId"]), str(principal["clientId"]))
                for principal in found["principals"]
                if isinstance(principal, dict)
            }
    raise KeyError(f"the foundation stage gave back no identities of {environment}")


def _tags(tags: Mapping[str, str]) -> dict[str, Json]:
    return dict(tags)
