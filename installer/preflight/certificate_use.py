"""A certificate against its use: the hosts of the environments, and what Application Gateway and Front Door accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.preflight.certificate_content import content_of
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.moments import shown_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.certificate_content import Content
    from installer.preflight.model import Entry, Severity
    from installer.preflight.subject import Subject

_CODE: Final = "ApplicationGatewayKeyVaultSecretException"
_NEW: Final = "put another certificate under the same name into the key vault"


def fitness(subject: Subject, shown: dict[str, Json], where: str, name: str) -> Iterator[Entry]:
    """Whether a certificate that the key vault shows serves the hosts of the environments."""
    found = content_of(shown)
    if found is None:
        yield NotChecked(f"content of the certificate {name}", "the key vault shows none that can be read")
        return
    front_door = subject.answers.ingress.kind == "frontdoor"
    wrong = [*_hosts(subject, found, where, name), *_key(found, where, name, front_door=front_door)]
    yield from wrong
    if found.begins > subject.now():
        yield Finding(
            "blocks",
            f"the certificate {name} is valid from {shown_moment(found.begins)}",
            where,
            "browsers refuse it until then",
            (WayOut("install then, or " + _NEW),),
        )
    yield from _issuer(found, where, name, front_door=front_door)
    if not wrong:
        yield Proof(f"the certificate {name} covers {', '.join(_wanted(subject))}")
    yield NotChecked(
        f"intermediate certificates of {name}", "the key vault shows the chain only together with the private key"
    )


def _wanted(subject: Subject) -> list[str]:
    return list(dict.fromkeys(subject.it.public_host(one) for one in subject.it.environments))


def _hosts(subject: Subject, found: Content, where: str, name: str) -> Iterator[Finding]:
    missing = [host for host in _wanted(subject) if not found.covers(host)]
    if not missing:
        return
    severity: Severity = "blocks" if subject.answers.ingress.kind == "frontdoor" else "warns"
    other = found.host_like(subject.answers.ingress.host)
    hosts = [
        f"{one}-{other}" if one != "prod" and len(subject.it.environments) > 1 else other
        for one in subject.it.environments
    ]
    change = (
        (WayOut(f"use the host name {other}", (("ingress.host", other),)),) if all(map(found.covers, hosts)) else ()
    )
    yield Finding(
        severity,
        f"the certificate {name} does not cover {', '.join(missing)}, only {', '.join(found.names) or 'no host'}",
        where,
        "Front Door refuses it"
        if severity == "blocks"
        else "browsers warn every user, and refuse it where HSTS is in force",
        (*change, WayOut(f"{_NEW}, which covers {', '.join(_wanted(subject))}")),
    )


def _key(found: Content, where: str, name: str, *, front_door: bool) -> Iterator[Finding]:
    kind, _, hardware = found.key.upper().partition("-")
    problems = (
        (front_door and kind == "EC", "has an elliptic curve key, which Front Door does not support"),
        (
            not front_door and bool(hardware),
            "has its key in a hardware security module, which Application Gateway cannot read",
        ),
        (not found.exportable, "has a key that the key vault does not export, so the ingress gets none"),
    )
    for is_wrong, text in problems:
        if is_wrong:
            yield Finding(
                "blocks",
                f"the certificate {name} {text}",
                where,
                "Azure refuses it",
                (WayOut(f"{_NEW}, with an exportable RSA key in software"),),
                "" if front_door else _CODE,
            )


def _issuer(found: Content, where: str, name: str, *, front_door: bool) -> Iterator[Finding]:
    if found.self_signed:
        managed = (WayOut("let Front Door manage the certificate", (("ingress.certificate", "managed"),)),)
        yield Finding(
            "blocks" if front_door else "warns",
            f"the certificate {name} is self-signed",
            where,
            "Front Door accepts certificates of trusted authorities only" if front_door else "no browser trusts it",
            (*(managed if front_door else ()), WayOut(f"{_NEW}, of a public authority or that of the organization")),
        )
