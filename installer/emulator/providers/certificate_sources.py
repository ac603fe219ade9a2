"""Certificates in key vaults that an ingress reads: the vault admits the ingress, and the certificate is valid.

Sources: azure-docs, articles/application-gateway/key-vault-certs.md (trusted services, identity) and
articles/frontdoor/standard-premium/how-to-configure-https-custom-domain.md. The role assignment itself takes effect by the
fault ApplicationGatewayKeyVaultSecretException.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.providers.key_vault import VAULT_TYPE
from installer.json_access import as_list, as_text, member
from installer.resource_id import name_of

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource

_URI = re.compile(r"https://(?P<vault>[^./]+)\.vault\.[^/]+/(?:secrets|certificates)/(?P<name>[^/]+)(?:/\w*)?/?")
_GATEWAY_CODE = "ApplicationGatewayKeyVaultSecretException"


def gateway_failure(context: ProviderContext) -> ArmError | None:
    """The error of an application gateway that cannot read one of its certificates."""
    for item in as_list(context.properties.get("sslCertificates")):
        found = _URI.fullmatch(as_text(member(item, "properties", "keyVaultSecretId")))
        reason = _problem(context, _vault(context, found["vault"]), found["name"]) if found else ""
        if found and not reason and "-HSM" in _key(context, found["vault"], found["name"]):
            reason = f"The key of {found['name']} is in a hardware security module, which is not supported."
        if reason:
            text = (
                "Problem occured while accessing and validating KeyVault Secrets associated with Application Gateway "
                f"'{context.id}'. See details below: {reason}"
            )
            return ArmError(400, _GATEWAY_CODE, text, cause="service")
    return None


def check_front_door_secret(context: ProviderContext) -> None:
    """Refuse a secret of Front Door whose certificate cannot be read (ArmError; its code is assumed)."""
    source = as_text(member(context.properties, "parameters", "secretSource", "id"))
    vault = context.resources.get(source.rpartition("/secrets/")[0])
    reason = _problem(context, vault, name_of(source))
    if vault is not None and not reason and _key(context, vault.name, name_of(source)).startswith("EC"):
        reason = "certificates with elliptic curve cryptography algorithms are not supported."
    if reason:
        raise ArmError(400, "BadRequest", f"The certificate of the key vault cannot be used: {reason}", cause="service")


def _key(context: ProviderContext, vault: str, name: str) -> str:
    """Kind of the key of a surveyed certificate (azure-docs: key-vault-certs.md of the gateway, domain.md of Front Door)."""
    start = f"https://{vault}.".lower()
    for one in context.survey.certificates:
        own = as_text(one.get("id")).lower()
        if own.startswith(start) and f"/certificates/{name.lower()}/" in f"{own}/":
            return as_text(member(one, "policy", "key_props", "kty")).upper()
    return ""


def _vault(context: ProviderContext, name: str) -> Resource | None:
    return next((item for item in context.resources.of_type(VAULT_TYPE) if item.name.lower() == name.lower()), None)


def _problem(context: ProviderContext, vault: Resource | None, name: str) -> str:
    """Why the certificate cannot be read, "" if it can; a vault outside the emulator can be read."""
    if vault is None:
        return ""
    facts = vault.desired.get("properties")
    if member(facts, "enableRbacAuthorization") is False:
        return "Access denied: the vault uses access policies, and none of them names the identity."
    restricted = as_text(member(facts, "networkAcls", "defaultAction")).lower() == "deny"
    restricted = restricted or as_text(member(facts, "publicNetworkAccess")).lower() == "disabled"
    if restricted and as_text(member(facts, "networkAcls", "bypass"), "AzureServices").lower() != "azureservices":
        return "Access denied: the firewall of the vault does not admit trusted Microsoft services."
    secret = context.resources.get(f"{vault.id}/secrets/{name}")
    if secret is None:
        return f"The secret {name} was not found in this key vault."
    attributes = member(secret.desired, "properties", "attributes")
    ends = member(attributes, "exp")
    if member(attributes, "enabled") is False:
        return f"The secret {name} is disabled."
    return f"The secret {name} has expired." if isinstance(ends, int) and ends <= context.now else ""
