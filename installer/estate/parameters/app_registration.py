"""What stands for an environment in the directory of the organisation: its app registration. Pure."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from installer.estate.parameters.context import Installation
from installer.estate.parameters.controlplane import web_host
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

CALLBACK: Final = "/.auth/login/aad/callback"
"""Where people come back to from the sign-in (documented for App Service and Container Apps)."""
ADMINISTRATOR: Final = "FlowForge.Administrator"
USER: Final = "FlowForge.User"
_ROLES: Final = {
    ADMINISTRATOR: ("Administrators", "May change everything in FlowForge."),
    USER: ("Users", "May use FlowForge."),
}
_OURS: Final = UUID("5d8f3c1e-94b7-4c0a-9d52-7a6e1b0f4c83")
"""Namespace of the ids of these roles, so that they are the same in every registration."""


@dataclass(frozen=True)
class Registration:
    """An app registration as it shall be.

    unique_name: by which it is found again. redirects: where the sign-in may lead back to.
    issuer, subject, audience: of the tokens that stand in for a secret; subject "" where a secret is used.
    administrators: object id of the group with the role of administrators, if there is one.
    """

    unique_name: str
    title: str
    redirects: tuple[str, ...]
    issuer: str
    subject: str
    audience: str
    administrators: str | None

    @property
    def credential(self) -> dict[str, Json]:
        """What stands in for its secret."""
        return {
            "name": self.unique_name,
            "issuer": self.issuer,
            "subject": self.subject,
            "audiences": [self.audience],
            "description": "The identity of the web app stands in for a client secret.",
        }

    @property
    def told(self) -> str:
        """In lines, for whoever makes or mends it by hand."""
        lines = [f"redirect URI (web): {redirect}" for redirect in self.redirects]
        if self.subject:
            lines.append(
                f"federated credential: issuer {self.issuer}, subject {self.subject}, audience {self.audience}"
            )
        lines += [f"app role: {value}" for value in _ROLES]
        if self.administrators:
            lines.append(f"role {ADMINISTRATOR} for the group {self.administrators}")
        return "\n".join(f"  {line}" for line in [f"name: {self.title}", *lines])


def registration(it: Installation, outputs: Outputs, environment: str) -> Registration:
    """The app registration of an environment, or what an existing one must have.

    Needs the stage foundation, and the stage runtime for a web app on Container Apps.
    """
    site, sign_on = it.site(environment), it.answers.sign_on
    hosts = [web_host(it, site, outputs), *([it.public_host(environment)] if it.has_ingress else [])]
    secretless = sign_on.method == "secretless"
    return Registration(
        unique_name=unique_name(it, environment),
        title=f"FlowForge {it.names.prefix} {environment}",
        redirects=tuple(f"https://{host}{CALLBACK}" for host in dict.fromkeys(hosts)),
        issuer=f"https://{it.names.answers_at.login}/{it.answers.subscription.tenant}/v2.0",
        subject=principals_of(outputs, environment)["auth"].object_id if secretless else "",
        audience=it.names.answers_at.identity_exchange,
        administrators=sign_on.admin_group,
    )


def unique_name(it: Installation, environment: str) -> str:
    """Name by which the registration of an environment is found again in its directory."""
    return f"flowforge-{it.names.prefix}-{environment}"


def roles() -> list[dict[str, Json]]:
    """The roles that the registration offers, in the form of Graph."""
    return [
        {
            "id": role_id(value),
            "value": value,
            "displayName": name,
            "description": text,
            "isEnabled": True,
            "allowedMemberTypes": ["User"],
        }
        for value, (name, text) in _ROLES.items()
    ]


def role_id(value: str) -> str:
    """Id of a role."""
    return str(uuid5(_OURS, value))
