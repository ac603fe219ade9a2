"""Events of such a program about the objects that it manages, as JSON lines."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Doing = Literal["created", "updated", "unchanged", "removed", "kept", "progressed"]
DOINGS: Final[tuple[Doing, ...]] = get_args(Doing)


@dataclass(frozen=True)
class Change:
    """An event about one object.

    Attributes:
        doing: "progressed" for progress; each object ends with one of the others. "kept": another user has changed it, so it
            was left as it is.
        kind: Such as "work pool", "block" or "flow run" in Prefect, "role" or "database" in PostgreSQL.
        text: Message in one line.
        kept: Settings that others have changed and that stay so.

    """

    doing: Doing
    kind: str
    name: str
    text: str
    kept: tuple[str, ...] = ()
