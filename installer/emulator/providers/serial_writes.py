"""Serial writes: some providers refuse a write while a sibling is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.resource_id import name_of, top_level_id_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext

_SERVER = "microsoft.dbforpostgresql/flexibleservers/"
_ADMINISTRATORS = f"{_SERVER}administrators"
_NOT_ACCESSIBLE = "AadAuthOperationCannotBePerformedWhenServerIsNotAccessible"
"""Also while the server itself is changed. Code and text: github.com/Azure-Samples/postgres-sa-byoac,
docs/workshop/docs/02-Setup/05-Provision-And-Deploy.md; the HTTP status is assumed."""
_CREDENTIALS = "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials"
_SUBNETS = "microsoft.network/virtualnetworks/subnets"
_SCOPED = "microsoft.insights/privatelinkscopes/scopedresources"


def check_serial_write(context: ProviderContext) -> None:
    """Refuses a write while a sibling is being written, for types that are written one at a time (ArmError)."""
    kind = context.resource.type.lower()
    if not (kind.startswith(_SERVER) or kind in {_CREDENTIALS, _SUBNETS, _SCOPED}):
        return
    owner = top_level_id_of(context.id)
    name = name_of(owner)
    own = {context.resource.key} if kind == _ADMINISTRATORS else {owner.lower(), context.resource.key}
    siblings = (item for item in context.resources.under(owner) if item.key not in own)
    if not any(
        item.under_way and (item.ends or 0) > context.now for item in siblings if _exclusive(kind, item.type.lower())
    ):
        return
    if kind == _ADMINISTRATORS:
        text = f"The server '{name}' is not in an accessible state to perform Azure AD Principal operation."
        hint = "Please make sure the server is accessible before executing Azure AD Principal operations."
        raise ArmError(409, _NOT_ACCESSIBLE, f"{text} {hint}", cause="service")
    if kind.startswith(_SERVER):
        text = f"Cannot complete operation while server '{name}' is busy processing another operation. Try again later."
        raise ArmError(409, "ServerIsBusy", text, cause="service")
    if kind == _SCOPED:
        # The text is that of github.com/hashicorp/terraform-provider-azurerm/issues/22236; the code is assumed.
        text = "Cannot modify resource while in provisioning state: 'Provisioning'"
        raise ArmError(409, "Conflict", text, cause="service")
    if kind == _SUBNETS:
        text = "Another operation on this or dependent resource is in progress. To retrieve status of the operation use"
        raise ArmError(429, "AnotherOperationInProgress", f"{text} the uri of that operation.", cause="service")
    raise ArmError(
        409,
        "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
        "Too many Federated Identity Credentials are written concurrently for the managed identity "
        f"'{name}'. Concurrent Federated Identity Credentials writes under the same managed identity are not "
        "supported.",
        cause="service",
    )


def _exclusive(kind: str, other: str) -> bool:
    """Whether writes of two types exclude each other: all of a server, else those of one type."""
    return kind == other or (kind.startswith(_SERVER) and f"{other}/".startswith(_SERVER))
