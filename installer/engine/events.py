"""Events: what happened in a run, as every renderer, the journal and the log get it.

An event is frozen, numbered within its run, redacted before any listener gets it, and plain data: it can be written to a file
and shown again by any renderer.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, cast, get_args

from installer.jsontypes import Json
from installer.sanitize import UNCUT, clean, clean_json

Kind = Literal[
    "run.started",
    "run.finished",
    "step.started",
    "step.progressed",
    "step.finished",
    "step.failed",
    "step.skipped",
    "resource.started",
    "resource.progressed",
    "resource.finished",
    "resource.failed",
    "warning",
    "question",
    "answer",
    "not-checked",
    "heartbeat",
    "log",
]
KINDS: frozenset[str] = frozenset(get_args(Kind))
LARGEST = 1e15
"""Numbers beyond are nothing that an installation counts or measures."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    number: position in the run's stream, from 1, without gaps.
    at: UTC time, ISO 8601 with milliseconds.
    step: key of the step it belongs to, "" for the run itself.
    resource: name of the Azure resource or other object, "" if none.
    text: one line for people.
    data: what renderers need beside the text, such as state, seconds, id.
    """

    number: int
    at: str
    kind: Kind
    step: str = ""
    resource: str = ""
    text: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """The text without the name of the resource, because every renderer shows that as well."""
        if not self.resource:
            return self.text
        return self.text.removeprefix(f"{self.resource} ").replace(f" ({self.resource}):", ":", 1)

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(
            {
                "number": self.number,
                "at": self.at,
                "kind": self.kind,
                "step": self.step,
                "resource": self.resource,
                "text": self.text,
                "data": dict(self.data),
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, line: str) -> "Event":
        """The event of a line. Raises ValueError when it is none, its time is no time, or a number in it cannot be."""
        try:
            raw = json.loads(line)
            _check(raw)
        except RecursionError as error:
            raise ValueError("too deep for an event") from error
        match raw:
            case {"number": int(number), "at": str(at), "kind": str(kind), **rest} if kind in KINDS:
                data = rest.get("data")
                moment(at)
            case _:
                raise ValueError("not an event")
        return cls(
            number,
            at,
            cast("Kind", kind),
            clean(str(rest.get("step", "")), UNCUT),
            clean(str(rest.get("resource", "")), UNCUT),
            clean(str(rest.get("text", "")), UNCUT),
            clean_json(data, most=UNCUT) if isinstance(data, dict) else {},
        )


def moment(at: str) -> float:
    """An event's time as seconds of the epoch. Raises ValueError when it is none."""
    try:
        return datetime.fromisoformat(at).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"{at[:30]!r} is no time") from None


def _check(value: object) -> None:
    if isinstance(value, (int, float)) and not abs(value) <= LARGEST:
        raise ValueError("a number beyond all measure")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check(item)


Listener = Callable[[Event], None]


def utc_now() -> datetime:
    """The wall clock in UTC; tests inject another one."""
    return datetime.now(UTC)
