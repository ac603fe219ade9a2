"""New answers for a run that has not succeeded: what they touch is compared, checked and deployed when it is resumed.

The run keeps its journal: stages whose parameters stay the same are done, those that change are deployed again. The former
answers are kept beside the new ones, so that the checks refuse what Azure does not change, as for every installation.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from installer.answers.draft import Draft, answers_as_json
from installer.answers.files import dump, save
from installer.answers.questions import all_questions
from installer.answers.trial import take
from installer.errors import UsageError
from installer.estate import keys
from installer.invocation import command
from installer.runs.facts import EXPORTED, RunFacts, read_facts
from installer.runs.started_runs import FACT

if TYPE_CHECKING:
    from installer.engine.journal import Journal
    from installer.jsontypes import Json
    from installer.runs.run import Run

FIXED: Final = frozenset(
    {"subscription.cloud", "subscription.tenant", "subscription.subscription", "subscription.prefix"}
)
"""Answers that name the installation: with others, it is another one."""


def revised(facts: RunFacts, changes: Mapping[str, str]) -> Draft:
    """The answers of a run with changes, as typed by the user.

    Raises:
        UsageError: an answer cannot be changed in this run.
        InvalidAnswers: the answers are not valid together; with every problem.

    """
    draft = Draft(facts.draft.given())
    questions = all_questions()
    for key, text in changes.items():
        if key not in questions:
            near = get_close_matches(key, questions, 1)
            raise UsageError(f"there is no answer {key}{f'; did you mean {near[0]}?' if near else ''}")
        if key in FIXED:
            raise UsageError(f"{key} names the installation and cannot change in run {facts.name}; start a new run")
        take(draft, ((key, questions[key].parse(text)),))
    draft.answers()
    for key in changes:
        if key not in {question.key for question in draft.questions(questions[key].page)}:
            raise UsageError(f"{key} does not apply to the other answers of run {facts.name}")
    return draft


def revise(journal: "Journal", facts: RunFacts, changes: Mapping[str, str]) -> tuple[RunFacts, list[str]]:
    """Change the answers of a run, on disk before returning. Raises as `revised` does.

    Returns:
        The facts of the run now, and a sentence for each answer that has changed, those that follow included.

    """
    if facts.state == "succeeded":
        raise UsageError(
            f"run {facts.name} has succeeded: change its answers file, and {command('apply F --yes')} installs it"
        )
    if journal.fact(FACT) is not None or journal.fact("operation") is not None:
        raise UsageError(f"run {facts.name} works on an installation and has no answers to change")
    draft = revised(facts, changes)
    answers = draft.answers()
    if answers == facts.answers:
        return facts, []
    given: dict[str, Json] = {key: answer.source for key, answer in draft.given().items()}
    former: dict[str, Json] = {"former": answers_as_json(facts.answers)} if _has_deployed(journal) else {}
    save(facts.directory / EXPORTED, dump(draft, explicit=True))
    journal.set_facts(answers=answers_as_json(answers), given=given, **former)
    return read_facts(journal), list(_differences(facts.draft, draft))


def revise_run(run: "Run", changes: Mapping[str, str]) -> None:
    """Change the answers of a run that has not begun its next attempt. Raises UsageError and leaves it as it was."""
    run.facts, sentences = revise(run.journal, run.facts, changes)
    for sentence in sentences:
        run.stream.emit("log", f"changed answer: {sentence}")


def _has_deployed(journal: "Journal") -> bool:
    """Whether an attempt came further than the checks, so that Azure may have what the answers asked for until now."""
    return any(record.step != keys.PREFLIGHT for record in journal.records())


def _differences(before: Draft, after: Draft) -> "list[str]":
    old, new = before.view(), after.view()
    return [
        f"{question.ask.label}: {question.shown(old[key]) or 'none'} is now {question.shown(new[key]) or 'none'} ({key})"
        for key, question in all_questions().items()
        if key in old and key in new and old[key] != new[key] and question.ask.applies(new)
    ]
