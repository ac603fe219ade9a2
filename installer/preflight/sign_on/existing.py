"""The app registration that the answers name: it exists, users can sign in with it, and its secret lasts.

Sources: microsoft-graph-docs, resources/application.md, resources/serviceprincipal.md, and
resources/tenantappmanagementpolicy.md with resources/passwordcredentialconfiguration.md (restrictions for secrets).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.app_registration import registration
from installer.json_access import as_text, member, objects_of
from installer.preflight.directory_reads import app_management_policy, application, service_principal
from installer.preflight.model import Finding, NotChecked, Proof, WayOut
from installer.preflight.moments import DAY, moment_of, shown_moment
from installer.preflight.reads import NotVisible
from installer.steps.app_registration_check import EVERYONE, redirects_of, requires_assignment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_NOTICE_DAYS: Final = 14
"""Secrets that end within this time are named: enough to replace one without a break."""
_SECRETLESS: Final = WayOut(
    "use a federated credential, which has no secret",
    (("sign_on.method", "secretless"), ("sign_on.registration", "new")),
)


def existing(subject: Subject) -> Iterator[Entry]:
    """Findings about the app registration of the answers."""
    client = subject.answers.sign_on.client_id
    requests = [application(client), service_principal(client)]
    with_secret = subject.answers.sign_on.method == "secret"
    subject.graph.ahead([*requests, app_management_policy()] if with_secret else requests)
    app = subject.graph.find(requests[0])
    if app is None:
        yield from _absent(subject, client)
        return
    yield from _redirects(subject, app)
    if with_secret:
        yield from _secrets(subject, app)
        yield from _policy(subject, app)
    else:
        yield NotChecked("its federated credential", "the identity that it has to trust is created by the run")
    yield from _principal(subject, client)


def _absent(subject: Subject, client: str) -> Iterator[Entry]:
    if subject.target.is_rehearsal:
        yield NotChecked(f"the application {client}", "a rehearsal assumes that it exists")
        return
    yield Finding(
        "warns",
        f"the tenant has no application with the client ID {client}",
        subject.answers.subscription.tenant,
        "users cannot sign in to FlowForge",
        (
            WayOut("enter the client ID of an application of this tenant"),
            WayOut(
                "let the installer register it", (("sign_on.method", "secretless"), ("sign_on.registration", "new"))
            ),
        ),
        "AADSTS700016",
    )


def _redirects(subject: Subject, app: dict[str, Json]) -> Iterator[Entry]:
    """Redirect URIs whose host the answers decide: that of a container app is known after its deployment only."""
    it, present = subject.it, redirects_of(app)
    on_app_service = subject.answers.platform.control_plane == "app_service"
    wanted: list[str] = []
    for name in it.environments:
        every = registration(it, PLACEHOLDER_OUTPUTS, name).redirects
        wanted += every if on_app_service else every[1:]
    missing = [one for one in dict.fromkeys(wanted) if one not in present]
    if missing:
        client = as_text(app.get("appId"))
        yield Finding(
            "warns",
            f"the application {as_text(app.get('displayName')) or client} lacks the redirect URI {', '.join(missing)}",
            client,
            "the run waits (exit code 7) until its owner has added it: Microsoft Entra sends users to known URIs only",
            (
                WayOut(
                    f"ask its owner: az ad app update --id {client} --web-redirect-uris {' '.join([*map(str, present), *missing])}"
                ),
            ),
            "AADSTS50011",
        )
    elif wanted:
        yield Proof(f"the application has {len(set(wanted))} redirect URIs of FlowForge")
    if not on_app_service:
        yield NotChecked("redirect URIs of the container apps", "their host names are assigned by the run")


def _secrets(subject: Subject, app: dict[str, Json]) -> Iterator[Entry]:
    """Client secrets; which one the answers refer to cannot be seen."""
    ends = sorted(moment_of(as_text(one.get("endDateTime"))) for one in objects_of(member(app, "passwordCredentials")))
    client, now = as_text(app.get("appId")), subject.now()
    if not ends or ends[-1] <= now:
        yield Finding(
            "warns",
            f"the application {client} has no client secret" if not ends else f"every secret of {client} has expired",
            client,
            "users cannot sign in to FlowForge",
            (WayOut("ask its owner for a new client secret"), _SECRETLESS),
            "AADSTS7000222",
        )
    elif ends[-1] < now + _NOTICE_DAYS * DAY:
        yield Finding(
            "warns",
            f"the last client secret of {client} ends at {shown_moment(ends[-1])}",
            client,
            "from then on users cannot sign in to FlowForge",
            (_SECRETLESS, WayOut("ask its owner for a new client secret")),
        )
    else:
        yield Proof(f"a client secret of the application lasts until {shown_moment(ends[-1])}")


def _policy(subject: Subject, app: dict[str, Json]) -> Iterator[Entry]:
    """The policy of the tenant that forbids new client secrets."""
    request = app_management_policy()
    try:
        policy = subject.graph.find(request)
    except NotVisible as unseen:
        yield NotChecked(unseen.what, unseen.why)
        return
    created = moment_of(as_text(app.get("createdDateTime")))
    for one in objects_of(member(policy, "applicationRestrictions", "passwordCredentials")):
        since = moment_of(as_text(one.get("restrictForAppsCreatedAfterDateTime")))
        enforced = as_text(one.get("state")) != "disabled" and created >= since
        if (
            member(policy, "isEnabled") is True
            and enforced
            and as_text(one.get("restrictionType")) == "passwordAddition"
        ):
            yield Finding(
                "warns",
                "the tenant lets this application get no new client secret",
                as_text(app.get("appId")),
                "the secret cannot be replaced when it ends",
                (_SECRETLESS, WayOut("ask for an exception from the app management policy")),
                "CredentialTypeNotAllowedAsPerAppPolicy",
            )
            return
    yield Proof("the tenant allows client secrets")


def _principal(subject: Subject, client: str) -> Iterator[Entry]:
    """The service principal: whether and which users may sign in."""
    request = service_principal(client)
    try:
        principal = subject.graph.find(request)
    except NotVisible as unseen:
        yield NotChecked(unseen.what, unseen.why)
        return
    if principal is None:
        yield Finding(
            "warns",
            f"the application {client} has no service principal in this tenant",
            client,
            "users cannot sign in to FlowForge before it exists, and it cannot require an assignment",
            (WayOut(f"ask an administrator to create it: az ad sp create --id {client}"),),
            "AADSTS700016",
        )
    elif principal.get("accountEnabled") is False:
        yield Finding(
            "warns",
            f"sign-in to the application {client} is disabled",
            client,
            "users cannot sign in to FlowForge",
            (WayOut("ask an administrator to enable sign-in: Enterprise applications, Properties"),),
            "AADSTS7000112",
        )
    elif subject.answers.sign_on.assignment and not requires_assignment(principal):
        yield Finding(
            "warns",
            f"the application {client} requires no assignment",
            client,
            EVERYONE,
            (
                WayOut("ask its owner to set Assignment required to Yes: Enterprise applications, Properties"),
                WayOut("let every user of the tenant sign in", (("sign_on.assignment", False),)),
            ),
        )
    else:
        yield Proof("users can sign in as the answers say")
