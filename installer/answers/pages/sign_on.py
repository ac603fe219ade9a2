"""Page Sign-on: app registration and administrators."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import GUID, GUID_WORDS, REFERENCE, REFERENCE_WORDS


def _is_secretless(view: View) -> bool:
    return view.get("sign_on.method") == "secretless"


def _has_registration(view: View) -> bool:
    return _uses_secret(view) or (_is_secretless(view) and view.get("sign_on.registration") == "existing")


def _uses_secret(view: View) -> bool:
    return view.get("sign_on.method") == "secret"


def _is_registered(view: View) -> bool:
    return _is_secretless(view) and view.get("sign_on.registration") == "new"


class SignOn(Page):
    """Sign-in to FlowForge with Microsoft Entra ID, and its administrators."""

    method: Annotated[
        Literal["later", "secretless", "secret"],
        Ask(
            "Sign-on",
            help="A federated credential lets the managed identity of the web app sign in, without a client secret.",
            options={
                "later": "set up later (no sign-in yet)",
                "secretless": "federated credential (no secret)",
                "secret": "client secret",
            },
            bicep="signOnMethod",
        ),
    ] = "later"
    registration: Annotated[
        Literal["existing", "new"],
        Ask(
            "App registration",
            help="An existing app registration, which is only read; or a new one for each environment. Without the "
            "permission to create it, the installer shows what an administrator has to create.",
            options={"existing": "existing", "new": "created by the installer"},
            applies=_is_secretless,
        ),
    ] = "existing"
    client_id: Annotated[
        str,
        Field(pattern=GUID),
        Ask(
            "Application ID",
            source="applications",
            help="Application (client) ID of the app registration for FlowForge.",
            bicep="signOnClientId",
            allowed=GUID_WORDS,
            applies=_has_registration,
        ),
    ] = ""
    client_secret: Annotated[
        str,
        Field(pattern=REFERENCE),
        Ask(
            "Client secret",
            help="Reference to the client secret. It is stored only in the key vault of each environment.",
            allowed=REFERENCE_WORDS,
            example="env:FLOWFORGE_CLIENT_SECRET",
            applies=_uses_secret,
            secret=True,
        ),
    ] = ""
    assignment: Annotated[
        bool,
        Ask(
            "Assignment required",
            help="Only users and groups that are assigned to the app in Entra may sign in. Otherwise every user of the "
            "tenant may, guests included. An existing registration is only checked.",
            applies=lambda view: view.get("sign_on.method") != "later",
        ),
    ] = True
    user_group: Annotated[
        str | None,
        Field(pattern=GUID),
        Ask(
            "User group",
            source="groups",
            help="Object ID of the Entra group whose direct members may sign in to FlowForge. Requires Entra ID P1. "
            "Empty = an administrator assigns users.",
            allowed=GUID_WORDS,
            applies=_is_registered,
        ),
    ] = None
    admin_group: Annotated[
        str | None,
        Field(pattern=GUID),
        Ask(
            "Admin group",
            source="groups",
            names="sign_on.admin_group_name",
            help="Object ID of the Entra group that administers clusters, databases, Synapse and a new app registration. "
            "Empty = only the managed identities of this installation.",
            allowed=GUID_WORDS,
        ),
    ] = None
    admin_group_name: Annotated[
        str,
        Field(pattern=r"^[^\x00-\x1f]{1,256}$"),
        Ask(
            "Admin group name",
            help="Display name of the group, which is also its role name in PostgreSQL.",
            allowed="up to 256 characters",
            example="sg-data-platform-admins",
            applies=lambda view: view.get("sign_on.admin_group") is not None,
        ),
    ] = ""
