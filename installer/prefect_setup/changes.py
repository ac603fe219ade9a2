"""Events of the setup program about objects in Prefect, as JSON lines."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Doing = Literal["created", "updated", "unchanged", "progressed"]
DOINGS: Final[tuple[Doing, ...]] = get_args(Doing)


@dataclass(frozen=True)
class Change:
    """An event about one object in Prefect.

    Attributes:
        doing: "progressed" for progress; each object ends with one of the others.
        kind: "work pool", "work queue", "variable", "block", "deployment", or "flow run".
        text: Message in one line.

    """

    doing: Doing
    kind: str
    name: str
    text: str
