"""The right of the account to register applications. Without it, the run waits for an administrator.

Sources: microsoft-graph-docs, api/application-post-applications.md (permissions of a service principal),
resources/authorizationpolicy.md (default rights of users); entra-docs, fundamentals/users-default-permissions.md (guests),
identity/role-based-access-control/permissions-reference.md (IDs of roles).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.cloud.access_tokens import sign_in_of
from installer.cloud.errors import AzureRefused
from installer.json_access import as_text, member
from installer.preflight.directory_reads import authorization_policy, directory_roles
from installer.preflight.model import Finding, Proof, WayOut
from installer.preflight.reads import NotVisible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cloud.access_tokens import SignIn
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_PERMISSIONS: Final = frozenset({"Application.ReadWrite.OwnedBy", "Application.ReadWrite.All"})
_ROLES: Final = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "cf1c38e5-3621-4004-a7cb-879624dced7c": "Application Developer",
}


def registering(subject: Subject) -> Iterator[Entry]:
    """Whether the account may register the applications of the environments. Raises NotVisible."""
    try:
        found = sign_in_of(subject.target, subject.target.graph)
    except AzureRefused as refused:
        raise NotVisible("the right to register applications", str(refused).splitlines()[0]) from refused
    right = _application_right(found) if found.is_application else _user_right(subject, found)
    yield Proof(f"the account may register applications: {right}") if right else _waits(subject, found)


def _application_right(found: SignIn) -> str:
    return ", ".join(sorted(_PERMISSIONS & found.permissions))


def _user_right(subject: Subject, found: SignIn) -> str:
    subject.graph.ahead((directory_roles(), authorization_policy()))
    request = directory_roles()
    held = {as_text(one.get("roleTemplateId")).lower() for one in subject.graph.every(request)}
    roles = [name for role, name in _ROLES.items() if role in held]
    if roles:
        return f"role {roles[0]}"
    if found.is_guest:
        return ""
    request = authorization_policy()
    policy = subject.graph.find(request)
    every = member(policy, "defaultUserRolePermissions", "allowedToCreateApps") is True
    return "every user of the tenant may" if every else ""


def _waits(subject: Subject, found: SignIn) -> Finding:
    need = (
        "ask a Privileged Role Administrator for the application permission Application.ReadWrite.OwnedBy of Microsoft Graph"
        if found.is_application
        else "ask for the directory role Application Developer"
    )
    names = ", ".join(subject.it.environments)
    return Finding(
        "warns",
        "this account may not register applications in the directory",
        subject.answers.subscription.tenant,
        f"the run waits (exit code 7) until an administrator has registered those of {names} as it shows them",
        (
            WayOut(need),
            WayOut("enter the client ID of an application that an administrator has registered"),
            WayOut("set up sign-on later", (("sign_on.method", "later"),)),
        ),
        "Authorization_RequestDenied",
    )
