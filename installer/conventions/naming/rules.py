"""Base of all names: prefix, cloud, naming convention and overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from installer.conventions.clouds import CLOUDS, Cloud, CloudNames

HYPHENATED = r"[a-z0-9]+(-[a-z0-9]+)*"
"""Pattern of most names by convention; Azure accepts more."""


@dataclass(frozen=True)
class NameRule:
    """Naming rule of Azure for one kind of resource.

    Attributes:
        pattern: Pattern of the whole name.
        longest: Maximum length in characters.
        said: Description of the pattern.
        unique: Globally unique, not only in its resource group.
        each: There are several of this kind, so a qualifier is needed: `subnet.web`, `key_vault.prod`.
        which: Valid qualifiers; () for any subnet of the address plan.

    """

    pattern: str
    longest: int
    said: str = "letters, digits and hyphens"
    unique: bool = False
    each: bool = True
    which: tuple[str, ...] = ("dev", "qa", "uat", "prod", "hub")


@dataclass(frozen=True)
class NamesBase:
    """Prefix and cloud of one installation; `own` has the overrides: name by "kind" or "kind.qualifier"."""

    prefix: str
    cloud: Cloud = "public"
    own: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def answers_at(self) -> CloudNames:
        """Host name suffixes of the cloud of this installation."""
        return CLOUDS[self.cloud]

    def _named(self, kind: str, by_convention: str, where: str | None = None) -> str:
        """The override if there is one, else the name by convention."""
        return self.own.get(f"{kind}.{where}" if where else kind, by_convention)
