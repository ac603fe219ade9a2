"""Microsoft.KeyVault: vaults and the control-plane view of their secrets, whose values are never kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.rehearsal.errors import ArmError
from installer.rehearsal.ids import derived_hex
from installer.rehearsal.providers.behaviour import Behaviour, Case, name_taken

if TYPE_CHECKING:
    from installer.rehearsal.shapes import JsonObject

_NAME = re.compile(r"[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]")


def _check_vault(case: Case) -> None:
    if not _NAME.fullmatch(case.leaf):
        raise ArmError(
            400,
            "VaultNameNotValid",
            f"The vault name '{case.leaf}' is invalid. A vault's name must be between 3-24 alphanumeric characters. "
            "The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.",
            cause="service",
        )
    if name_taken(case):
        raise ArmError(409, "VaultAlreadyExists", f"The vault name '{case.leaf}' is already in use.", cause="service")


def _uri(vault: str) -> str:
    return f"https://{vault.lower()}.vault.azure.net/"


def _vault(case: Case) -> JsonObject:
    return {"properties": {"vaultUri": _uri(case.leaf)}}


def _secret(case: Case) -> JsonObject:
    vault = case.id.split("/")[-3]
    uri = f"{_uri(vault)}secrets/{case.leaf}"
    version = derived_hex(f"{case.id}@{case.resource.changed}", "version", 32)
    return {"properties": {"secretUri": uri, "secretUriWithVersion": f"{uri}/{version}"}}


BEHAVIOURS = {
    "Microsoft.KeyVault/vaults": Behaviour(check=_check_vault, computed=_vault),
    "Microsoft.KeyVault/vaults/secrets": Behaviour(computed=_secret),
}
