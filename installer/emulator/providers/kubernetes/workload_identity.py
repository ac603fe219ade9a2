"""Tokens of managed identities for pods: Entra accepts a service account that a federated credential names.

Texts: learn.microsoft.com, entra/identity-platform/reference-error-codes (AADSTS700213);
github.com/Azure/accelerator-bootstrap-modules/pull/139 (AADSTS7002138).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.providers.kubernetes.pods import namespace_of, template_of
from installer.emulator.providers.kubernetes.workloads import ServiceAccount
from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from installer.emulator.providers.provider import ProviderContext
    from installer.emulator.state.resources import Resource, Resources

_USE: Final = "azure.workload.identity/use"
_CLIENT: Final = "azure.workload.identity/client-id"
_IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
_CREDENTIALS: Final = f"{_IDENTITIES}/federatedIdentityCredentials"


def account_of(context: ProviderContext, owner: JsonObject, account: JsonObject) -> ServiceAccount | None:
    """The service account of the pods of an object, if it acts as a managed identity.

    Args:
        context: The cluster.
        owner: An object with a pod template.
        account: The service account of its pods.

    """
    template = template_of(owner)
    client = as_text(member(account, "metadata", "annotations", _CLIENT))
    if as_text(as_object(member(template, "metadata", "labels")).get(_USE)) != "true" or not client:
        return None
    return service_account(context, owner, client)


def subject_of(owner: JsonObject) -> str:
    """Name by which the service account of the pods of an object signs in."""
    name = as_text(member(template_of(owner), "spec", "serviceAccountName"), "default")
    return f"system:serviceaccount:{namespace_of(owner)}:{name}"


def service_account(context: ProviderContext, owner: JsonObject, client: str) -> ServiceAccount:
    """The service account of the pods of an object, as a managed identity with a client ID."""
    issuer = as_text(member(context.resource.computed, "properties", "oidcIssuerProfile", "issuerURL"))
    return ServiceAccount(issuer, subject_of(owner), client)


def refused_token(resources: Resources, account: ServiceAccount) -> str:
    """Why a service account gets no token of its managed identity, or ''."""
    identity = identity_with(resources, account.client_id)
    if identity is None:  # an identity of a subscription that is not emulated
        return ""
    trusted = [
        as_text(member(item.desired, "properties", "subject"))
        for item in resources.of_type(_CREDENTIALS)
        if item.key.startswith(f"{identity.key}/") and member(item.desired, "properties", "issuer") == account.issuer
    ]
    if account.subject in trusted:
        return ""
    if account.subject.lower() in (subject.lower() for subject in trusted):
        return (
            "AADSTS7002138: No matching federated identity record found for presented assertion subject "
            f"'{account.subject}'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. "
            "Check your federated identity credential Subject, Audience and Issuer against the presented assertion."
        )
    return (
        f"AADSTS700213: No matching federated identity record found for presented assertion subject '{account.subject}'. "
        "Check your federated identity credential Subject, Audience and Issuer against the presented assertion."
    )


def identity_with(resources: Resources, client_id: str) -> Resource | None:
    """The managed identity with a client ID."""
    every = resources.of_type(_IDENTITIES)
    return next((one for one in every if member(one.computed, "properties", "clientId") == client_id), None)
