"""Parameters of stage 4, data."""

from installer.conventions import sizing
from installer.conventions.naming import LAYERS
from installer.conventions.naming.environment import ENCRYPTION_KEY, EVENT_QUEUE
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.resource_ids import endpoints, place, resource_id, subnet_id, zone_id
from installer.estate.parameters.stage_spec import Outputs, Reading
from installer.jsontypes import Json

_ACCOUNTS = "Microsoft.Storage/storageAccounts"
_SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers"
_SERVERS_VERSION = "2025-08-01"
_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
_VAULTS = "Microsoft.KeyVault/vaults"


def data(it: Installation, outputs: Outputs) -> dict[str, Json]:
    """Data lakes, PostgreSQL servers and their private endpoints."""
    answers, size = it.answers, it.answers.sizing
    kept = answers.data
    return {
        "environments": [_data_of(it, site, outputs) for site in it.sites],
        "containerNames": list(LAYERS),
        "storageRedundancy": size.storage_redundancy,
        "softDeleteDays": kept.soft_delete_days,
        "coolAfterDays": kept.cool_after_days,
        "landingDays": kept.landing_days,
        "queueName": EVENT_QUEUE if answers.integrations.has_queue else None,
        "publicAccess": it.public,
        "servers": _servers(it, outputs),
        "postgresVersion": kept.postgres_version,
        "postgresSize": size.postgres_size,
        "postgresStorageGb": size.postgres_storage_gb,
        "postgresAutoGrow": kept.postgres_autogrow,
        "postgresBackupDays": kept.backup_days,
        "postgresGeoBackup": kept.geo_backup,
        "postgresHighAvailability": size.postgres_ha,
        "maintenanceDay": answers.platform.maintenance_day,
        "endpoints": _endpoints(it),
        "locks": answers.governance.locks,
        "lockName": it.names.lock,
        "lockedGroups": _locked_groups(it) if answers.governance.locks == "groups" else [],
    }


def _locked_groups(it: Installation) -> list[Json]:
    """The platform's resource group and those of the environments."""
    own = it.answers.subscription.subscription
    found = [(own, it.names.platform_group), *((site.subscription, it.names.group(site.name)) for site in it.sites)]
    return [{"subscriptionId": subscription, "resourceGroupName": group} for subscription, group in found]


def grown_storage(it: Installation) -> dict[str, Reading]:
    """Current storage size of each PostgreSQL server: it grows automatically, and Azure rejects a smaller one."""
    path = ("properties", "storage", "storageSizeGB")
    own = next((site for site in it.sites if site.own_server), None)
    shared = {"currentSharedStorageGb": Reading(_shared_server(it), _SERVERS_VERSION, path)}
    return shared | ({"currentProdStorageGb": Reading(_own_server(it, own), _SERVERS_VERSION, path)} if own else {})


def _data_of(it: Installation, site: Site, outputs: Outputs) -> dict[str, Json]:
    principals = principals_of(outputs, site.name)
    own: dict[str, Json] = (
        {} if site.own.storage_redundancy == "same" else {"storageRedundancy": site.storage_redundancy}
    )
    return {
        "site": place(it, site),
        "storageAccountName": it.names.storage_account(site.name),
        "keyVaultName": it.names.key_vault(site.name),
        "blobContributors": [principals["web"].object_id, principals["worker"].object_id],
        "metricPublishers": [principals["worker"].object_id],
        **customer_key(it, site),
        **(_disk_encryption(it, site, principals["cluster"].object_id) if it.encrypts_disks(site) else {}),
        **own,
    }


def _disk_encryption(it: Installation, site: Site, principal: str) -> dict[str, Json]:
    return {"diskEncryption": {"name": it.names.disk_encryption_set(site.name), "clusterPrincipalId": principal}}


def customer_key(it: Installation, site: Site | None) -> dict[str, Json]:
    """The customer-managed key of an environment, or of shared resources; empty without."""
    if not it.answers.governance.customer_keys:
        return {}
    subscription, group, identity, vault = (
        (
            site.subscription,
            it.names.group(site.name),
            it.names.identity(site.name, "encryption"),
            it.names.key_vault_uri(site.name),
        )
        if site
        else (
            it.subscription,
            it.names.platform_group,
            it.names.identity("platform", "encryption"),
            it.names.platform_key_vault_uri,
        )
    )
    used_by = resource_id(subscription, group, _IDENTITIES, identity)
    return {"customerKey": {"identityId": used_by, "vaultUri": vault, "keyName": ENCRYPTION_KEY}}


