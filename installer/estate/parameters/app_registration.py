"""App registration of an environment in Microsoft Entra ID. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from installer.estate.parameters.context import Installation
from installer.estate.parameters.controlplane import slot_host, web_host
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.stage_spec import Outputs
from installer.jsontypes import Json

CALLBACK: Final = "/.auth/login/aad/callback"
"""Path of the redirect URI (documented for App Service and Container Apps)."""
ADMINISTRATOR: Final = "FlowForge.Administrator"
USER: Final = "FlowForge.User"
_ROLES: Final = {
    ADMINISTRATOR: ("Administrators", "May change everything in FlowForge."),
    USER: ("Users", "May use FlowForge."),
}
_NAMESPACE: Final = UUID("5d8f3c1e-94b7-4c0a-9d52-7a6e1b0f4c83")
"""UUID namespace of the app role IDs, so that they are the same in every app registration."""


@dataclass(frozen=True)
class Registration:
    """Desired state of an app registration.

    Attributes:
        unique_name: Unique name by which it is found.
        title: Display name.
        redirects: Redirect URIs.
        slot_redirects: Redirect URIs of the staging slot, which only its testers need.
        issuer: Issuer of the federated credential.
        subject: Subject of the federated credential; "" with a client secret.
        audience: Audience of the federated credential.
        groups: Object IDs of the groups with an app role, by the role.
        assignment: Whether only assigned users and groups may sign in.

    """

    unique_name: str
    title: str
    redirects: tuple[str, ...]
    slot_redirects: tuple[str, ...]
    issuer: str
    subject: str
    audience: str
    groups: Mapping[str, str]
    assignment: bool

    @property
    def credential(self) -> dict[str, Json]:
        """Its federated credential, as sent to Microsoft Graph."""
        return {
            "name": self.unique_name,
            "issuer": self.issuer,
            "subject": self.subject,
            "audiences": [self.audience],
            "description": "Managed identity of the web app instead of a client secret.",
        }

    @property
    def description(self) -> str:
        """Its settings as lines of text, for creating or fixing it manually."""
        lines = [f"redirect URI (web): {redirect}" for redirect in (*self.redirects, *self.slot_redirects)]
        if self.subject:
            lines.append(
                f"federated credential: issuer {self.issuer}, subject {self.subject}, audience {self.audience}"
            )
        lines += [f"app role: {value}" for value in _ROLES]
        lines += [f"role {value} for the group {group}" for value, group in self.groups.items()]
        if self.assignment:
            lines.append("enterprise application: Assignment required = Yes")
        return "\n".join(f"  {line}" for line in [f"name: {self.title}", *lines])


def registration(it: Installation, outputs: Outputs, environment: str) -> Registration:
    """The app registration of an environment, or the required state of an existing one.

    Needs the outputs of the stage foundation, and of runtime for a web app on Container Apps.
    """
    site, sign_on = it.site(environment), it.answers.sign_on
    hosts = [web_host(it, site, outputs), *([it.public_host(environment)] if it.has_ingress else [])]
    secretless, slot = sign_on.method == "secretless", slot_host(it, site)
    return Registration(
        unique_name=unique_name(it, environment),
        title=f"FlowForge {it.names.prefix} {environment}",
        redirects=tuple(f"https://{host}{CALLBACK}" for host in dict.fromkeys(hosts)),
        slot_redirects=(f"https://{slot}{CALLBACK}",) if slot else (),
        issuer=f"https://{it.names.answers_at.login}/{it.answers.subscription.tenant}/v2.0",
        subject=principals_of(outputs, environment)["auth"].object_id if secretless else "",
        audience=it.names.answers_at.identity_exchange,
        groups={
            role: group
            for role, group in {ADMINISTRATOR: sign_on.admin_group, USER: sign_on.user_group}.items()
            if group
        },
        assignment=sign_on.assignment,
    )


def unique_name(it: Installation, environment: str) -> str:
    """Unique name of the app registration of an environment."""
    return f"flowforge-{it.names.prefix}-{environment}"


def roles() -> list[dict[str, Json]]:
    """The app roles, as in Microsoft Graph."""
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
    """ID of an app role."""
    return str(uuid5(_NAMESPACE, value))
