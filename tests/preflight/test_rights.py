"""Rights: what is missing is named at its scope, with the way to get it; nothing is missing with exactly the role that we print."""

from pathlib import Path
from typing import Any, Final

import pytest

from installer.json_access import as_list
from installer.jsontypes import Json
from installer.preflight.model import Finding, Result
from installer.preflight.rights.check import RIGHTS
from installer.preflight.rights.custom_role import custom_role
from installer.preflight.rights.needs import needs_of
from tests.bicep.answers_variants import OTHER
from tests.emulator.in_memory import SCOPE
from tests.emulator.test_survey import ACR_PULL, CONTRIBUTOR, ME, ONLY_PULL, OWNER, RBAC_ADMIN, READER, _grant
from tests.preflight.surveyed import checked, sample

AUTHORIZATION: Final = "providers/Microsoft.Authorization"
GROUP: Final = "aaaaaaaa-0000-0000-0000-00000000000a"
CUSTOM: Final = "cccccccc-0000-0000-0000-000000000001"


def held(tmp_path: Path, *resources: dict[str, Json], **more: Any) -> Result:
    """Result of the check for a caller with these role assignments."""
    caller = {"objectId": ME, "principalIds": [GROUP]}
    return checked(tmp_path, RIGHTS, more.pop("given", sample()), caller=caller, resources=[*resources], **more)


def definition(actions: list[Json], role: str = CUSTOM) -> dict[str, Json]:
    permission: Json = {"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}
    properties: Json = {
        "roleName": "own",
        "type": "CustomRole",
        "assignableScopes": [SCOPE],
        "permissions": [permission],
    }
    return {"id": f"{SCOPE}/{AUTHORIZATION}/roleDefinitions/{role}", "properties": properties}


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


@pytest.mark.parametrize(
    "roles", [(OWNER,), (CONTRIBUTOR, RBAC_ADMIN)], ids=["owner", "contributor with access administration"]
)
def test_the_usual_roles_are_enough(tmp_path: Path, roles: tuple[str, ...]) -> None:
    assert held(tmp_path, *(_grant(role, ME) for role in roles)).state == "passed"


def test_a_role_of_a_group_counts(tmp_path: Path) -> None:
    assert held(tmp_path, _grant(OWNER, GROUP)).state == "passed"


def test_a_contributor_may_not_assign_roles(tmp_path: Path) -> None:
    finding = only(held(tmp_path, _grant(CONTRIBUTOR, ME)))
    assert "Microsoft.Authorization/roleAssignments/write" in finding.what
    assert "virtualMachines" not in finding.what
    assert finding.code == "AuthorizationFailed"
    assert any("Role Based Access Control Administrator" in way.text for way in finding.ways)


def test_locks_need_more_than_contributor_and_access_administration(tmp_path: Path) -> None:
    given = sample(governance={"locks": "data"})
    finding = only(held(tmp_path, _grant(CONTRIBUTOR, ME), _grant(RBAC_ADMIN, ME), given=given))
    assert "Microsoft.Authorization/locks/write" in finding.what
    assert finding.ways[1].answers == (("governance.locks", "none"),)


def test_a_reader_is_told_which_role_to_activate(tmp_path: Path) -> None:
    eligible: dict[str, Json] = {
        "id": f"{SCOPE}/{AUTHORIZATION}/roleEligibilityScheduleInstances/00000000-0000-0000-0000-0000000000e1",
        "properties": {
            "principalId": ME,
            "scope": SCOPE,
            "roleDefinitionId": f"{SCOPE}/{AUTHORIZATION}/roleDefinitions/{OWNER}",
            "expandedProperties": {"roleDefinition": {"displayName": "Owner"}},
        },
    }
    finding = only(held(tmp_path, _grant(READER, ME), eligible))
    assert finding.ways[0].text.startswith(f"activate the role Owner at {SCOPE} in Privileged Identity Management")


def test_a_condition_admits_some_roles_only(tmp_path: Path) -> None:
    finding = only(held(tmp_path, _grant(CONTRIBUTOR, ME), _grant(RBAC_ADMIN, ME, condition=ONLY_PULL)))
    assert finding.what.startswith(
        "the condition of its role lets this account not assign Key Vault Secrets User (4633"
    )
    assert ACR_PULL in ONLY_PULL
    assert ACR_PULL not in finding.what


def test_a_condition_that_is_not_understood_is_not_checked(tmp_path: Path) -> None:
    strange = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] SomethingNew {x}"
    result = held(tmp_path, _grant(CONTRIBUTOR, ME), _grant(RBAC_ADMIN, ME, condition=strange))
    assert result.findings == ()
    assert any("condition that is not understood" in one.why for one in result.not_checked)


def test_a_deny_assignment_overrules_the_owner(tmp_path: Path) -> None:
    denial: dict[str, Json] = {
        "id": f"{SCOPE}/{AUTHORIZATION}/denyAssignments/00000000-0000-0000-0000-00000000dddd",
        "properties": {
            "denyAssignmentName": "landing zone",
            "permissions": [{"actions": ["Microsoft.Network/*/write"], "notActions": []}],
            "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "Everyone"}],
            "scope": SCOPE,
        },
    }
    finding = only(held(tmp_path, _grant(OWNER, ME), denial))
    assert finding.what.startswith("the deny assignment landing zone forbids to Microsoft.Network/")
    assert finding.code == "DenyAssignmentAuthorizationFailed"


def _alone(scope: str, *actions: Json) -> dict[str, Json]:
    """A deny assignment for everyone that is not for child scopes."""
    return {
        "id": f"{scope}/{AUTHORIZATION}/denyAssignments/00000000-0000-0000-0000-00000000dddd",
        "properties": {
            "denyAssignmentName": "frozen",
            "permissions": [{"actions": [*actions], "notActions": ["*/read"]}],
            "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "Everyone"}],
            "doNotApplyToChildScopes": True,
            "scope": scope,
        },
    }


