"""Tokens of managed identities for pods: Entra accepts a service account that a federated credential names.

Text: learn.microsoft.com, entra/identity-platform/reference-error-codes (AADSTS700213).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.providers.kubernetes.pods import namespace_of, template_of
from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext

_USE: Final = "azure.workload.identity/use"
_CLIENT: Final = "azure.workload.identity/client-id"
_IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
_CREDENTIALS: Final = f"{_IDENTITIES}/federatedIdentityCredentials"


def refused_token(context: ProviderContext, owner: JsonObject, account: JsonObject) -> str:
    """Why the pods of an object get no token of their managed identity, or ''.

    Args:
        context: The cluster.
        owner: An object with a pod template.
        account: The service account of its pods.

    """
    template = template_of(owner)
    client = as_text(member(account, "metadata", "annotations", _CLIENT))
    if as_text(as_object(member(template, "metadata", "labels")).get(_USE)) != "true" or not client:
        return ""
    identity = next(
        (
            item
            for item in context.resources.of_type(_IDENTITIES)
            if member(item.computed, "properties", "clientId") == client
        ),
        None,
    )
    if identity is None:  # an identity of a subscription that is not emulated
        return ""
    name = as_text(member(template, "spec", "serviceAccountName"), "default")
    subject = f"system:serviceaccount:{namespace_of(owner)}:{name}"
    issuer = member(context.resource.computed, "properties", "oidcIssuerProfile", "issuerURL")
    for item in context.resources.of_type(_CREDENTIALS):
        found = as_object(item.desired.get("properties"))
        matches = found.get("subject") == subject and found.get("issuer") == issuer
        if matches and item.key.startswith(f"{identity.key}/"):
            return ""
    return (
        f"AADSTS700213: No matching federated identity record found for presented assertion subject '{subject}'. Check your "
        "federated identity credential Subject, Audience and Issuer against the presented assertion."
    )
