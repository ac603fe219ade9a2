"""Check: the ingress can read the certificate of the answers in its key vault.

Sources: azure-docs, articles/application-gateway/key-vault-certs.md (firewall with trusted services, RBAC by templates),
articles/frontdoor/standard-premium/how-to-configure-https-custom-domain.md (the same for Front Door); REST API Vaults - Get,
Secrets - Get (attributes of the secret behind a certificate).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member
from installer.preflight.certificate_use import fitness
from installer.preflight.commands import in_subscription
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.moments import DAY, shown_moment
from installer.preflight.reads import NotVisible, resource
from installer.preflight.subscription_reads import resources
from installer.resource_id import group_of, name_of, parent_id_of, resource_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.reads import Request
    from installer.preflight.subject import Subject

_TYPE: Final = "Microsoft.KeyVault/vaults"
_VERSION: Final = "2024-11-01"
_TRUSTED: Final = "azureservices"
_NOTICE_DAYS: Final = 30
"""Certificates that end within this time are named: enough to renew one by hand."""


def _entries(subject: Subject) -> Iterator[Entry]:
    if not subject.it.reads_certificate:
        yield Proof("no certificate of a key vault is needed")
        return
    name, certificate = subject.it.certificate
    home = f"/subscriptions/{subject.it.subscription}/resourceGroups/{subject.answers.ingress.certificate_group}"
    vault = resource_id(home, _TYPE, name)
    subject.arm.ahead((_vault(vault), _secret(vault, certificate), resources(subject.it.subscription)))
    found = subject.arm.find(_vault(vault))
    if found is None:
        yield _absent(subject, name, vault)
        return
    yield from _access(found, name, vault)
    request = _secret(vault, certificate)
    secret = subject.arm.find(request)
    if secret is None:
        yield NotChecked(f"the certificate {certificate}", f"Azure Resource Manager does not show it in {name}")
        return
    yield from _validity(subject, secret, certificate)
    try:
        shown = subject.certificate(name, certificate)
    except NotVisible as unseen:
        hosts = ", ".join(dict.fromkeys(subject.it.public_host(one) for one in subject.it.environments))
        yield NotChecked(f"whether the certificate covers {hosts}", unseen.why)
        return
    yield from fitness(subject, shown, vault, certificate)


def _vault(vault: str) -> Request:
    return resource(f"{vault}?api-version={_VERSION}", "the key vault of the certificate")


def _secret(vault: str, certificate: str) -> Request:
    return resource(f"{vault}/secrets/{certificate}?api-version={_VERSION}", f"the certificate {certificate}")


def _absent(subject: Subject, name: str, vault: str) -> Finding:
    """A vault that is in another group, or nowhere in the subscription."""
    request = resources(subject.it.subscription)
    elsewhere = [
        group_of(as_text(one.get("id")))
        for one in subject.arm.every(request)
        if as_text(one.get("type")).lower() == _TYPE.lower() and as_text(one.get("name")).lower() == name.lower()
    ]
    moved = [
        WayOut(f"use the resource group {group}, which has it", (("ingress.certificate_group", group),))
        for group in elsewhere
    ]
    managed = (WayOut("let Front Door manage the certificate", (("ingress.certificate", "managed"),)),)
    return Finding(
        "blocks",
        f"there is no key vault {name} in the resource group {group_of(vault)}",
        vault,
        "the ingress gets its certificate from there, and a role is assigned there",
        (
            *moved,
            WayOut("create it in this subscription, or correct the URI of the certificate and its resource group"),
            *(managed if subject.answers.ingress.kind == "frontdoor" else ()),
        ),
        "ParentResourceNotFound",
    )


def _access(found: dict[str, Json], name: str, vault: str) -> Iterator[Entry]:
    """Whether the identity of the ingress gets in: by its role, and through the firewall."""
    facts, wrong = member(found, "properties"), 0
    if member(facts, "enableRbacAuthorization") is not True:
        wrong += 1
        yield Finding(
            "blocks",
            f"the key vault {name} uses access policies",
            vault,
            "the installation assigns a role to the identity of the ingress, which has no effect there",
            (
                WayOut(
                    f"switch it to roles, after assigning them to its present users: az keyvault update {in_subscription(vault)} "
                    f"-n {name} --enable-rbac-authorization true"
                ),
                WayOut("keep the certificate in another key vault"),
            ),
            "ApplicationGatewayKeyVaultSecretException",
        )
    closed = as_text(member(facts, "publicNetworkAccess")).lower() == "disabled"
    restricted = closed or as_text(member(facts, "networkAcls", "defaultAction")).lower() == "deny"
    if restricted and as_text(member(facts, "networkAcls", "bypass"), _TRUSTED).lower() != _TRUSTED:
        wrong += 1
        yield Finding(
            "blocks",
            f"the firewall of the key vault {name} does not admit trusted Microsoft services",
            vault,
            "the ingress cannot read its certificate",
            (WayOut(f"admit them: az keyvault update {in_subscription(vault)} -n {name} --bypass AzureServices"),),
            "ApplicationGatewayKeyVaultSecretException",
        )
    if not wrong:
        yield Proof(f"the ingress can read from the key vault {name} by its role")


def _validity(subject: Subject, secret: dict[str, Json], certificate: str) -> Iterator[Entry]:
    attributes = member(secret, "properties", "attributes")
    ends, now = member(attributes, "exp"), subject.now()
    where = as_text(secret.get("id"))
    if member(attributes, "enabled") is False:
        yield Finding(
            "blocks",
            f"the certificate {certificate} is disabled",
            where,
            "the ingress cannot read it",
            (
                WayOut(
                    f"enable it: az keyvault certificate set-attributes --vault-name {name_of(parent_id_of(where))} -n {certificate} "
                    "--enabled true"
                ),
            ),
            "ApplicationGatewayKeyVaultSecretException",
        )
    elif not isinstance(ends, int):
        yield NotChecked(f"end of the certificate {certificate}", "Azure Resource Manager shows none")
    elif ends <= now:
        yield Finding(
            "blocks",
            f"the certificate {certificate} expired at {shown_moment(ends)}",
            where,
            "the ingress refuses it, and so do browsers",
            (WayOut("renew it in the key vault, under the same name"),),
            "ApplicationGatewayKeyVaultSecretException",
        )
    elif ends < now + _NOTICE_DAYS * DAY:
        yield Finding(
            "warns",
            f"the certificate {certificate} expires at {shown_moment(ends)}",
            where,
            "the ingress takes a renewed one only if the key vault renews it",
            (WayOut("renew it in the key vault, under the same name"),),
        )
    else:
        yield Proof(f"the certificate {certificate} is valid until {shown_moment(ends)}")


CERTIFICATES: Final = Check("certificates", "Certificates", _entries, repeated=False)
