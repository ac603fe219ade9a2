"""Question: which certificates and secrets expire. Only their attributes are read, never a value.

Sources: REST API Secrets - List of Microsoft.KeyVault/vaults (attributes.exp; the control plane shows no value); Microsoft Graph,
application resource (passwordCredentials.endDateTime).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.cloud.rest import quoted
from installer.conventions.counts import counted
from installer.estate import keys
from installer.estate.parameters.app_registration import unique_name
from installer.estate.parameters.vault_secrets import secret_sources
from installer.json_access import as_text, member, objects_of
from installer.operations.rotation import rotated_as
from installer.operations.status.model import Line, Question, State, Way
from installer.preflight.commands import in_subscription
from installer.preflight.moments import DAY, moment_of, shown_moment
from installer.preflight.reads import NotVisible, listing, resource
from installer.resource_id import name_of, resource_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.parameters.context import Site
    from installer.operations.status.observed import Observed
    from installer.preflight.reads import Request

_VAULTS: Final = "Microsoft.KeyVault/vaults"
_VERSION: Final = "2024-11-01"
_NOTICE_DAYS: Final = 30
_LATER_DAYS: Final = 365
"""As in the check of certificates before a run: enough to renew one by hand."""


def _lines(observed: Observed) -> Iterator[Line]:
    sites = observed.it.sites
    observed.subject.arm.ahead(_secrets(_vault(observed, site), site.name) for site in sites)
    yield from _certificate(observed)
    for site in sites:
        yield from _vault_lines(observed, site)
    for site in sites:
        yield from _sign_on(observed, site)


def _judged(observed: Observed, ends: float) -> tuple[State, str]:
    days = int((ends - observed.subject.now()) // DAY)
    if days < 0:
        return "broken", f"expired at {shown_moment(ends)}"
    state: State = "attention" if days < _NOTICE_DAYS else "ok"
    return state, f"{counted(days, 'day')} left, until {shown_moment(ends)}"


def _vault(observed: Observed, site: Site) -> str:
    names = observed.it.names
    group = f"/subscriptions/{site.subscription}/resourceGroups/{names.group(site.name)}"
    return resource_id(group, _VAULTS, names.key_vault(site.name))


def _secrets(vault: str, environment: str) -> Request:
    return listing(f"{vault}/secrets?api-version={_VERSION}", f"secrets of the key vault of {environment}")


def _vault_lines(observed: Observed, site: Site) -> Iterator[Line]:
    """Secrets of an environment: those with an end, and the number of those without."""
    vault = _vault(observed, site)
    endless = 0
    try:
        found = observed.subject.arm.every(_secrets(vault, site.name))
    except NotVisible as unseen:
        yield Line(f"expiry/{site.name}-secrets", unseen.what, "not read", unseen.why, site.name)
        return
    for one in found:
        name = name_of(as_text(one.get("id")))
        attributes = member(one, "properties", "attributes")
        ends, key = member(attributes, "exp"), f"expiry/{site.name}-{name}"
        ways = tuple(_renewals(observed, vault, name, site))
        if member(attributes, "enabled") is False and name in secret_sources(observed.it, site):
            yield Line(key, name, "broken", "the secret is disabled", site.name, ways)
        elif not isinstance(ends, int):
            endless += 1
        else:
            state, text = _judged(observed, ends)
            yield Line(key, name, state, f"secret: {text}", site.name, ways if state != "ok" else ())
    if endless:
        yield Line(
            f"expiry/{site.name}-endless",
            name_of(vault),
            "ok",
            f"{counted(endless, 'secret')} without an end",
            site.name,
        )


def _renewals(observed: Observed, vault: str, name: str, site: Site) -> Iterator[Way]:
    """Ways to a later end: another value where there is a rotation, the same value by a run that writes ends, or by hand."""
    own = name in secret_sources(observed.it, site)
    if own and (secret := rotated_as(name)) is not None:
        yield Way("give it a new value and start again what reads it", "rotate", (secret, site.name))
    if observed.subject.answers.data.secret_days:
        stages = (keys.secrets(site.name),) if own else ()
        yield Way("a new run of the same answers, which writes it again with a later end", "apply", stages)
    command = f"az keyvault secret set-attributes {in_subscription(vault)} --vault-name {name_of(vault)} -n {name}"
    later = datetime.fromtimestamp(observed.subject.now() + _LATER_DAYS * DAY, UTC)
    yield Way("keep its value for another year", command=f"{command} --enabled true --expires {later:%Y-%m-%dT%H:%MZ}")


def _certificate(observed: Observed) -> Iterator[Line]:
    """The certificate of the ingress."""
    it = observed.it
    if not it.reads_certificate:
        return
    vault, name = it.certificate
    group = f"/subscriptions/{it.subscription}/resourceGroups/{observed.subject.answers.ingress.certificate_group}"
    where = f"{resource_id(group, _VAULTS, vault)}/secrets/{name}"
    key, subject = "expiry/ingress", f"certificate {name}"
    try:
        found = observed.subject.arm.find(resource(f"{where}?api-version={_VERSION}", subject))
    except NotVisible as unseen:
        yield Line(key, subject, "not read", unseen.why)
        return
    attributes = member(found, "properties", "attributes")
    ends = member(attributes, "exp")
    way = Way(f"renew it in the key vault {vault}, under the same name: the ingress reads the newest version")
    if found is None:
        yield Line(key, subject, "not read", f"Azure Resource Manager does not show it in {vault}")
    elif member(attributes, "enabled") is False:
        command = f"az keyvault certificate set-attributes --vault-name {vault} -n {name} --enabled true"
        yield Line(key, subject, "broken", "the certificate is disabled", ways=(Way("enable it", command=command),))
    elif isinstance(ends, int):
        state, text = _judged(observed, ends)
        yield Line(key, subject, state, f"TLS of the ingress: {text}", ways=(way,) if state != "ok" else ())
    else:
        yield Line(key, subject, "not read", "Azure Resource Manager shows no end of it")


def _sign_on(observed: Observed, site: Site) -> Iterator[Line]:
    """Client secrets of the app registration; the last one that ends counts, as several are valid side by side."""
    answered = observed.subject.answers.sign_on
    if answered.method == "later":
        return
    key = f"expiry/{site.name}-sign-on"
    named = (
        f"uniqueName='{quoted(unique_name(observed.it, site.name))}'"
        if observed.it.registers
        else f"appId='{quoted(answered.client_id)}'"
    )
    subject = f"app registration of {site.name}"
    try:
        app = observed.subject.graph.find(resource(f"/applications({named})", subject))
    except NotVisible as unseen:
        yield Line(key, subject, "not read", unseen.why, site.name)
        return
    if app is None:
        yield Line(key, subject, "not read", "Microsoft Entra ID does not show it", site.name)
        return
    found = [moment_of(as_text(one.get("endDateTime"))) for one in objects_of(app.get("passwordCredentials"))]
    ends = [one for one in found if one]
    if answered.method != "secret":
        yield Line(key, subject, "ok", "signs in without a client secret", site.name)
    elif not found:
        way = Way("add a client secret, and give it to its reference; then", "rotate", ("sign-on", site.name))
        yield Line(key, subject, "broken", "it has no client secret", site.name, (way,))
    elif not ends:
        yield Line(key, subject, "not read", "Microsoft Graph shows no end of its client secret", site.name)
    else:
        state, text = _judged(observed, max(ends))
        way = Way("add a client secret, and give it to its reference; then", "rotate", ("sign-on", site.name))
        yield Line(key, subject, state, f"client secret: {text}", site.name, (way,) if state != "ok" else ())


EXPIRY: Final = Question("expiry", "Certificates and secrets", _lines)
