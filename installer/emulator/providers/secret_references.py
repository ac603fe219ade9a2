"""Key Vault references: they resolve once the role is in effect and the secret exists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from installer.emulator.providers.key_vault import VAULT_TYPE, vault_key
from installer.emulator.providers.roles import can, principal_of
from installer.json_access import as_text, member
from installer.resource_id import name_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource, Resources
    from installer.emulator.state.secret_values import SecretValues

Status = Literal["Resolved", "AccessToKeyVaultDenied", "SecretNotFound", "InvalidSyntax"]
_READ = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
_URI = re.compile(r"https://(?P<vault>[^./]+)\.vault\.[^/]+/secrets/(?P<secret>[^/]+)(?:/(?P<version>\w*))?/?")
_BY_NAME = re.compile(r"vaultname=(?P<vault>[^;]+);secretname=(?P<secret>[^;]+)", re.IGNORECASE)
_REFERENCE = re.compile(r"@Microsoft\.KeyVault\((.*)\)", re.IGNORECASE)


def reference_in(setting: str) -> str | None:
    """The reference in a setting of the form @Microsoft.KeyVault(…), or None for a plain value."""
    found = _REFERENCE.fullmatch(setting.strip())
    return found[1] if found else None


def status_of(context: ProviderContext, reference: str, identity: str) -> tuple[Status, str, str]:
    """Whether an identity can read a secret.

    Returns:
        The status of the reference, the name of the vault and the name of the secret.

    """
    text = reference.removeprefix("SecretUri=")
    found = _URI.fullmatch(text) or _BY_NAME.match(reference)
    if found is None:
        return "InvalidSyntax", "", ""
    name, secret = found["vault"], found["secret"]
    vault = _vault(context.resources, name)
    if vault is None:
        return "Resolved", name, secret  # a vault outside the emulator cannot be checked
    where = f"{vault.id}/secrets/{secret}"
    if not can(context, principal_of(context, identity), _READ, where, data=True):
        return "AccessToKeyVaultDenied", name, secret
    return ("Resolved" if context.resources.get(where) else "SecretNotFound"), name, secret


def version_of(resources: Resources, vault: str, secret: str) -> str:
    """The current version of a secret: "vault/secret/version", without the version in a vault outside the emulator."""
    found = _vault(resources, vault)
    kept = resources.get(f"{found.id}/secrets/{secret}") if found else None
    version = name_of(as_text(member(kept.computed, "properties", "secretUriWithVersion"))) if kept else ""
    return "/".join(filter(None, (vault.lower(), secret, version)))


def version_behind(resources: Resources, uri: str) -> str:
    """The current version of the secret behind a URI."""
    found = _URI.fullmatch(uri)
    return version_of(resources, found["vault"], found["secret"]) if found else uri


def value_behind(resources: Resources, values: SecretValues, version: str) -> str | None:
    """Value of a version ("vault/secret/version"), of the latest one if none is named; None if no vault here has it."""
    vault, _, rest = version.partition("/")
    secret, _, wanted = rest.partition("/")
    found = _vault(resources, vault)
    every = values.versions(vault_key(found), secret) if found else []
    return next((one.value for one in every if wanted in {"", one.version}), None)


def _vault(resources: Resources, name: str) -> Resource | None:
    return next((item for item in resources.of_type(VAULT_TYPE) if item.name.lower() == name.lower()), None)
