"""Customer-managed keys: the key exists, its vault has purge protection, and the identity may use it.

Services reach a vault without public access as trusted services, if it lets them:
learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints (Storage, Disk Storage, Container Registry,
PostgreSQL flexible server).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from installer.emulator.providers.key_vault import VAULT_TYPE
from installer.emulator.providers.roles import can, principal_of
from installer.json_access import as_text, member

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource

_URI: Final = re.compile(r"https://(?P<vault>[^./]+)\.vault\.[^/]+/keys/(?P<key>[^/]+)(?:/(?P<version>\w*))?/?")
_ACTIONS: Final = tuple(f"Microsoft.KeyVault/vaults/keys/{name}" for name in ("read", "wrap/action", "unwrap/action"))


@dataclass(frozen=True)
class KeyUse:
    """Use of a key by an identity, given by its resource ID; `uri` with or without version."""

    uri: str
    identity: str

    @property
    def versioned(self) -> bool:
        """Whether the URI names a version of the key."""
        found = _URI.fullmatch(self.uri)
        return found is not None and bool(found["version"])

    def vault(self, context: ProviderContext) -> Resource | None:
        """The vault of the key, None outside the emulator."""
        found = _URI.fullmatch(self.uri)
        vaults = context.resources.of_type(VAULT_TYPE) if found else ()
        return next((item for item in vaults if found and item.name.lower() == found["vault"].lower()), None)

    def unprotected(self, context: ProviderContext) -> bool:
        """Whether deleted keys of the vault could be purged."""
        vault = self.vault(context)
        return vault is not None and member(vault.desired, "properties", "enablePurgeProtection") is not True

    def problem(self, context: ProviderContext) -> Literal["missing", "forbidden"] | None:
        """The reason why the identity cannot use the key, None if it can or if the key is outside the emulator."""
        vault, found = self.vault(context), _URI.fullmatch(self.uri)
        if vault is None or found is None:
            return None
        where = f"{vault.id}/keys/{found['key']}"
        if context.resources.get(where) is None:
            return "missing"
        principal = principal_of(context, self.identity)
        allowed = all(can(context, principal, action, where, data=True) for action in _ACTIONS)
        return None if allowed and _lets_in_services(vault) else "forbidden"


def _lets_in_services(vault: Resource) -> bool:
    """Whether trusted services reach the vault: it is open, or it makes an exception for them."""
    rules = member(vault.desired, "properties", "networkAcls")
    private = as_text(member(vault.desired, "properties", "publicNetworkAccess")).lower() == "disabled"
    closed = private or as_text(member(rules, "defaultAction")).lower() == "deny"
    return not closed or as_text(member(rules, "bypass"), "AzureServices").lower() == "azureservices"
