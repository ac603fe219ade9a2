"""How people reach the web app."""

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


class Ingress(Page):
    """How people reach FlowForge."""

    kind: Annotated[
        Literal["private", "gateway", "frontdoor", "direct"],
        Ask(
            "Ingress",
            help="Only from inside the network; through a web application firewall; or, for trials only, directly.",
            options={
                "private": "private only",
                "gateway": "Application Gateway",
                "frontdoor": "Front Door Premium",
                "direct": "directly (trial only)",
            },
            bicep="ingress",
        ),
    ] = "private"
    host: Annotated[
        str,
        Field(pattern=HOST),
        Ask(
            "Host name",
            help="The name that people type. With several environments all but prod get it with their name in front: "
            "dev-flowforge.contoso.com beside flowforge.contoso.com.",
            allowed="a host name in lower case",
            example="flowforge.contoso.com",
            applies=_behind_waf,
        ),
    ] = ""
    certificate: Annotated[
        Literal["managed", "key_vault"],
        Ask(
            "Certificate",
            help="Front Door can get one by itself; or it comes from a key vault of yours.",
            options={"managed": "by Front Door", "key_vault": "from a key vault"},
            applies=lambda view: view.get("ingress.kind") == "frontdoor",
        ),
    ] = "managed"
    certificate_uri: Annotated[
        str,
        Field(pattern=CERTIFICATE),
        Ask(
            "Certificate address",
            help="Address of the certificate in a key vault of this subscription, without a version, so that renewals "
            "are picked up. It must cover the host names of all environments.",
            allowed="https://NAME.vault…/secrets/NAME, without a version",
            example="https://kv-certs.vault.azure.net/secrets/flowforge",
            applies=_needs_certificate,
        ),
    ] = ""
    certificate_group: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9._()-]{1,90}$"),
        Ask(
            "Group of that vault",
            help="Resource group of the key vault with the certificate: the ingress is given the right to read it.",
            allowed="the name of a resource group",
            example="rg-certificates",
            applies=_needs_certificate,
        ),
    ] = ""
    waf: Annotated[
        Literal["Detection", "Prevention"],
        Ask(
            "Firewall rules",
            help="Whether what looks like an attack is only written down, or turned away.",
            options={"Detection": "write down", "Prevention": "turn away"},
            bicep="wafMode",
            applies=_behind_waf,
        ),
    ] = "Prevention"
