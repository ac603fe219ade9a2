"""Rights of the caller in Microsoft Entra, and the claims of its tokens about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.errors import ArmError

if TYPE_CHECKING:
    from installer.emulator.survey import Survey
    from installer.json_access import JsonObject

_REGISTERING_PERMISSIONS: Final = frozenset({"Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"})
_REGISTERING_ROLES: Final = frozenset(
    {
        "62e90394-69f5-4237-9190-012177145e10",
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
        "158c047a-c907-4556-b7ef-446551a6b5f7",
        "cf1c38e5-3621-4004-a7cb-879624dced7c",
    }
)
"""Global Administrator, Application Administrator, Cloud Application Administrator, Application Developer.
Source: entra-docs, identity/role-based-access-control/permissions-reference.md."""
_GRAPH: Final = "/v1.0/"
_REGISTRATIONS: Final = (f"{_GRAPH}applications", f"{_GRAPH}serviceprincipals", f"{_GRAPH}oauth2permissiongrants")
GUEST: Final = "acct"
"""Claim that is 1 for a guest. Source: entra-docs, identity-platform/optional-claims-reference.md."""


def is_application(survey: Survey) -> bool:
    """Whether the caller is a service principal, not a user."""
    return survey.directory.claims.get("idtyp", "app") == "app"


def caller_claims(survey: Survey) -> JsonObject:
    """Claims of the caller's tokens beside the usual ones; `roles` are the permissions of a service principal."""
    facts = survey.directory
    granted: JsonObject = {"roles": list(facts.permissions)} if is_application(survey) else {}
    return {**granted, **facts.claims}


def check_directory_right(survey: Survey, method: str, path: str) -> None:
    """Refuse a request to Microsoft Graph for which the caller has no right (ArmError 403)."""
    place = path.lower()
    if not place.startswith(_GRAPH):
        return
    if method == "GET":
        allowed = not any(place.startswith(f"{_GRAPH}{start.lower()}") for start in survey.directory.unreadable)
    else:
        allowed = not place.startswith(_REGISTRATIONS) or _may_register(survey)
    if not allowed:
        raise ArmError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def _may_register(survey: Survey) -> bool:
    """Whether the caller may register applications.

    Guests have no default right to do so. Source: entra-docs, fundamentals/users-default-permissions.md.
    """
    facts = survey.directory
    if is_application(survey):
        return bool(_REGISTERING_PERMISSIONS.intersection(facts.permissions))
    guest = facts.claims.get(GUEST) == 1
    return bool(_REGISTERING_ROLES.intersection(facts.roles)) or (facts.users_register and not guest)
