"""Microsoft.DBforPostgreSQL: flexible servers, whose names are globally unique."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.governance.locks import locked_scopes
from installer.emulator.providers.encryption_keys import KeyUse
from installer.emulator.providers.postgresql_restore import check_restore, settle_restore, shown_backup
from installer.emulator.providers.power_state import DATABASE
from installer.emulator.providers.provider import ProviderContext, ProviderHooks, name_taken
from installer.emulator.providers.region_catalogue import (
    SAME_ZONE_HA,
    ZONAL_HA,
    ha_modes,
    known_size,
    versions,
    zones_of,
)
from installer.json_access import as_text, member, merged
from installer.resource_id import name_of

if TYPE_CHECKING:
    from installer.json_access import JsonObject

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]")


def _check_server(context: ProviderContext) -> None:
    name = context.leaf
    if not _NAME.fullmatch(name):
        raise ArmError(
            400,
            "InvalidServerName",
            f"The server name '{name}' is invalid: 3 to 63 lower-case letters, digits and hyphens are expected, "
            "with neither end a hyphen.",
            cause="service",
        )
    if name_taken(context):
        raise ArmError(
            409, "ServerNameAlreadyExists", f"Specified server name '{name}' is already used.", cause="service"
        )
    if context.survey.restriction("flexibleServers", context.location, _size(context)) is not None:
        raise ArmError(
            400,
            "LocationIsOfferRestricted",
            f"Subscriptions are restricted from provisioning in location '{context.location}'. Try again in a different "
            "location. For exceptions to this rule please open a support request.",
            cause="service",
        )
    _check_capabilities(context)
    check_restore(context)
    _check_encryption(context)
    _check_network_locks(context)


def _check_network_locks(context: ProviderContext) -> None:
    """Refuses a new server in a virtual network with a lock of either level, on itself, above it or on a subnet.

    MicrosoftDocs/azure-docs#89219 and 96941 (how-to-manage-virtual-network-portal, prerequisites: no lock at all until the server
    exists); github.com/hashicorp/terraform-provider-azurerm/issues/19262 (locks of the group, OperationFailed). Azure refuses while it
    creates the server; that it is at once here is a simplification.
    """
    subnet = context.text("network", "delegatedSubnetResourceId")
    network, _, name = subnet.partition("/subnets/")
    if context.before is None and network and (scopes := locked_scopes(context.resources, network)):
        text = (
            f"Operation on resource {name_of(network)}/subnets/{name} failed: locked scope(s): '{', '.join(scopes)}'."
        )
        raise ArmError(409, "OperationFailed", text, cause="service")


def _key_use(context: ProviderContext) -> KeyUse | None:
    """The key that encrypts the server, None for one that Azure manages."""
    if context.text("dataEncryption", "type").lower() != "azurekeyvault":
        return None
    uri = context.text("dataEncryption", "primaryKeyURI")
    return KeyUse(uri, context.text("dataEncryption", "primaryUserAssignedIdentityId"))


def _check_encryption(context: ProviderContext) -> None:
    """Refuses a key that can be purged, and geo-redundant backups without a key in the paired region.

    learn.microsoft.com/azure/postgresql/security/security-data-encryption; the codes are those of
    github.com/hashicorp/terraform-provider-azurerm/issues/25138 and, assumed, of the other database services.
    """
    use = _key_use(context)
    if use is None:
        return
    geo = context.text("backup", "geoRedundantBackup").lower() == "enabled"
    if geo and not context.text("dataEncryption", "geoBackupKeyURI"):
        text = "A server with geo-redundant backups needs a customer-managed key in the region of the backups, too."
        raise ArmError(400, "CMKNotSupportedForGeoRedundantBackupEnabledServer", text, cause="service")
    if use.unprotected(context):
        text = f"The key vault of '{use.uri}' must have soft delete and purge protection enabled."
        raise ArmError(400, "AzureKeyVaultInvalidRecoveryLevel", text, cause="service")


def _encryption_failure(context: ProviderContext) -> ArmError | None:
    """The error of a server whose identity cannot use its key."""
    use = _key_use(context)
    problem = use.problem(context) if use else None
    if use is None or problem is None:
        return None
    if problem == "missing":
        text = f"The key '{use.uri}' was not found."
        return ArmError(404, "AzureKeyVaultKeyNotFound", text, cause="service")
    text = f"The identity '{use.identity}' is missing required permissions Get, WrapKey, UnwrapKey on '{use.uri}'."
    return ArmError(401, "AzureKeyVaultMissingPermissions", text, cause="service")


def _size(context: ProviderContext) -> str:
    return as_text(member(context.resource.desired, "sku", "name"))


def _check_capabilities(context: ProviderContext) -> None:
    """Refuses a size, a version or an availability mode that the region does not offer."""
    tier = as_text(member(context.resource.desired, "sku", "tier"))
    version, mode = context.text("version"), context.text("highAvailability", "mode")
    problems = [
        (
            _size(context) and not known_size(tier, _size(context)),
            f"The size '{_size(context)}' is not offered in tier '{tier}'",
        ),
        (version and version not in versions(), f"The version '{version}' is not offered"),
        (
            mode in _HIGH_AVAILABILITY_MODES and tier == "Burstable",
            "High availability is not offered in tier 'Burstable'",
        ),
        (mode == ZONAL_HA and not zones_of(context.location), f"'{context.location}' has no availability zones"),
        (
            mode in _HIGH_AVAILABILITY_MODES and mode not in ha_modes(_size(context), context.location, context.survey),
            f"High availability mode '{mode}' is not offered for the size '{_size(context)}' in '{context.location}'",
        ),
    ]
    for wrong, text in problems:
        if wrong:
            raise ArmError(400, "InvalidParameterValue", f"{text}.", cause="service")


_HIGH_AVAILABILITY_MODES = (ZONAL_HA, SAME_ZONE_HA)


def _server(context: ProviderContext) -> JsonObject:
    public = context.text("network", "publicNetworkAccess")
    delegated_subnet = context.text("network", "delegatedSubnetResourceId")
    shown: JsonObject = {
        "properties": {
            "fullyQualifiedDomainName": f"{context.leaf}.postgres.database.azure.com",
            "network": {"publicNetworkAccess": public or ("Disabled" if delegated_subnet else "Enabled")},
        }
    }
    return merged(shown, DATABASE.members(context))


HOOKS = {
    "Microsoft.DBforPostgreSQL/flexibleServers": ProviderHooks(
        check=_check_server,
        computed=_server,
        failure=_encryption_failure,
        after_write=settle_restore,
        display=lambda context: {"properties": shown_backup(context)},
        actions=DATABASE.actions,
    ),
}
