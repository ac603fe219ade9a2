"""How people sign in, and who administers."""

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


class SignOn(Page):
    """How people sign in to FlowForge with their Entra accounts, and which of them administer it."""

    method: Annotated[
        Literal["later", "secretless", "secret"],
        Ask(
            "Sign-on",
            help="Secretless uses the web app's own identity as its credential; a client secret is the older way.",
            options={
                "later": "set up later; nobody can sign in yet",
                "secretless": "app registration without a secret",
                "secret": "existing app registration with a client secret",
            },
            bicep="signOnMethod",
        ),
    ] = "later"
    registration: Annotated[
        Literal["existing", "new"],
        Ask(
            "App registration",
            help="One that somebody made, which is only looked at; or a new one for each environment, which the "
            "installer makes if it has rights in the directory, and otherwise tells what somebody else has to make.",
            options={"existing": "existing, by its client id", "new": "made by the installer"},
            applies=_is_secretless,
        ),
    ] = "existing"
    client_id: Annotated[
        str,
        Field(pattern=GUID),
        Ask(
            "Client id",
            help="Application (client) id of the app registration that stands for FlowForge in your directory.",
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
            help="Where the secret is kept. It goes into the Key Vault of each environment and nowhere else.",
            allowed=REFERENCE_WORDS,
            example="env:FLOWFORGE_CLIENT_SECRET",
            applies=_uses_secret,
            secret=True,
        ),
    ] = ""
    admin_group: Annotated[
        str | None,
        Field(pattern=GUID),
        Ask(
            "Administrators",
            help="Object id of the Entra group whose members administer clusters, databases and Synapse. "
            "None: only the identities of this installation do.",
            allowed=GUID_WORDS,
        ),
    ] = None
    admin_group_name: Annotated[
        str,
        Field(pattern=r"^[^\x00-\x1f]{1,256}$"),
        Ask(
            "Name of that group",
            help="Its display name, which is its role name in PostgreSQL.",
            allowed="up to 256 characters",
            example="sg-data-platform-admins",
            applies=lambda view: view.get("sign_on.admin_group") is not None,
        ),
    ] = ""