def test_a_deny_assignment_without_child_scopes_leaves_groups_and_resources_alone(tmp_path: Path) -> None:
    some = [_grant(OWNER, ME), _alone(SCOPE, "Microsoft.Network/*/write", "*/resourceGroups/*")]
    assert held(tmp_path / "groups", *some).state == "passed"
    every = held(tmp_path / "every", _grant(OWNER, ME), _alone(SCOPE, "*"))
    assert "register/action" in only(every).what, "providers are registered at the subscription itself"
    assert "/write" not in only(every).what
    assert any("Microsoft.Resources/deployments/write" in one.what for one in every.not_checked)


def test_a_group_that_is_frozen_without_its_resources_is_named_alone(tmp_path: Path) -> None:
    where = f"{SCOPE}/resourceGroups/rg-ff-contoso-dev"
    own: dict[str, Json] = {"id": where, "location": "swedencentral"}
    finding = only(held(tmp_path, own, _grant(OWNER, ME), _alone(where, "*")))
    forbidden = "Microsoft.Resources/subscriptions/resourceGroups/write"
    assert finding.what == f"the deny assignment frozen forbids to {forbidden}"


def test_a_deny_assignment_of_one_planned_resource_is_found(tmp_path: Path) -> None:
    group = f"{SCOPE}/resourceGroups/rg-ff-contoso-dev"
    vault = f"{group}/providers/Microsoft.KeyVault/vaults/kv-ff-contoso-dev"
    own: dict[str, Json] = {"id": group, "location": "swedencentral"}
    denial = {**_alone(vault, "*/write")}
    finding = only(held(tmp_path, own, _grant(OWNER, ME), denial))
    assert "Microsoft.KeyVault/vaults/write" in finding.what


def test_the_custom_role_is_enough_and_each_of_its_actions_is_needed(tmp_path: Path) -> None:
    given = sample("dev", "prod", governance={"locks": "data", "posture": "hardened"})
    role = custom_role(given)
    actions = as_list(role["Actions"])
    assert role["AssignableScopes"] == [SCOPE]
    whole = held(tmp_path / "whole", definition(actions), _grant(CUSTOM, ME), given=given)
    assert whole.state == "passed", whole.findings
    needed = {need.action.lower() for need in needs_of(given)}
    assert {str(action).lower() for action in actions} == needed
    less = held(tmp_path / "less", definition(actions[:-1]), _grant(CUSTOM, ME), given=given)
    assert str(actions[-1]) in only(less).what


def test_existing_networks_are_checked_at_their_own_scope() -> None:
    hub = f"/subscriptions/{OTHER}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
    given = sample(network={"mode": "existing_hub", "hub_id": hub})
    found = {need.scope for need in needs_of(given) if "virtualNetworks/peer" in need.action}
    assert f"/subscriptions/{OTHER}/resourceGroups/rg-hub" in found


def test_a_membership_that_can_be_activated_is_named_with_its_role(tmp_path: Path) -> None:
    other = "bbbbbbbb-0000-0000-0000-00000000000b"
    directory = {"eligibleGroups": [GROUP.replace("a", "c"), other]}
    finding = only(held(tmp_path, _grant(READER, ME), _grant(CONTRIBUTOR, other), directory=directory))
    (way,) = [one.text for one in finding.ways if "membership" in one.text]
    assert (
        way
        == f"activate the membership in the group {other} in Privileged Identity Management: it has the role Contributor"
    )


def test_a_deny_assignment_of_a_group_without_roles_concerns_its_members(tmp_path: Path) -> None:
    denial: dict[str, Json] = {
        "id": f"{SCOPE}/{AUTHORIZATION}/denyAssignments/00000000-0000-0000-0000-00000000dddd",
        "properties": {
            "denyAssignmentName": "stack",
            "permissions": [{"actions": ["*/write"], "notActions": []}],
            "principals": [{"id": GROUP, "type": "Group"}],
            "scope": SCOPE,
        },
    }
    finding = only(held(tmp_path / "member", _grant(OWNER, ME), denial))
    assert finding.code == "DenyAssignmentAuthorizationFailed"


def test_rights_at_a_group_that_exists_count_there(tmp_path: Path) -> None:
    """The installation's own group exists, and the account may do everything in it, but nothing beside it."""
    own: dict[str, Json] = {"id": f"{SCOPE}/resourceGroups/rg-ff-contoso-dev", "location": "swedencentral"}
    inside = f"{SCOPE}/resourceGroups/rg-ff-contoso-dev"
    result = held(tmp_path, own, _grant(OWNER, ME, inside), _grant(READER, GROUP))
    assert {finding.where for finding in result.findings} == {SCOPE}


def test_a_condition_that_admits_what_the_plan_assigns_is_no_obstacle(tmp_path: Path) -> None:
    """Without a cluster the run assigns no role to the account itself."""
    given = sample(platform={"runtime": "container_apps", "control_plane": "container_app"})
    roles = {
        dict(need.attributes)["roledefinitionid"]
        for need in needs_of(given)
        if need.attributes and need.action.endswith("write")
    }
    only_services = (
        "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
        "(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {"
        f"{', '.join(sorted(roles))}}} AND @Request[Microsoft.Authorization/roleAssignments:PrincipalType] "
        "ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}))"
    )
    assert (
        held(tmp_path, _grant(CONTRIBUTOR, ME), _grant(RBAC_ADMIN, ME, condition=only_services), given=given).findings
        == ()
    )
