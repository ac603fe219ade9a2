"""Facts that the journal keeps about a run: its answers, the source of each, and its target."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from installer.answers.draft import Draft, Given, Source, flatten
from installer.answers.model import Answers
from installer.cloud.target import CLI_NAMES, REHEARSAL
from installer.engine.events import Event
from installer.engine.journal import Journal
from installer.errors import UsageError
from installer.jsontypes import Json
from installer.sanitize import clean
from installer.secret_store import HIDDEN

MAX_SHOWN: Final = 120
ENDS: Final = frozenset({"step.finished", "step.failed", "step.skipped"})
EXPORTED: Final = "answers.yaml"
"""The answers file that repeats a run, in its directory."""


@dataclass(frozen=True)
class RunFacts:
    """Facts of a run: those fixed at its start, and its state."""

    name: str
    directory: Path
    answers: Answers
    draft: Draft
    target: dict[str, Json]
    state: str
    created: str


def read_facts(journal: Journal) -> RunFacts:
    """The facts of a run. Raises UsageError if the journal is incomplete or its answers are invalid."""
    answers, target = journal.fact("answers"), journal.fact("target")
    if not isinstance(answers, dict) or not isinstance(target, dict):
        name, exported = journal.directory.name, journal.directory / EXPORTED
        if exported.exists():
            raise UsageError(f"the journal of run {name} has lost its content; start a new run with {exported}")
        raise UsageError(f"run {name} was stopped before it began; start a new one")
    try:
        accepted = Answers.model_validate(answers)
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, one["loc"])) for one in error.errors(include_input=False)[:3])
        raise UsageError(f"the answers of run {journal.directory.name} cannot be read: {wrong:.200}") from None
    _check_target(journal.directory.name, target)
    given = journal.fact("given")
    sources = given if isinstance(given, dict) else {}
    flat = flatten(accepted)
    draft = Draft({k: Given(flat[k], _source(s)) for k, s in sources.items() if k in flat})
    for key, value in draft.view().items():
        # The default of an earlier version is an answer by now: an export has to repeat the run.
        if key not in sources and flat.get(key) not in ("", None, value):
            draft.give(key, flat[key], "previous run")
    return RunFacts(
        journal.directory.name,
        journal.directory,
        accepted,
        draft,
        target,
        str(journal.fact("state") or "running"),
        str(journal.fact("created") or ""),
    )


def _check_target(run: str, target: dict[str, Json]) -> None:
    """Refuse what is neither a rehearsal nor a known cloud: it would otherwise be taken for the public Azure."""
    kind, cloud = target.get("kind"), target.get("cloud")
    if kind == REHEARSAL and isinstance(target.get("state"), str):
        return
    if kind == "azure" and isinstance(cloud, str) and (cloud in CLI_NAMES or cloud.startswith("https://")):
        return
    shown = clean(json.dumps(target, ensure_ascii=False), MAX_SHOWN)
    raise UsageError(
        f"the journal of run {run} names a target that this version does not know ({shown}): it is not resumed, "
        "for it could be another Azure than before"
    )


def _source(name: Json) -> Source:
    return name if name in ("given", "file", "discovered") else "previous run"  # type: ignore[return-value]


def unused_answers(events: Sequence[Event]) -> dict[str, str]:
    """Answers by question key, for steps that were killed before they ended.

    A step that ended has used its answer: if that was wrong, the question has to be asked again.
    """
    open_: dict[str, Event] = {}
    for event in events:
        if event.kind == "answer":
            open_[str(event.data.get("key"))] = event
        elif event.kind in ENDS:
            open_ = {key: answer for key, answer in open_.items() if answer.step != event.step}
    values = {key: answer.data.get("value") for key, answer in open_.items()}
    return {key: value for key, value in values.items() if isinstance(value, str) and HIDDEN not in value}
