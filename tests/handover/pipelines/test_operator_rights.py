"""The roles of an environment allow what its jobs send: requests of commands for flows, as they sent them to the embedded Azure.

The files in requests/ have method and path of each request to Azure Resource Manager: of `flows diff`, `flows deploy` and, on
Container Apps, `flows run`, after the rehearsal of a trial with the environment dev; of the results of commands in a cluster only one.
"""

from pathlib import Path
from typing import Final, cast

import pytest

from installer.emulator.authorization.access import Access, action_of
from installer.emulator.protocol.rights import check_right
from installer.handover.pipelines.roles import PipelineRole, pipeline_roles
from installer.resource_id import contains, parse_id
from installer.role_permissions import allows
from tests.bicep.answers_variants import answers
from tests.handover.pipelines.contents import PUBLIC, content

RECORDED: Final = sorted((Path(__file__).parent / "requests").glob("*.txt"))
ENVIRONMENT: Final = "dev"
SUBSCRIPTION: Final = "4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab"


class Asked:
    """Notes the rights that a request needs, in place of the permissions of a caller."""

    checked = True

    def __init__(self) -> None:
        self.rights: set[tuple[str, str]] = set()

    def check(self, action: str, scope: str) -> None:
        self.rights.add((action, scope))


def _needed(path: Path) -> set[tuple[str, str]]:
    """Action and scope of every right that the recorded requests need."""
    asked = Asked()
    for line in path.read_text(encoding="utf-8").splitlines():
        method, target = line.split()
        if method in ("PUT", "PATCH"):
            resource = parse_id(target)
            assert resource is not None, target
            asked.check(action_of(resource.type, "write"), resource.id)
        else:
            check_right(cast("Access", asked), method, target)
    return asked.rights


def _roles(runtime: str) -> list[PipelineRole]:
    given = answers("dev", "prod", platform={"runtime": runtime}, **PUBLIC)
    own = given.subscription.model_copy(update={"subscription": SUBSCRIPTION})
    return [
        one
        for one in pipeline_roles(content(given.model_copy(update={"subscription": own})))
        if ENVIRONMENT in one.holders
    ]


def _allowed(roles: list[PipelineRole], action: str, scope: str) -> bool:
    return any(
        allows({"actions": [*role.actions], "notActions": []}, action)
        and any(contains(place, scope) or place.lower() == scope.lower() for place in role.scopes)
        for role in roles
    )


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_no_right_is_missing(recorded: Path) -> None:
    needed = _needed(recorded)
    assert len(needed) > 10
    roles = _roles(recorded.stem)
    assert [right for right in sorted(needed) if not _allowed(roles, *right)] == []


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_each_role_is_needed(recorded: Path) -> None:
    needed, roles = _needed(recorded), _roles(recorded.stem)
    for role in roles:
        others = [one for one in roles if one is not role]
        assert [right for right in needed if not _allowed(others, *right)], role.title
