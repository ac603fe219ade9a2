"""One environment is removed as its forecast announces; the others then equal an installation without it."""

from pathlib import Path
from random import Random
from typing import Final

import pytest

from installer.operations.removal import deletion
from installer.planning.model import WRITES
from installer.steps import polling
from tests.bicep.answers_matrix import MATRIX
from tests.operations.removal.environments import installed_environment, run_without, without
from tests.operations.removal.removals import Removal
from tests.operations.removal.test_removal import installed

SHORT: Final = (("37-existing-hub-plain", "qa"), ("32-own-names", "prod"), ("10-gateway-detection", "dev"))
"""Cases that together have an existing hub, locks, a shared server, and a gateway that is shared by all environments."""
CASES: Final = [
    pytest.param(name, one, marks=() if (name, one) in SHORT else pytest.mark.long)
    for name, answers in MATRIX.items()
    if len(answers.subscription.environments) > 1
    for one in answers.subscription.environments
]
SOFT_DELETED: Final = ("/deletedvaults/", "/deletedworkspaces/", "/deletedbackupinstances/")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "MIN_SECONDS", 0.001)
    monkeypatch.setattr(deletion, "POLL_SECONDS", 0.0)


def _gone(removal: Removal, before: set[str]) -> set[str]:
    return before - removal.contents()


@pytest.mark.parametrize(("name", "environment"), CASES)
def test_an_environment_is_removed_as_its_forecast_announces(tmp_path: Path, name: str, environment: str) -> None:
    with installed_environment(tmp_path, MATRIX[name], environment) as removal:
        before = removal.contents()
        made = removal.forecast()
        assert made.not_checked == ()
        if made.blocks:
            assert [one.code for one in made.findings] == ["DatabasesMove"]
            return
        result = removal.run(made)
        assert {key: str(error) for key, error in result.failures.items()} == {}
        announced = {one.lower() for one in made.going}
        strange = {
            one
            for one in _gone(removal, before)
            if not any(one == key or one.startswith(f"{key}/") for key in announced) and not one.startswith("/graph/")
        }
        assert strange == set()
        assert removal.forecast().going == ()
        kept = {one.id.lower() for one in made.kept if one.own}
        assert kept <= removal.contents()
        tagged = {key for key in removal.extent.planned if key in removal.contents()}
        # A backup vault that stays has its policies and diagnostic settings.
        assert {one for one in tagged - kept if not any(one.startswith(f"{key}/") for key in kept)} == set()
        plan = run_without(removal)
        # Approvals and DNS records are written by steps, which are not run here.
        assert [one.id for one in plan.changes if one.change in WRITES and one.id.startswith("/")] == []
        assert plan.left_over == ()
        assert removal.forecast().going == ()


@pytest.mark.parametrize("seed", range(3))
def test_a_removal_that_is_killed_and_started_again_reaches_the_same_end(tmp_path: Path, seed: int) -> None:
    random = Random(seed)  # noqa: S311  for moments, not for secrets
    with installed_environment(tmp_path, MATRIX["37-existing-hub-plain"], "qa") as removal:
        kills = 0
        while removal.run(removal.forecast(), kill_after=random.randrange(4)).state != "succeeded":
            kills += 1
            assert kills < 60
        assert kills > 2
        plan = run_without(removal)
        assert [one.id for one in plan.changes if one.change in WRITES and one.id.startswith("/")] == []
        assert [key for key in removal.extent.planned if key in removal.contents()] == []


@pytest.mark.parametrize(("name", "environment"), [("37-existing-hub-plain", "qa"), ("18-postgres-injected", "dev")])
def test_the_others_equal_an_installation_without_it(tmp_path: Path, name: str, environment: str) -> None:
    answers = MATRIX[name]
    for folder in ("with", "without"):
        (tmp_path / folder).mkdir()
    with installed_environment(tmp_path / "with", answers, environment) as removal:
        assert removal.run(removal.forecast()).state == "succeeded"
        run_without(removal)
        left = removal.contents()
    with installed(tmp_path / "without", without(answers, environment)) as (other, _):
        expected = other.contents()
    own = {one for one in left - expected if not any(kind in one for kind in SOFT_DELETED)}
    assert own == set()
