"""Rights in surveys: what depends on a membership or a condition that the survey does not have is not checked, not blocked."""

from pathlib import Path
from typing import Final

import pytest

from installer.jsontypes import Json
from installer.preflight.model import Result
from installer.preflight.rights.check import RIGHTS
from tests.preflight.outside.bodies import AT_HOME, OWNER, READER, TEAM, Body, deny, grant, subscription
from tests.preflight.outside.surveys import survey
from tests.preflight.outside.test_surveys import answers
from tests.preflight.surveyed import from_survey

ADMINS: Final = "77777777-0000-4000-8000-000000000000"
FILE: Final = "02-trial-public-container-apps"


def rights(folder: Path, *resources: Body, **more: Json) -> Result:
    """Result of the check from a survey with these bodies."""
    (result,) = from_survey(folder, answers(FILE), survey(subscription(), *resources, **more), (RIGHTS,)).results
    return result


def with_condition(body: Body, condition: str) -> Body:
    properties = body["properties"]
    assert isinstance(properties, dict)
    return {**body, "properties": {**properties, "condition": condition, "conditionVersion": "2.0"}}


def test_a_role_of_a_group_that_the_survey_does_not_list_is_not_checked(tmp_path: Path) -> None:
    found = rights(tmp_path, grant(AT_HOME, READER), grant(AT_HOME, OWNER, 2, ADMINS, principalType="Group"))
    assert found.findings == ()
    assert any(f"is in the group {ADMINS}, which has the role Owner" in one.why for one in found.not_checked)
    assert found.state == "not checked"


def test_a_role_of_another_user_gives_nothing(tmp_path: Path) -> None:
    found = rights(tmp_path, grant(AT_HOME, READER), grant(AT_HOME, OWNER, 2, ADMINS, principalType="User"))
    assert {one.code for one in found.findings} == {"AuthorizationFailed"}


def test_a_role_of_an_unlisted_group_elsewhere_gives_nothing(tmp_path: Path) -> None:
    other = f"{AT_HOME}/resourceGroups/rg-other"
    found = rights(tmp_path, grant(AT_HOME, READER), grant(other, OWNER, 2, ADMINS, principalType="Group"))
    assert {one.code for one in found.findings} == {"AuthorizationFailed"}


@pytest.mark.parametrize(
    ("principals", "code", "unknown"),
    [
        ((TEAM,), "DenyAssignmentAuthorizationFailed", ""),
        ((ADMINS,), "", "the survey does not say whether the account is in the groups that it names"),
    ],
)
def test_a_deny_assignment_of_groups(tmp_path: Path, principals: tuple[str, ...], code: str, unknown: str) -> None:
    found = rights(tmp_path, grant(AT_HOME, OWNER), deny(AT_HOME, "stack", ["*"], 1, *principals))
    assert {one.code for one in found.findings} == ({code} if code else set())
    assert any(unknown == one.why for one in found.not_checked) is bool(unknown)


def test_a_deny_assignment_without_principals_and_one_with_a_strange_condition_are_not_checked(tmp_path: Path) -> None:
    nobody = deny(AT_HOME, "nobody", ["*"], 1)
    assert isinstance(nobody["properties"], dict)
    nobody["properties"]["principals"] = None
    strange = with_condition(deny(AT_HOME, "strange", ["*"], 2), "@Principal[x:y] SomethingNew {1}")
    found = rights(tmp_path, grant(AT_HOME, OWNER), nobody, strange)
    assert found.findings == ()
    reasons = {one.why for one in found.not_checked}
    assert "it names no principal" in reasons
    assert "the deny assignment strange has no permissions, or a condition that is not understood" in reasons


def test_a_deny_assignment_whose_condition_is_not_fulfilled_denies_nothing(tmp_path: Path) -> None:
    other = with_condition(deny(AT_HOME, "containers", ["*"], 1), "@Resource[x/y:Name] StringEquals 'other'")
    found = rights(tmp_path, grant(AT_HOME, OWNER), other)
    assert found.findings == ()
    assert not any("containers" in one.what for one in found.not_checked)
