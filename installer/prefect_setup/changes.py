"""What happened to an object in Prefect, as the program that applies and proves tells it: lines of JSON."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Doing = Literal["created", "updated", "unchanged", "progressed"]
DOINGS: Final[tuple[Doing, ...]] = get_args(Doing)


@dataclass(frozen=True)
class Change:
    """What happened to one object in Prefect.

    doing: "progressed" is news about something that goes on; each object ends with one of the others.
    kind: "work pool", "work queue", "variable", "block", "deployment", or "flow run".
    text: one line for people.
    """

    doing: Doing
    kind: str
    name: str
    text: str
