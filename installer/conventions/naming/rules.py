"""What every room of names stands on: the prefix, the cloud, the convention, and the names given one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from installer.conventions.clouds import CLOUDS, Cloud, CloudNames

HYPHENATED = r"[a-z0-9]+(-[a-z0-9]+)*"
"""What the convention makes of most names; Azure takes more."""


@dataclass(frozen=True)
class Law:
    """What Azure takes as a name of one kind.

    pattern: what the whole name matches. longest: in characters. said: the pattern in words. unique: in the whole cloud,
    not only in its resource group. each: there are several, so that it says which: `subnet.web`, `key_vault.prod`.
    which: what tells them apart; () for whatever the address plan calls a subnet.
    """

    pattern: str
    longest: int
    said: str = "letters, digits and hyphens"
    unique: bool = False
    each: bool = True
    which: tuple[str, ...] = ("dev", "qa", "uat", "prod", "hub")


@dataclass(frozen=True)
class NamesBase:
    """Prefix and cloud of one installation; `own` are names given one by one: "kind" or "kind.where" to name."""

    prefix: str
    cloud: Cloud = "public"
    own: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def answers_at(self) -> CloudNames:
        """The names by which the cloud of this installation answers."""
        return CLOUDS[self.cloud]

    def _named(self, kind: str, by_convention: str, where: str | None = None) -> str:
        """The name that was given for it, else the one by convention."""
        return self.own.get(f"{kind}.{where}" if where else kind, by_convention)
