"""The records of a run that a support bundle is made from, and the identifiers in them."""

import getpass
import platform
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from installer.answers.draft import Draft
from installer.answers.questions import all_questions
from installer.engine.events import Event
from installer.engine.step import Record
from installer.estate.resources import Stage
from installer.jsontypes import Json
from installer.runs.run import RunFacts
from installer.support_bundle.identities import Identities

PUBLIC_ANSWERS: Final = frozenset(
    [
        "region",
        "allowed_regions",
        "node_size",
        "postgres_size",
        "web_image",
        "prefect_image",
        "features",
        "budget_start",
        "environments",
    ]
)
"""Free-text answers without identifying data."""


@dataclass
class RunRecords:
    """The readable records of a run. `unreadable` lists the other parts with the reason."""

    name: str
    directory: Path
    answers: RunFacts | None = None
    facts: dict[str, Json] = field(default_factory=dict)
    records: Sequence[Record] = ()
    events: Sequence[Event] = ()
    log: str = ""
    stages: Sequence[Stage] = ()
    unreadable: list[str] = field(default_factory=list)


def learn_identifiers(kept: RunRecords, identities: Identities) -> None:
    """Learn the identifiers of the customer; names from FlowForge's templates are excluded."""
    identities.learn("HOST", platform.node())
    with suppress(OSError, KeyError):  # no user name
        identities.learn("USER", getpass.getuser())
    for part in kept.directory.parts[1:-1]:
        identities.learn("NAME", part)
    for text in _typed(kept.answers.draft if kept.answers else Draft()):
        identities.learn("NAME", text)
        identities.learn_ids(text)
        identities.learn_phrase("NAME", text.partition("=")[2] or text)
    for stage in kept.stages:
        for resource in stage.resources:
            identities.keep(f"{resource.name} {resource.group}")
    for event in kept.events:
        identities.learn_ids([event.text, dict(event.data)])
    for record in kept.records:
        identities.learn_ids(dict(record.outputs))
    identities.learn_ids(kept.log)
    identities.learn_ids(dict(kept.facts))


def _typed(draft: Draft) -> Iterator[str]:
    """Free-text answers that may identify the customer; without sizes, regions and similar."""
    for key, given in draft.given().items():
        question = all_questions()[key]
        if question.values or question.ask.secret or key.rpartition(".")[2] in PUBLIC_ANSWERS:
            continue
        values = given.value if isinstance(given.value, list) else [given.value]
        yield from (value for value in values if isinstance(value, str))
