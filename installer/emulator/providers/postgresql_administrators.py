"""Microsoft.DBforPostgreSQL: administrators of flexible servers, principals of Entra with a role in PostgreSQL.

That they are written one at a time, and not while the server changes, is in serial_writes.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from installer.emulator.errors import ArmError
from installer.emulator.providers.provider import ProviderHooks
from installer.json_access import as_text, member
from installer.resource_id import name_of, parent_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.emulator.providers.provider import ProviderContext

_RESERVED: Final = ("azuresu", "azure_superuser", "azure_pg_admin", "public", "none")
_MAX_BYTES: Final = 63
_IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"


def _check(context: ProviderContext) -> None:
    """Refuses an administrator that is no principal, or that cannot have a role on the server (ArmError).

    Codes and texts are assumed.
    """
    for problem in (*_object_id(context), *_name(context), *_sign_in(context), *_type(context)):
        raise ArmError(400, "InvalidParameterValue", problem, cause="service")


def _object_id(context: ProviderContext) -> Iterator[str]:
    """Source: REST API Administrators Microsoft Entra - Create Or Update (objectId), whose examples have a GUID."""
    try:
        UUID(context.leaf)
    except ValueError:
        yield f"The name '{context.leaf}' of an administrator is not the object ID of a Microsoft Entra principal."


def _name(context: ProviderContext) -> Iterator[str]:
    """A name of a role: not empty, not reserved.

    postgresql.org/docs/current/catalog-pg-authid.html and sql-createrole.html: names with the prefix pg_ and the words public and
    none are reserved, and no text has a NUL. MicrosoftDocs/azure-databases-docs,
    articles/postgresql/security/security-access-control.md: azuresu and azure_pg_admin are roles of the service. For
    the login of a server Azure documents the same refusals (quickstart-create-server-portal). Names of roles have at most 63 bytes
    (sql-syntax-lexical.html): with a longer one a single server had no administrator (MicrosoftDocs/azure-docs#100012).
    """
    name = as_text(context.properties.get("principalName", "unnamed"))  # the schema does not require one
    if not name or "\0" in name or name.lower().startswith("pg_") or name.lower() in _RESERVED:
        yield f"The principal name '{name}' is not valid: it is empty, or reserved by the server."
    if len(name.encode()) > _MAX_BYTES:
        yield f"The principal name '{name}' is not valid: a role has a name of at most {_MAX_BYTES} bytes."


def _sign_in(context: ProviderContext) -> Iterator[str]:
    """Sign-in with Entra is off unless a server asks for it: github.com/Azure/azure-cli/pull/24713.

    Administrators need it: github.com/Altinn/dialogporten/pull/3570.
    """
    server = context.resources.get(parent_id_of(context.id))
    mode = as_text(member(server.desired, "properties", "authConfig", "activeDirectoryAuth")) if server else ""
    if server is not None and mode.lower() != "enabled":
        yield f"Microsoft Entra authentication is not enabled on server '{name_of(server.id)}'."


def _type(context: ProviderContext) -> Iterator[str]:
    """A managed identity is a service principal.

    MicrosoftDocs/azure-databases-docs, articles/postgresql/security/security-manage-entra-users.md. Other principals are in
    the directory, which providers do not see.
    """
    kind = context.text("principalType")
    if kind.lower() in {"serviceprincipal", "unknown", ""}:
        return
    for identity in context.resources.of_type(_IDENTITIES):
        if as_text(member(identity.computed, "properties", "principalId")).lower() == context.leaf.lower():
            yield f"The principal '{context.leaf}' has type 'ServicePrincipal', which is different from '{kind}'."


HOOKS = {"Microsoft.DBforPostgreSQL/flexibleServers/administrators": ProviderHooks(check=_check)}
