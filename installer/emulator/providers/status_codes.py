"""Status codes of writes by type: typed clients accept no other code as success."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from installer.emulator.providers.data_files import load
from installer.json_access import as_object, as_text, member

Method = Literal["PUT", "PATCH", "DELETE"]
_LATER: Final = "later"


@dataclass(frozen=True)
class Statuses:
    """Status codes that clients accept as success.

    Attributes:
        codes: The accepted codes.
        later: Whether the operation continues after the response and clients poll it.

    """

    codes: frozenset[int]
    later: bool

    def of_write(self, *, created: bool) -> int:
        """The status of a write, finished or in progress."""
        preferred = [*((201,) if created else ()), *((202,) if created and self.later else ()), 200]
        return self._first(*preferred)

    def of_removal(self) -> int:
        """The status of a deletion."""
        return self._first(202, 200, 204) if self.later else self._first(200, 204)

    def of_absence(self) -> int:
        """The status of the deletion of a missing resource."""
        return 204 if 204 in self.codes else 404

    def _first(self, *preferred: int) -> int:
        return next((code for code in preferred if code in self.codes), min(self.codes))


_DEFAULTS: Final[dict[Method, Statuses]] = {
    "PUT": Statuses(frozenset({200, 201}), later=True),
    "PATCH": Statuses(frozenset({200}), later=False),
    "DELETE": Statuses(frozenset({200, 202, 204}), later=True),
}


def statuses_of(resource_type: str, method: Method) -> Statuses:
    """The status codes of a type; those of most types if it is not listed."""
    return _known().get((resource_type.lower(), method), _DEFAULTS[method])


@cache
def _known() -> dict[tuple[str, Method], Statuses]:
    types = as_object(member(load("clients"), "statuses"))
    methods: tuple[Method, ...] = ("PUT", "PATCH", "DELETE")
    return {
        (name, method): _parsed(as_text(entry[method]))
        for name, entry in ((name, as_object(value)) for name, value in types.items())
        for method in methods
        if method in entry
    }


def _parsed(text: str) -> Statuses:
    words = text.split()
    return Statuses(frozenset(int(word) for word in words if word != _LATER), _LATER in words)
