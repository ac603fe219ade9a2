"""Runbooks for what ends on a date: the client secret of sign-on, the certificate of the ingress."""

from collections.abc import Iterator
from typing import Final

from installer.estate.parameters.app_registration import unique_name
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.controlplane import CLIENT_SECRET
from installer.handover.runbooks.model import Instruction, Runbook, in_environment
from installer.invocation import command as typed

_CLIENT: Final = "CLIENT_ID"


def renewal(it: Installation) -> Iterator[Runbook]:
    """The runbooks."""
    if it.answers.sign_on.method == "secret":
        yield Runbook(
            "renew-sign-on-secret",
            "Renew the client secret of sign-on",
            "Before it ends, or after it became known. Microsoft Entra ID accepts the old one beside the new one until it is deleted. "
            f"{typed('rotate sign-on')} does the same.",
            tuple(step for site in it.sites for step in _client_secret(it, site)),
        )
    if it.reads_certificate:
        yield Runbook(
            "renew-certificate",
            "Renew the certificate",
            "Before the certificate of the public host name ends. Its name in the key vault stays the same.",
            tuple(_certificate(it)),
        )


def _client_secret(it: Installation, site: Site) -> Iterator[Instruction]:
    """The new secret goes from Microsoft Entra ID to the key vault without being shown or kept in a file."""
    client = _CLIENT if it.registers else it.answers.sign_on.client_id
    if it.registers:
        yield Instruction(
            f"{site.name}: the application ID of its app registration, {_CLIENT} below",
            (
                f"az ad app list --filter \"uniqueName eq '{unique_name(it, site.name)}'\" --query [].appId --output tsv",
            ),
        )
    vault, where = it.names.key_vault(site.name), in_environment(it, site)
    reset = f"az ad app credential reset --id {client} --append --query password --output tsv"
    yield Instruction(
        f"{site.name}: a new secret, into the key vault; run it where the key vault can be reached, with the roles Owner of the app "
        "registration and Key Vault Secrets Officer",
        (
            f'az keyvault secret set --vault-name {vault} --name {CLIENT_SECRET} --output none --value "$({reset})"',
            f"az keyvault secret show --vault-name {vault} --name {CLIENT_SECRET} --query attributes.updated",
        ),
    )
    if it.answers.platform.control_plane == "container_app":
        app = f"{where} --name {it.names.app(site.name, 'web')}"
        yield Instruction(
            f"{site.name}: restart the web app; REVISION is the active one",
            (
                f'az containerapp revision list {app} --query "[?properties.active].name"',
                f"az containerapp revision restart {app} --revision REVISION",
            ),
        )
    else:
        yield Instruction(
            f"{site.name}: restart the web app, which reads the key vault when it starts",
            (f"az webapp restart {where} --name {it.names.site(site.name)}",),
        )
    yield Instruction(
        f"{site.name}: sign in once, then delete the old secret; KEY_ID is that of the older one",
        (
            f'az ad app credential list --id {client} --query "[].{{keyId:keyId,ends:endDateTime}}" --output table',
            f"az ad app credential delete --id {client} --key-id KEY_ID",
        ),
    )
    yield Instruction(
        f"{site.name}: the next run of the installer writes the secret that its answers refer to. Give the new one to those who run it",
        (f"az keyvault secret show --vault-name {vault} --name {CLIENT_SECRET} --query value --output tsv",),
    )


def _certificate(it: Installation) -> Iterator[Instruction]:
    """The ingress has the certificate by an identifier without a version, so that it takes newer ones.

    Sources: MicrosoftDocs/azure-docs, articles/application-gateway/application-gateway-key-vault-common-errors.md;
    bicep/modules/front-door.bicep (useLatestVersion).
    """
    vault, name = it.certificate
    yield Instruction(
        "The end of the present version",
        (f"az keyvault certificate show --vault-name {vault} --name {name} --query attributes.expires",),
    )
    yield Instruction(
        "Import the new one, a PFX or PEM file with its private key and the whole chain, as a new version under the same name",
        (
            f"az keyvault certificate import --vault-name {vault} --name {name} --file CERTIFICATE.pfx --password PASSWORD",
        ),
    )
    front = it.answers.ingress.kind == "frontdoor"
    service = "Azure Front Door" if front else "The Application Gateway"
    hosts = ", ".join(it.public_host(one) for one in it.environments)
    yield Instruction(
        f"{service} takes the new version within hours, without a deployment. Open {hosts} and compare the end of its certificate",
        (f"az keyvault certificate list-versions --vault-name {vault} --name {name} --query [].attributes.expires",),
    )
