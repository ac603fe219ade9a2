"""Page Ingress: how users reach the web app."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import CERTIFICATE, HOST


def _behind_waf(view: View) -> bool:
    return view.get("ingress.kind") in {"gateway", "frontdoor"}


def _needs_certificate(view: View) -> bool:
    return view.get("ingress.kind") == "gateway" or (
        view.get("ingress.kind") == "frontdoor" and view.get("ingress.certificate") == "key_vault"
    )


def _can_be_shared(view: View) -> bool:
    """A shared gateway is in a new hub; an existing one belongs to the organization."""
    environments = view.get("subscription.environments")
    several = isinstance(environments, list) and len(environments) > 1
    kind = view.get("ingress.kind")
    return several and (kind == "frontdoor" or (kind == "gateway" and view.get("network.mode") == "new"))


class Ingress(Page):
    """How users reach FlowForge."""

    kind: Annotated[
        Literal["private", "gateway", "frontdoor", "direct"],
        Ask(
            "Ingress",
            help="Private access only, a Web Application Firewall (WAF) in front, or public access for trials.",
            options={
                "private": "private access only",
                "gateway": "Application Gateway",
                "frontdoor": "Front Door Premium",
                "direct": "public access (trial only)",
            },
            bicep="ingress",
        ),
    ] = "private"
    shared: Annotated[
        bool,
        Ask(
            "Shared ingress",
            help="One Application Gateway in the new hub, or one Front Door, for all environments; otherwise each environment "
            "has and pays its own.",
            applies=_can_be_shared,
        ),
    ] = True
    host: Annotated[
        str,
        Field(pattern=HOST),
        Ask(
            "Host name",
            help="Custom domain of the web app. With several environments, every one except prod is prefixed with its "
            "name: dev-flowforge.contoso.com next to flowforge.contoso.com.",
            allowed="a fully qualified domain name in lower case",
            example="flowforge.contoso.com",
            applies=_behind_waf,
        ),
    ] = ""
    certificate: Annotated[
        Literal["managed", "key_vault"],
        Ask(
            "Certificate",
            help="TLS certificate of the custom domain: managed by Front Door, or your own in a key vault.",
            options={"managed": "managed by Front Door", "key_vault": "from Key Vault"},
            applies=lambda view: view.get("ingress.kind") == "frontdoor",
        ),
    ] = "managed"
    certificate_uri: Annotated[
        str,
        Field(pattern=CERTIFICATE),
        Ask(
            "Certificate URI",
            help="Secret identifier of the certificate in a key vault of this subscription, without a version so that "
            "renewals are picked up. It must cover the host names of all environments.",
            allowed="https://NAME.vault…/secrets/NAME without a version",
            example="https://kv-certs.vault.azure.net/secrets/flowforge",
            source="certificates",
            names="ingress.certificate_group",
            applies=_needs_certificate,
        ),
    ] = ""
    certificate_group: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9._()-]{1,90}$"),
        Ask(
            "Key vault group",
            help="Resource group of the key vault with the certificate. The ingress is granted read access to it.",
            allowed="the name of a resource group",
            example="rg-certificates",
            applies=_needs_certificate,
        ),
    ] = ""
    waf: Annotated[
        Literal["Detection", "Prevention"],
        Ask(
            "WAF mode",
            help="Detection only logs requests that match a rule; Prevention blocks them.",
            options={"Detection": "Detection (log only)", "Prevention": "Prevention (block)"},
            bicep="wafMode",
            applies=_behind_waf,
        ),
    ] = "Prevention"
