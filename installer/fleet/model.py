"""A fleet as its file describes it: members, waves, stop rule, limits, retries, schedule. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Final

from installer.conventions.counts import counted

KIND: Final = "flowforge-fleet"
VERSION: Final = 1
Place = tuple[int, int]
"""Line and column in the file."""


@dataclass(frozen=True)
class Override:
    """An answer of one member, in place of the one in its answers file."""

    key: str
    value: object
    place: Place


@dataclass(frozen=True)
class Member:
    """One installation of the fleet.

    Attributes:
        name: Its name, unique in the fleet.
        answers: Its answers file.
        overrides: Answers that replace or complete those of the file.
        place: Position of its entry.
        answers_place: Position of the path of its answers file.

    """

    name: str
    answers: Path
    overrides: tuple[Override, ...] = ()
    place: Place = (0, 0)
    answers_place: Place = (0, 0)


@dataclass(frozen=True)
class Wave:
    """Members that are applied together: those with these names, or a share of those that no wave names."""

    name: str
    members: tuple[str, ...] = ()
    percent: int = 0


@dataclass(frozen=True)
class StopRule:
    """The most members of a wave that may fail before the next wave: a number, or percent of the wave."""

    most: int = 0
    percent: bool = False

    def stops(self, failed: int, of: int) -> bool:
        """Whether the fleet stops after a wave in which so many members failed."""
        return failed * 100 > self.most * of if self.percent else failed > self.most

    @property
    def sentence(self) -> str:
        """The rule as a sentence."""
        most = f"{self.most} % of its members" if self.percent else counted(self.most, "member")
        return f"stops after a wave in which more than {most} failed"


@dataclass(frozen=True)
class Limits:
    """How many members run at once: of the fleet, of one tenant, of one subscription."""

    fleet: int = 4
    tenant: int = 2
    subscription: int = 1


@dataclass(frozen=True)
class Retries:
    """Further attempts for a failed member, and the seconds before each."""

    count: int = 0
    delay: int = 60


@dataclass(frozen=True)
class Schedule:
    """Times at which Prefect applies the fleet: a cron expression in a time zone."""

    cron: str
    timezone: str = "UTC"


@dataclass(frozen=True)
class Fleet:
    """A valid fleet file."""

    name: str
    file: Path
    members: tuple[Member, ...]
    waves: tuple[Wave, ...] = ()
    stop: StopRule = field(default_factory=StopRule)
    limits: Limits = field(default_factory=Limits)
    retries: Retries = field(default_factory=Retries)
    schedule: Schedule | None = None

    def in_waves(self) -> list[tuple[str, tuple[str, ...]]]:
        """Names of the waves with those of their members, in order; members that are in no wave form the last one."""
        named = {name for wave in self.waves for name in wave.members}
        free = [member.name for member in self.members if member.name not in named]
        whole, found = len(free), []
        for wave in self.waves:
            names = wave.members
            if wave.percent:
                count = ceil(whole * wave.percent / 100)
                names, free = tuple(free[:count]), free[count:]
            if names:
                found.append((wave.name, names))
        return [*found, ("rest" if found else "all", tuple(free))] if free else found

    def wave_of(self) -> Mapping[str, str]:
        """The wave of each member."""
        return {name: wave for wave, names in self.in_waves() for name in names}
