"""Packages of a lock file with hashes, as `uv pip compile --generate-hashes` writes it, and those that a machine needs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from packaging.markers import Marker
from packaging.utils import canonicalize_name

_PACKAGE: Final = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+?))?\s*\\?$"
)
_HASH: Final = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


@dataclass(frozen=True)
class Locked:
    """A package of a lock.

    Attributes:
        name: normalised name.
        marker: environment marker (PEP 508), "" for every machine.
        hashes: accepted files, as `sha256:` with hexadecimal digits.

    """

    name: str
    version: str
    marker: str
    hashes: frozenset[str]

    def applies(self, environment: Mapping[str, str]) -> bool:
        """Whether a machine with these values of markers needs it."""
        return not self.marker or Marker(self.marker).evaluate(dict(environment))

    @property
    def requirement(self) -> str:
        """The lines of a requirements file, without the marker."""
        return " \\\n    ".join([f"{self.name}=={self.version}", *(f"--hash={one}" for one in sorted(self.hashes))])


def locked(text: str) -> tuple[Locked, ...]:
    """The packages of a lock file."""
    return tuple(_packages(text.splitlines()))


def _packages(lines: Iterable[str]) -> Iterator[Locked]:
    found: tuple[str, str, str] | None = None
    hashes: set[str] = set()
    for line in lines:
        if package := _PACKAGE.match(line):
            if found is not None:
                yield Locked(*found, frozenset(hashes))
            found = (canonicalize_name(package["name"]), package["version"], (package["marker"] or "").strip())
            hashes = set()
        hashes.update(_HASH.findall(line))
    if found is not None:
        yield Locked(*found, frozenset(hashes))
