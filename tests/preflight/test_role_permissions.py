"""Deny assignments and conditions: their principals, the actions they deny, and that nothing unknown is called right."""

from typing import Final

import pytest

from installer.jsontypes import Json
from installer.role_conditions import fulfilled
from installer.role_permissions import DenyAssignment
from tests.emulator.in_memory import SCOPE

ME: Final = "11111111-2222-4333-8444-555555555555"
GROUP: Final = "66666666-2222-4333-8444-555555555555"
EVERYONE: Final[Json] = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
ADMIT: Final = "@Resource[Microsoft.Storage/x:Name] StringEquals 'other'"


def denial(**properties: Json) -> DenyAssignment:
    given: Json = {"principals": [EVERYONE], "permissions": [{"actions": ["*/write"]}], **properties}
    return DenyAssignment.of(
        {"id": f"{SCOPE}/providers/Microsoft.Authorization/denyAssignments/d", "properties": given}
    )


@pytest.mark.parametrize(
    ("properties", "concerns"),
    [
        ({}, True),
        ({"principals": [{"id": ME.upper(), "type": "User"}]}, True),
        ({"principals": [{"type": "Everyone"}]}, True),
        ({"principals": [{"id": GROUP, "type": "Group"}]}, False),
        ({"excludePrincipals": [{"id": ME, "type": "User"}]}, False),
        ({"denyAssignmentEffect": "audit"}, False),
        ({"denyAssignmentEffect": "enforced"}, True),
        ({"principals": None}, None),
        ({"principals": []}, None),
        ({"principals": [{"id": None, "type": "User"}]}, None),
        ({"principals": ["text", {"id": GROUP}]}, False),
        ({"principals": None, "excludePrincipals": [{"id": ME}]}, False),
    ],
)
def test_whom_a_deny_assignment_concerns(properties: dict[str, Json], concerns: bool | None) -> None:
    assert denial(**properties).concerns({ME}) is concerns


@pytest.mark.parametrize(
    ("properties", "denies"),
    [
        ({}, True),
        ({"permissions": [{"actions": ["*"], "notActions": ["Microsoft.Network/*"]}]}, False),
        ({"permissions": [{"dataActions": ["*"]}]}, False),
        ({"permissions": None}, None),
        ({"permissions": []}, None),
        ({"condition": ADMIT}, False),
        ({"condition": ADMIT.replace("StringEquals", "StringNotEquals")}, True),
        ({"condition": "something new"}, None),
        ({"permissions": [{"actions": ["*"], "condition": ADMIT}]}, False),
        ({"permissions": [{"actions": ["*"], "condition": "something new"}, {"actions": ["*"]}]}, True),
        ({"condition": ADMIT, "permissions": [{"actions": ["*"], "condition": "something new"}]}, False),
        ({"doNotApplyToChildScopes": True}, False),
    ],
)
def test_what_a_deny_assignment_denies(properties: dict[str, Json], denies: bool | None) -> None:
    found = denial(**properties).denies("Microsoft.Network/virtualNetworks/write", f"{SCOPE}/resourceGroups/rg", {})
    assert found is denies


GROUP_ID: Final = f"{SCOPE}/resourceGroups/rg"
NETWORK: Final = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/v"


@pytest.mark.parametrize(
    ("scope", "target", "denies"),
    [
        (SCOPE, SCOPE, True),
        (SCOPE, GROUP_ID, False),
        (SCOPE, NETWORK, False),
        (SCOPE, f"{SCOPE}/providers/Microsoft.Resources/deployments/d", None),
        (SCOPE, f"/subscriptions/{ME}", False),
        (GROUP_ID, GROUP_ID.upper(), True),
        (GROUP_ID, NETWORK, False),
        (NETWORK, NETWORK, True),
        (NETWORK, f"{NETWORK}/subnets/s", False),
        ("/providers/Microsoft.Management/managementGroups/corp", SCOPE, False),
        ("/providers/Microsoft.Management/managementGroups/corp", NETWORK, False),
        ("", SCOPE, False),
    ],
)
def test_one_that_is_not_for_child_scopes_is_for_its_scope_alone(scope: str, target: str, denies: bool | None) -> None:
    given: Json = {"principals": [EVERYONE], "permissions": [{"actions": ["*"]}], "doNotApplyToChildScopes": True}
    found = DenyAssignment.of(
        {"id": f"{scope}/providers/Microsoft.Authorization/denyAssignments/d", "properties": given}
    )
    assert found.denies("Microsoft.Network/virtualNetworks/write", target, {}) is denies


@pytest.mark.parametrize("levels", [1, 2, 900, 901, 100_000])
def test_a_condition_may_be_nested_to_any_depth(levels: int) -> None:
    text = f"{'!(' * levels}ActionMatches{{'*'}}{')' * levels}"
    assert fulfilled(text, "a/write", {}) is (levels % 2 == 0)
    assert fulfilled(f"{'(' * levels}{text}", "a/write", {}) is None
    assert fulfilled(f"{text})", "a/write", {}) is None


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("NOT ActionMatches{'x'} AND ActionMatches{'*'}", True),
        ("ActionMatches{'*'} OR ActionMatches{'*'} AND ActionMatches{'x'}", True),
        ("(ActionMatches{'*'} OR ActionMatches{'*'}) AND ActionMatches{'x'}", False),
        ("!!ActionMatches{'*'}", True),
        ("! (ActionMatches{'x'} || ActionMatches{'*'}) && ActionMatches{'*'}", False),
        ("ActionMatches{'*'} ActionMatches{'*'}", None),
        ("ActionMatches{'*'} AND", None),
        ("()", None),
        ("NOT", None),
        (") ActionMatches{'*'} (", None),
    ],
)
def test_operators_bind_as_documented(text: str, result: bool | None) -> None:
    assert fulfilled(text, "a/write", {}) is result
