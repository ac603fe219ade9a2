"""Comparison of the answers of a run with those that the installation had before."""

from typing import TYPE_CHECKING

from pydantic import ValidationError

from installer.answers.model import Answers
from installer.cloud.rest import Service
from installer.runs.facts import answers_as_json
from installer.steps.changed_answers import (
    RemoveLeftOver,
    changes_from,
    existing,
    former_answers,
    refuse_blocked,
)
from installer.steps.deployed_outputs import known_outputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cloud.arm import Arm
    from installer.engine.journal import Journal
    from installer.runs.run import Run


def removal(run: "Run", arm: "Arm", after: tuple[str, ...]) -> "Iterator[RemoveLeftOver]":
    """The step that removes what the answers no longer ask for; none if nothing is left over. Queries Azure.

    Args:
        run: The run; its journal keeps the former answers, because Azure only has the last ones.
        arm: Azure Resource Manager.
        after: Keys of the steps that come before.

    Raises:
        CheckBlocked: The answers ask for a change that Azure does not make.

    """
    new = run.facts.answers
    former = _kept(run.journal) or former_answers(arm, new)
    if former is None or former == new:
        return
    run.journal.set_facts(former=answers_as_json(former))
    changes = existing(arm, changes_from(former, new), known_outputs(arm, new))
    refuse_blocked(former, new, changes)
    if changes.left_over:
        yield RemoveLeftOver(Service.of_arm(arm.target), changes.left_over, after)


def _kept(journal: "Journal") -> Answers | None:
    kept = journal.fact("former")
    try:
        return Answers.model_validate(kept) if isinstance(kept, dict) else None
    except ValidationError:
        return None
