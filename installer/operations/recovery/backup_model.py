"""The backups of an installation: for each part what could be restored from when until when, and what can be taken now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from installer.preflight.model import blocking
from installer.preflight.moments import shown_moment

if TYPE_CHECKING:
    from installer.jsontypes import Json
    from installer.preflight.model import Finding, NotChecked

Kind = Literal["postgres", "lake", "prefect"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True)
class RestorePoint:
    """A point from which a part can be restored: its time, and how it came to be."""

    at: float
    name: str


@dataclass(frozen=True)
class Part:
    """A server, a data lake, or the objects of the Prefect server of an environment.

    Attributes:
        kind: Its kind.
        id: Resource ID of what is backed up; of objects of Prefect the folder of their backups.
        name: Its name.
        environments: Environments that use it.
        how: How it is backed up, in words.
        earliest: Earliest time of a range in which any time can be restored; None without a range.
        latest: Latest time of that range.
        points: Single restore points, newest first.
        action: ID of what takes a backup on demand: the backup to be created of a server, the backup instance of a lake, the folder
            to be written with objects of Prefect; "" if none can be taken.
        why_not: Reason without an action.

    """

    kind: Kind
    id: str
    name: str
    environments: tuple[str, ...]
    how: str
    earliest: float | None = None
    latest: float | None = None
    points: tuple[RestorePoint, ...] = ()
    action: str = ""
    why_not: str = ""

    @property
    def range(self) -> str:
        """The range in words, "" without one."""
        if self.earliest is None or self.latest is None:
            return ""
        return f"any time from {shown_moment(self.earliest)} to {shown_moment(self.latest)}"

    def as_json(self) -> dict[str, Json]:
        """The part in JSON."""
        return {
            "kind": self.kind,
            "id": self.id,
            "environments": list(self.environments),
            "how": self.how,
            "earliest": None if self.earliest is None else shown_moment(self.earliest),
            "latest": None if self.latest is None else shown_moment(self.latest),
            "points": [{"at": shown_moment(one.at), "name": one.name} for one in self.points],
            "onDemand": bool(self.action),
            "whyNot": self.why_not,
        }


@dataclass(frozen=True)
class Backups:
    """Backups of an installation or of one environment.

    Attributes:
        beside: Parts that no backup of this command covers, a sentence for each.
        findings: What is in the way of backups on demand.
        not_checked: What could not be read.

    """

    parts: tuple[Part, ...]
    beside: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether something is in the way."""
        return blocking(self.findings)

    @property
    def wanted(self) -> tuple[Part, ...]:
        """Parts of which a backup can be taken."""
        return tuple(one for one in self.parts if one.action)

    def as_json(self) -> dict[str, Json]:
        """The backups in JSON."""
        return {
            "parts": [one.as_json() for one in self.parts],
            "beside": list(self.beside),
            "findings": [one.as_json() for one in self.findings],
            "notChecked": [one.sentence for one in self.not_checked],
        }
