"""Check: the sign-in is to the tenant of the answers, and lasts as long as the run.

Sources: entra-docs, identity-platform/access-token-claims-reference.md (claims), azure-docs,
azure-resource-manager/troubleshooting/error-invalid-subscription (wrong tenant), lighthouse/concepts/architecture.md
(managing tenants); causes of a refused token are in cloud/error_explanations.toml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.cloud.access_tokens import sign_in_of
from installer.cloud.errors import ENTRA, AzureRefused
from installer.json_access import as_text, member, objects_of
from installer.preflight.directory_reads import application
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.moments import DAY, moment_of, shown_moment
from installer.preflight.reads import NotVisible
from installer.preflight.sign_in_refusals import rejected
from installer.preflight.stronger_sign_in import Place, challenged, second_factor
from installer.preflight.subscription_reads import subscription
from installer.steps.run_duration import run_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cloud.access_tokens import SignIn
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_NOTICE_DAYS: Final = 14
"""Secrets that end within this time are named: enough to get a new one before the next run."""


def _entries(subject: Subject) -> Iterator[Entry]:
    if subject.surveyed and not subject.has_sign_in:
        yield NotChecked("the sign-in", "the survey does not describe it")
        yield from _of_other_tenants(subject)
        return
    try:
        found = sign_in_of(subject.target, subject.target.audience)
    except AzureRefused as refused:
        if not refused.code.startswith(ENTRA):
            raise NotVisible("the sign-in", str(refused).splitlines()[0]) from refused
        yield rejected(Place.of(subject), refused)
        return
    subject.arm.ahead(subscription(one) for one in subject.subscriptions)
    if found.is_application:
        subject.graph.ahead([application(found.client)])
    if not found.claims:
        yield NotChecked("tenant and kind of the account", "its token has no readable claims")
    else:
        yield from _tenant(subject, found)
        yield from _guest(subject, found)
        yield from second_factor(subject, found)
    if subject.surveyed:
        yield NotChecked("end of the sign-in", "a survey has none")
        return
    yield from _lifetime(subject, found)
    if found.is_application:
        yield from _secret(subject, found)


def _login(subject: Subject) -> str:
    return f"az login --tenant {subject.answers.subscription.tenant}"


# -- tenant ------------------------------------------------------------------------------------------------------


def _tenant(subject: Subject, found: SignIn) -> Iterator[Entry]:
    """The tenants of answers, token and subscriptions."""
    wanted, signed_in = subject.answers.subscription.tenant.lower(), found.tenant.lower()
    managed, homes = False, set[str]()
    for one in subject.subscriptions:
        request = subscription(one)
        try:
            seen = subject.arm.find(request)
        except NotVisible as unseen:
            weak = challenged(subject, unseen)
            yield weak or NotChecked(f"tenant of subscription {one}", unseen.why)
            continue
        if seen is None:
            continue  # the check of subscriptions names it
        home = as_text(seen.get("tenantId")).lower()
        managing = {as_text(tenant.get("tenantId")).lower() for tenant in objects_of(seen.get("managedByTenants"))}
        managed = managed or signed_in in managing
        homes.add(home)
        if home and home != wanted:
            yield _elsewhere(one, home, wanted)
    if signed_in == wanted:
        yield Proof(f"signed in to the tenant {wanted}")
    elif managed:
        yield Finding(
            "warns",
            f"the account signs in from the managing tenant {signed_in}",
            wanted,
            "what concerns the directory, such as app registrations, would be done in that tenant",
            (WayOut(f"sign in with an account of the tenant: {_login(subject)}"),),
        )
    else:
        here = (("subscription.tenant", signed_in),) if homes == {signed_in} else ()
        yield Finding(
            "blocks",
            f"the account is signed in to the tenant {signed_in}, not to {wanted}",
            wanted,
            "Azure refuses tokens of another tenant than that of the subscription",
            (
                *([WayOut("use the tenant of the sign-in, which has the subscription", here)] if here else []),
                WayOut(f"sign in to the tenant of the answers: {_login(subject)}"),
            ),
            "InvalidAuthenticationTokenTenant",
        )


def _of_other_tenants(subject: Subject) -> Iterator[Finding]:
    """Subscriptions of another tenant than that of the answers, of those whose bodies can be seen."""
    wanted = subject.answers.subscription.tenant.lower()
    for one in subject.subscriptions:
        try:
            seen = subject.arm.find(subscription(one))
        except NotVisible:
            continue  # the check of subscriptions names it
        home = as_text((seen or {}).get("tenantId")).lower()
        if home and home != wanted:
            yield _elsewhere(one, home, wanted)


def _elsewhere(one: str, home: str, wanted: str) -> Finding:
    return Finding(
        "blocks",
        f"the subscription {one} belongs to the tenant {home}, not to {wanted}",
        f"/subscriptions/{one}",
        "its identities and key vaults belong to the tenant of the subscription",
        (
            WayOut("use the tenant of the subscription", (("subscription.tenant", home),)),
            WayOut("choose a subscription of the tenant"),
        ),
        "InvalidAuthenticationTokenTenant",
    )


def _guest(subject: Subject, found: SignIn) -> Iterator[Entry]:
    if found.is_guest:
        provider = f" (identity provider {found.provider})" if found.provider else ""
        yield Finding(
            "warns",
            f"the account is a guest of the tenant{provider}",
            subject.answers.subscription.tenant,
            "guests may not register applications without a directory role, and Conditional Access for guests applies",
            (WayOut(f"sign in with an account of the tenant: {_login(subject)}"),),
        )


# -- duration ----------------------------------------------------------------------------------------------------


def _lifetime(subject: Subject, found: SignIn) -> Iterator[Entry]:
    """The token of a session that cannot renew it."""
    if subject.target.renewable():
        yield Proof("the sign-in is renewed during the run")
        return
    if not found.ends:
        yield NotChecked("end of the sign-in", "its token has none")
        return
    left, usual = found.ends - subject.now(), _usual(subject)
    if left >= usual:
        yield Proof(f"the sign-in lasts {_minutes(left)}, the run usually {_minutes(usual)}")
        return
    yield Finding(
        "warns",
        f"the sign-in ends in {_minutes(max(left, 0.0))} and cannot be renewed; the run usually takes {_minutes(usual)}",
        subject.answers.subscription.tenant,
        "the run stops when it ends, and has to be resumed after a new sign-in",
        (
            WayOut("sign in with a client secret, a certificate or a managed identity instead of a federated token"),
            WayOut(
                "in a job of GitHub Actions, give it the permission id-token: write and the variable AZURE_CLIENT_ID, and in one of "
                "Azure Pipelines map SYSTEM_ACCESSTOKEN in the task AzureCLI@2: the installer then renews the sign-in itself"
            ),
        ),
        "ExpiredAuthenticationToken",
    )


def _usual(subject: Subject) -> float:
    """Usual duration of the run, in seconds of this target."""
    return run_duration(subject.answers, subject.target).usual / subject.target.speed


def _minutes(seconds: float) -> str:
    return f"{round(seconds / 60)} min"


def _secret(subject: Subject, found: SignIn) -> Iterator[Entry]:
    """The secrets and certificates of the application that signs in; which one is used cannot be seen."""
    if subject.target.secretless:
        yield Proof("the sign-in uses no secret")
        return
    request = application(found.client)
    try:
        app = subject.graph.find(request)
    except NotVisible as unseen:
        yield NotChecked("end of the client secret", unseen.why)
        return
    if app is None:
        yield NotChecked("end of the client secret", "Microsoft Graph does not show the application of this account")
        return
    ends = sorted(
        moment
        for kind in ("passwordCredentials", "keyCredentials")
        for one in objects_of(member(app, kind))
        if (moment := moment_of(as_text(one.get("endDateTime"))))
    )
    now = subject.now()
    last = ends[-1] if ends else 0.0
    soon = [end for end in ends if now < end < now + _NOTICE_DAYS * DAY]
    where = as_text(app.get("displayName")) or found.client
    renew = (WayOut("add a new secret to the application, and sign in with it"),)
    if last and last < now + _usual(subject):
        yield Finding(
            "blocks",
            f"the last secret of the application {where} ends at {shown_moment(last)}",
            found.client,
            "Microsoft Entra gives no more tokens in the middle of the run",
            renew,
            "AADSTS7000222",
        )
    elif soon:
        yield Finding(
            "warns",
            f"a secret of the application {where} ends at {shown_moment(soon[0])}",
            found.client,
            "after that this sign-in can neither change nor resume the installation",
            renew,
        )
    else:
        yield Proof(f"the secrets of the application {where} last longer than the run")


SIGN_IN: Final = Check("sign-in", "Sign-in", _entries, repeated=False)
