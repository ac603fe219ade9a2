"""Parameters of stage 4, data."""

from installer import sizing
from installer.jsontypes import Json
from installer.naming import LAYERS
from installer.parameters.installation import Installation
from installer.parameters.principals import principals_of
from installer.parameters.spec import Outputs


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
