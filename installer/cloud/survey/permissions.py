"""Role and deny assignments of the signed-in account, and policies in force."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from installer.cloud.rest import signed_in
from installer.cloud.survey.reader import Reader, kept, text
from installer.json_access import as_object, objects_of
from installer.jsontypes import Json

_AUTHORIZATION: Final = "providers/Microsoft.Authorization"
_ROLES: Final = "2022-04-01"
_ELIGIBLE: Final = "2020-10-01"
_POLICIES: Final = "2023-04-01"
_EXEMPTIONS: Final = "2022-07-01-preview"


def rights(it: Reader) -> tuple[dict[str, Json], list[dict[str, Json]]]:
    """The signed-in account with its direct and group role assignments, and the deny assignments."""
    it.progress("reading role assignments")
    who = signed_in(it.service.target)
    if not who:
        it.unread.append("role assignments: the token has no object ID")
        return {}, []
    found: dict[str, dict[str, Json]] = {}
    principals: dict[str, None] = {}
    for subscription in it.wanted.subscriptions:
        prefix = f"/subscriptions/{subscription}/{_AUTHORIZATION}"
        mine = quote(f"assignedTo('{who}')")
        path = f"{prefix}/roleAssignments?api-version={_ROLES}&$filter={mine}"
        for one in it.every(path, "role assignments", "Microsoft.Authorization/roleAssignments"):
            found[str(one.get("id", "")).lower()] = kept(one)
            principals[text(one, "principalId")] = None
            role = text(one, "roleDefinitionId")
            if role and role.lower() not in found and (read := it.one(f"{role}?api-version={_ROLES}", "roles")):
                found[role.lower()] = kept(read)
        path = f"{prefix}/denyAssignments?api-version={_ROLES}"
        for one in it.every(path, "deny assignments", "Microsoft.Authorization/denyAssignments"):
            found[str(one.get("id", "")).lower()] = kept(one)
        path = f"{prefix}/roleEligibilityScheduleInstances?api-version={_ELIGIBLE}&$filter=asTarget()"
        for one in it.every(path, "eligible roles", "Microsoft.Authorization/roleEligibilityScheduleInstances"):
            found[str(one.get("id", "")).lower()] = kept(one)
    if not principals:
        return {}, []  # without a visible role assignment, the permissions are unknown
    others: list[Json] = [name for name in principals if name and name != who]
    return {"objectId": who, "principalIds": others}, list(found.values())


def policies(it: Reader, subscription: str) -> Iterator[dict[str, Json]]:
    """Policy assignments in force, including those of management groups, their exemptions and definitions."""
    it.progress("reading policies")
    prefix = f"/subscriptions/{subscription}/{_AUTHORIZATION}"
    open_ids: dict[str, None] = {}
    path = f"{prefix}/policyAssignments?api-version={_POLICIES}"
    for one in it.every(path, "policy assignments", "Microsoft.Authorization/policyAssignments"):
        open_ids[text(one, "policyDefinitionId")] = None
        yield kept(one)
    for one in it.every(f"{prefix}/policyExemptions?api-version={_EXEMPTIONS}", "policy exemptions"):
        yield kept(one)
    done: set[str] = set()
    while open_ids:
        name = next(iter(open_ids))
        open_ids.pop(name)
        if not name or name.lower() in done:
            continue
        done.add(name.lower())
        definition = it.one(f"{name}?api-version={_POLICIES}", "policy definitions")
        if definition is None:
            continue
        yield kept(definition)
        for member in objects_of(as_object(definition.get("properties")).get("policyDefinitions")):
            open_ids[str(member.get("policyDefinitionId", ""))] = None
