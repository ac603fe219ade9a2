"""Comparison of the answers of a run with those that the installation had before."""

from typing import TYPE_CHECKING

from pydantic import ValidationError

from installer.answers.draft import answers_as_json
from installer.answers.model import Answers
from installer.cloud.rest import Service
from installer.steps.changed_answers import (
    RemoveLeftOver,
    changes_from,
    existing,
    former_answers,
)
from installer.steps.deployed_outputs import known_outputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cloud.arm import Arm
    from installer.engine.journal import Journal
    from installer.runs.run import Run


def kept_former_answers(run: "Run", arm: "Arm") -> Answers | None:
    """The answers before this run, None if there are none. Queries Azure.

    The journal keeps them, because Azure only has the last ones.
    """
    found = _kept(run.journal) or former_answers(arm, run.facts.answers)
    if found is not None and found != run.facts.answers:
        run.journal.set_facts(former=answers_as_json(found))
    return found


def removal(run: "Run", arm: "Arm", former: Answers | None, after: tuple[str, ...]) -> "Iterator[RemoveLeftOver]":
    """The step that removes what the answers no longer ask for; none if nothing is left over. Queries Azure.

    Args:
        run: The run.
        arm: Azure Resource Manager.
        former: The answers before this run.
        after: Keys of the steps that come before.

    """
    new = run.facts.answers
    if former is None or former == new:
        return
    changes = existing(arm, changes_from(former, new), known_outputs(arm, new))
    if changes.left_over:
        yield RemoveLeftOver(Service.of_arm(arm.target), changes.left_over, after)


def _kept(journal: "Journal") -> Answers | None:
    kept = journal.fact("former")
    try:
        return Answers.model_validate(kept) if isinstance(kept, dict) else None
    except ValidationError:
        return None
