"""Step: checks that the app registration for sign-in is complete, also one that an administrator created."""

from dataclasses import dataclass
from typing import ClassVar, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.graph import Graph
from installer.cloud.rest import ACCESS_DENIED
from installer.engine.step import Context, Outputs
from installer.errors import WaitingForInput
from installer.estate import keys
from installer.estate.parameters.app_registration import Registration, registration, roles
from installer.estate.parameters.context import Installation
from installer.json_access import as_text
from installer.jsontypes import Json

EVERYONE: Final = "every user of the tenant may sign in, guests included, because assignment is not required"
ASSIGNED: Final = (
    "only assigned users and groups may sign in, guests in an assigned group included; Entra also admits Global "
    "Administrators without an assignment"
)
"""learn.microsoft.com, entra/identity-platform/howto-restrict-your-app-to-a-set-of-users."""


@dataclass(frozen=True)
class AppRegistrationStep:
    """A step about the app registration of one environment."""

    graph: Graph
    it: Installation
    environment: str
    needs: tuple[str, ...]

    @property
    def key(self) -> str:
        """One for each environment."""
        return keys.app_registration(self.environment)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"App registration · {self.environment}"


@dataclass(frozen=True)
class CheckAppRegistration(AppRegistrationStep):
    """Checks that an existing app registration has what an environment needs."""

    usual_seconds: ClassVar[float] = 1.0

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Never done in advance: the check itself is the work."""
        return None

    def apply(self, context: Context) -> Outputs:
        """Check it, read-only. Raises WaitingForInput with what it lacks."""
        context.remember("begun", name=self.key)
        client = self.it.answers.sign_on.client_id
        check_registration(self.graph, context, client, registration(self.it, context.outputs, self.environment))
        return {"clientId": client}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Nothing was changed."""


def check_registration(graph: Graph, context: Context, client_id: str, expected: Registration) -> None:
    """Check whether users can sign in with a registration. Raises WaitingForInput with what it lacks.

    If the account may not read it, or the directory does not show it, the check is reported as not made.
    """
    try:
        app = graph.by_client(client_id)
        credentials = graph.credentials(str(app["id"])) if app and expected.subject else []
        principal = graph.principal(client_id) if app and expected.assignment else None
    except AzureRefused as refused:
        if refused.status not in ACCESS_DENIED:
            raise
        app = None
    if app is None:
        context.emit("not-checked", f"the app registration {client_id}: it must have\n{expected.description}")
        return
    lacks = lacking(app, credentials, expected)
    if principal is not None:
        report_assignment(context, client_id, principal)
    for one in expected.slot_redirects:
        if one not in redirects_of(app):
            context.emit("warning", f"without the redirect URI {one} users cannot sign in to the staging slot")
    if lacks:
        raise WaitingForInput(f"the app registration {client_id} lacks {'; '.join(lacks)}. Ask its owner to add this")


def lacking(app: dict[str, Json], credentials: list[dict[str, Json]], expected: Registration) -> list[str]:
    """Parts of a registration that sign-in needs and that are missing, in words."""
    lacks = [f"the redirect URI {one}" for one in expected.redirects if one not in redirects_of(app)]
    if expected.subject and not any(trusts(one, expected) for one in credentials):
        lacks.append(
            f"a federated credential with the issuer {expected.issuer}, the subject {expected.subject} and the audience "
            f"{expected.audience}"
        )
    return lacks


def outputs_of(app: dict[str, Json]) -> Outputs:
    """Outputs of the steps."""
    return {"clientId": str(app["appId"])}


def requires_assignment(principal: dict[str, Json]) -> bool:
    """Whether only assigned users and groups may sign in to the app of a service principal."""
    return principal.get("appRoleAssignmentRequired") is True


def report_assignment(context: Context, app: str, principal: dict[str, Json]) -> None:
    """Report who may sign in; Entra has no setting of an app that admits members of the tenant only."""
    if requires_assignment(principal):
        context.emit("log", f"{app}: {ASSIGNED}")
    else:
        context.emit("warning", f"{app}: {EVERYONE}")


def trusts(credential: dict[str, Json], expected: Registration) -> bool:
    """Whether a credential trusts the expected issuer, subject and audience."""
    audiences = credential.get("audiences")
    return (
        credential.get("issuer") == expected.issuer
        and credential.get("subject") == expected.subject
        and isinstance(audiences, list)
        and expected.audience in audiences
    )


def redirects_of(app: dict[str, Json]) -> list[Json]:
    """Redirect URIs of an app registration."""
    web = app.get("web")
    found = web.get("redirectUris") if isinstance(web, dict) else None
    return found if isinstance(found, list) else []


def _list(app: dict[str, Json], name: str) -> list[dict[str, Json]]:
    found = app.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def differences(app: dict[str, Json], expected: Registration) -> list[str]:
    """Names of the parts of a registration that differ; additions by other people do not count."""
    values = {as_text(one.get("value")) for one in _list(app, "appRoles") if one.get("isEnabled") is not False}
    web = app.get("web")
    granted = web.get("implicitGrantSettings") if isinstance(web, dict) else None
    checks = {
        "redirects": {*expected.redirects, *expected.slot_redirects} <= {str(one) for one in redirects_of(app)},
        "roles": {one["value"] for one in roles()} <= values,
        "id tokens": isinstance(granted, dict) and granted.get("enableIdTokenIssuance") is True,
        "groups": app.get("groupMembershipClaims") not in (None, "None"),
    }
    return [name for name, right in checks.items() if not right]


def content(app: dict[str, Json], expected: Registration) -> dict[str, Json]:
    """Request body that adds what a registration lacks; redirects and roles of other people are kept."""
    present = _list(app, "appRoles")
    values = {as_text(one.get("value")) for one in present}
    wanted = (*expected.redirects, *expected.slot_redirects)
    redirects = [*redirects_of(app), *(one for one in wanted if one not in redirects_of(app))]
    return {
        "displayName": str(app.get("displayName") or expected.title),
        "signInAudience": "AzureADMyOrg",
        "groupMembershipClaims": "ApplicationGroup",
        "appRoles": [*present, *(one for one in roles() if one["value"] not in values)],
        "web": {"redirectUris": redirects, "implicitGrantSettings": {"enableIdTokenIssuance": True}},
    }
