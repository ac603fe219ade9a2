"""A removal that the account may not do is refused with what is missing, before anything is deleted."""

from pathlib import Path
from typing import Any, Final

import pytest

from installer.operations.removal.existing import Existing
from installer.operations.removal.extent import Extent
from installer.operations.removal.forecast import forecast
from installer.operations.removal.model import Forecast
from installer.operations.removal.rights import needs_of, with_rights
from tests.emulator.in_memory import SCOPE
from tests.emulator.test_survey import CONTRIBUTOR, ME, OWNER, _grant
from tests.preflight.surveyed import sample, subject_of

OWN: Final = {"flowforge-installation": "contoso"}


def made(prefix: str = "contoso") -> Forecast:
    """The forecast for a group with an identity, and a role assignment of that at the subscription."""
    group = f"{SCOPE}/resourceGroups/rg-x"
    tags: Any = {"flowforge-installation": prefix}
    identity: Any = {
        "id": f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-x",
        "name": "id-x",
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
        "tags": tags,
    }
    assignment: Any = {
        "id": f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments/a",
        "properties": {"principalId": "p"},
    }
    existing = Existing(
        groups={group.lower(): {"id": group, "name": "rg-x", "tags": tags}},
        resources={identity["id"].lower(): identity},
        details={identity["id"].lower(): {**identity, "properties": {"principalId": "p"}}},
        assignments=(assignment,),
    )
    return forecast(Extent(sample(prefix=prefix)), existing, 0.0)


def test_the_needs_are_the_actions_that_are_sent() -> None:
    assert {(need.action, need.scope.rpartition("/")[2]) for need in needs_of(made())} == {
        ("Microsoft.Resources/subscriptions/resourceGroups/delete", "rg-x"),
        ("Microsoft.ManagedIdentity/userAssignedIdentities/delete", "rg-x"),
        ("Microsoft.Authorization/roleAssignments/delete", SCOPE.rpartition("/")[2]),
    }


@pytest.mark.parametrize(
    ("role", "missing"),
    [(OWNER, []), (CONTRIBUTOR, ["this account may not Microsoft.Authorization/roleAssignments/delete"])],
    ids=["owner", "contributor"],
)
def test_missing_rights_block(tmp_path: Path, role: str, missing: list[str]) -> None:
    survey: dict[str, Any] = {"caller": {"objectId": ME, "principalIds": []}, "resources": [_grant(role, ME)]}
    with subject_of(tmp_path, sample(), **survey) as subject:
        found = with_rights(subject, made())
    assert [one.what for one in found.findings] == missing
    assert found.blocks is bool(missing)