def _administrators(it: Installation, outputs: Outputs, sites: list[Site]) -> list[Json]:
    """Administrators of a server: the identity of the bootstrap job of each environment, and the admin group."""
    sign_on = it.answers.sign_on
    ours: list[Json] = [
        {
            "name": it.names.identity(site.name, "dbadmin"),
            "principalId": principals_of(outputs, site.name)["dbadmin"].object_id,
            "principalType": "ServicePrincipal",
        }
        for site in sites
    ]
    if sign_on.admin_group is None:
        return ours
    people: dict[str, Json] = {
        "name": sign_on.admin_group_name,
        "principalId": sign_on.admin_group,
        "principalType": "Group",
    }
    return [*ours, people]


def _servers(it: Installation, outputs: Outputs) -> list[Json]:
    """The shared server, then the dedicated server of prod if there is one."""
    sharing = [site for site in it.sites if not site.own_server]
    shared: dict[str, Json] = {
        "name": it.names.postgres,
        "subscriptionId": it.subscription,
        "location": it.location,
        "resourceGroupName": it.names.platform_group,
        "tags": it.tags(),
        "tier": sizing.postgres_tier(it.answers.sizing.postgres_size),
        "administrators": _administrators(it, outputs, sharing),
        "databases": _databases(it, sharing),
        **_injected(it, "hub"),
        **customer_key(it, None),
    }
    own = [
        {
            "name": it.names.own_postgres(site.name),
            "subscriptionId": site.subscription,
            "location": site.location,
            "resourceGroupName": it.names.group(site.name),
            "tags": it.tags(site.name),
            **({"size": site.own.postgres_size} if site.own.postgres_size else {}),
            "tier": sizing.postgres_tier(site.postgres_size),
            "administrators": _administrators(it, outputs, [site]),
            "databases": _databases(it, [site]),
            **_injected(it, site.name),
            **customer_key(it, site),
        }
        for site in it.sites
        if site.own_server
    ]
    return [shared, *own]


def _databases(it: Installation, sites: list[Site]) -> list[Json]:
    """Databases of FlowForge and Prefect for each environment; Prefect Cloud needs none."""
    prefect = it.answers.platform.prefect == "server"
    return [
        name
        for site in sites
        for name in (
            it.names.database(site.name, "flowforge"),
            *((it.names.database(site.name, "prefect"),) if prefect else ()),
        )
    ]


def _injected(it: Installation, network: str) -> dict[str, Json]:
    """Subnet and DNS zone of a server with VNet integration; empty otherwise."""
    if it.public or it.answers.data.postgres_network != "injected":
        return {}
    return {"subnetId": subnet_id(it, network, "postgres"), "zoneId": zone_id(it, it.names.answers_at.zone("postgres"))}


def _endpoints(it: Installation) -> list[Json]:
    """One endpoint for each resource, in its own network: all networks share a zone, which has one record per name."""
    found: list[Json] = []
    zone = it.names.answers_at.zone
    by_endpoint = it.answers.data.postgres_network == "endpoint"
    if by_endpoint:
        found += endpoints(it, "hub", _shared_server(it), "postgresqlServer", zone("postgres"))
    for site in it.sites:
        group = it.names.group(site.name)
        account = resource_id(site.subscription, group, _ACCOUNTS, it.names.storage_account(site.name))
        vault = resource_id(site.subscription, group, _VAULTS, it.names.key_vault(site.name))
        found += endpoints(it, site.name, account, "blob", zone("blob"))
        found += endpoints(it, site.name, account, "dfs", zone("dfs"))
        if it.answers.integrations.has_queue:
            found += endpoints(it, site.name, account, "queue", zone("queue"))
        found += endpoints(it, site.name, vault, "vault", zone("key_vault"))
        if by_endpoint and site.own_server:
            found += endpoints(it, site.name, _own_server(it, site), "postgresqlServer", zone("postgres"))
    return found


def server_ids(it: Installation) -> tuple[str, ...]:
    """Resource ids of the PostgreSQL servers, in the order of the parameter."""
    return (_shared_server(it), *(_own_server(it, site) for site in it.sites if site.own_server))


def server_of(it: Installation, site: Site) -> str:
    """Resource id of the PostgreSQL server of an environment."""
    return _own_server(it, site) if site.own_server else _shared_server(it)


def _shared_server(it: Installation) -> str:
    return resource_id(it.subscription, it.names.platform_group, _SERVERS, it.names.postgres)


def _own_server(it: Installation, site: Site) -> str:
    return resource_id(site.subscription, it.names.group(site.name), _SERVERS, it.names.own_postgres(site.name))
