"""The custom role that `roles` prints is enough: an account with exactly its actions installs, and checks find nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import ANSWERS, SPEED, run

pytestmark = pytest.mark.long

ME = "aaaaaaaa-0000-0000-0000-000000000001"
ROLE = "cccccccc-0000-0000-0000-000000000001"
FILES = ("02-trial-public-container-apps", "01-trial-public")


def survey(role: dict[str, Any]) -> dict[str, Any]:
    """A subscription in which the caller has this role and no other."""
    scope = str(role["AssignableScopes"][0])
    authorization = f"{scope}/providers/Microsoft.Authorization"
    names = ("Actions", "NotActions", "DataActions", "NotDataActions")
    permission = {name[0].lower() + name[1:]: role[name] for name in names}
    definition = {"roleName": role["Name"], "type": "CustomRole", "permissions": [permission]}
    assignment = {"roleDefinitionId": f"{authorization}/roleDefinitions/{ROLE}", "principalId": ME}
    return {
        "version": 1,
        "subscriptionId": scope.rpartition("/")[2],
        "caller": {"objectId": ME},
        "resources": [
            {"id": f"{authorization}/roleDefinitions/{ROLE}", "properties": definition},
            {"id": f"{authorization}/roleAssignments/{ROLE}", "properties": assignment},
        ],
    }


@pytest.mark.parametrize("name", FILES)
def test_an_account_with_exactly_the_printed_actions_installs(tmp_path: Path, name: str) -> None:
    answers = str(ANSWERS / "matrix" / f"{name}.yaml")
    role = json.loads(run("roles", answers).out)
    file = tmp_path / "survey.json"
    file.write_text(json.dumps(survey(role)), encoding="utf-8")
    ended = run(
        *("rehearse", "--answers", answers, "--yes", "--speed", SPEED, "--survey", str(file)),
        *("--state-dir", str(tmp_path / "state")),
    )
    assert ended.code == 0, f"{ended.out[-6000:]}\n{ended.err}"
    assert "AuthorizationFailed" not in ended.out
