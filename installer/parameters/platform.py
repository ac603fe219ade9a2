"""Parameters of the stages that serve all environments at once: foundation, network, grants, data."""

from installer import sizing
from installer.addressing import Network
from installer.jsontypes import Json
from installer.naming import LAYERS
from installer.parameters.installation import Installation
from installer.parameters.principals import principals_of
from installer.parameters.spec import Outputs


def foundation(it: Installation, _outputs: Outputs) -> dict[str, Json]:
    """Resource groups, identities, workspace, registry and key vaults."""
    names = it.names
    return {
        "location": it.answers.subscription.region,
        "tags": it.tags(),
        "platformGroupName": names.platform_group,
        "workspaceName": names.workspace,
        "registryName": names.registry,
        "databaseAdministratorName": names.database_administrator,
        "environments": [
            {
                "name": environment,
                "resourceGroupName": names.group(environment),
                "tags": it.tags(environment),
                "keyVaultName": names.key_vault(environment),
                "identities": [
                    {"workload": workload, "name": names.identity(environment, workload)} for workload in it.workloads
                ],
            }
            for environment in it.environments
        ],
    }


def network(it: Installation, _outputs: Outputs) -> dict[str, Json]:
    """Hub, spokes, egress and private DNS."""
    names, network = it.names, it.answers.network
    hub, *spokes = it.addresses.networks
    return {
        "location": it.answers.subscription.region,
        "tags": it.tags(),
        "platformGroupName": names.platform_group,
        "hub": _virtual_network(it, hub),
        "environments": [
            {
                "name": spoke.name,
                "resourceGroupName": names.group(spoke.name),
                "tags": it.tags(spoke.name),
                "network": _virtual_network(it, spoke),
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
                *((name, names.group(name)) for name in it.environments),
            )
        ],
    }


def _virtual_network(it: Installation, network: Network) -> dict[str, Json]:
    return {
        "name": it.names.virtual_network(network.name),
        "addressPrefix": network.prefix,
        "subnets": [
            {
                "name": it.names.subnet(subnet.name),
                "addressPrefix": subnet.prefix,
                "networkSecurityGroupName": it.names.security_group(network.name, subnet.name),
                **({"delegation": subnet.delegation} if subnet.delegation else {}),
            }
            for subnet in network.subnets
        ],
    }


def grants(it: Installation, outputs: Outputs) -> dict[str, Json]:
    """Who may do what, before anything needs it."""
    names = it.names
    environments: list[Json] = []
    for environment in it.environments:
        principals = principals_of(outputs, environment)
        rights: dict[str, Json] = {
            "name": environment,
            "resourceGroupName": names.group(environment),
            "keyVaultName": names.key_vault(environment),
            "vaultReaders": [principals["web"].object_id],
            # On Kubernetes it is the node that pulls, whoever runs on it.
            "imagePullers": [
                principals["web"].object_id,
                principals["kubelet" if it.on_kubernetes else "worker"].object_id,
            ],
        }
        if it.on_kubernetes:
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


def data(it: Installation, outputs: Outputs) -> dict[str, Json]:
    """Data lakes, the shared PostgreSQL server, and the private ways to them."""
    names, size = it.names, it.answers.sizing
    return {
        "location": it.answers.subscription.region,
        "tags": it.tags(),
        "platformGroupName": names.platform_group,
        "environments": [_data_of(it, environment, outputs) for environment in it.environments],
        "containerNames": list(LAYERS),
        "storageRedundancy": size.storage_redundancy,
        "postgresName": names.postgres,
        "postgresEndpoint": _endpoint(it, names.postgres, "postgresqlServer", names.answers_at.zone("postgres")),
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


def _data_of(it: Installation, environment: str, outputs: Outputs) -> dict[str, Json]:
    names, zone = it.names, it.names.answers_at.zone
    principals = principals_of(outputs, environment)
    account, vault = names.storage_account(environment), names.key_vault(environment)
    return {
        "name": environment,
        "resourceGroupName": names.group(environment),
        "tags": it.tags(environment),
        "storageAccountName": account,
        "storageEndpoints": [
            _endpoint(it, account, "blob", zone("blob")),
            _endpoint(it, account, "dfs", zone("dfs")),
        ],
        "keyVaultName": vault,
        "keyVaultEndpoint": _endpoint(it, vault, "vault", zone("key_vault")),
        "networkName": names.virtual_network(environment),
        "subnetName": names.subnet("endpoints"),
        "blobContributors": [principals["web"].object_id, principals["worker"].object_id],
        "databases": [names.database(environment, "flowforge"), names.database(environment, "prefect")],
    }


def _endpoint(it: Installation, target: str, part: str, zone: str) -> dict[str, Json]:
    return {"name": it.names.private_endpoint(target, part), "groupId": part, "zoneName": zone}
