"""Faults as `--fault` requests them: a kind of the catalogue with probability, count, patterns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from installer.emulator.faults.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.emulator.faults.catalogue import FaultKind


class UnknownFaultError(ValueError):
    """A `--fault` with an unknown name or an invalid option."""


@dataclass(frozen=True)
class Fault:
    """One requested fault: kind, probability, maximum `count` (None: unlimited), patterns."""

    text: str
    kind: FaultKind
    probability: float
    count: int | None
    at: tuple[str, ...]
    seed: str
    seconds: float


def parse(text: str) -> Fault:
    """Parse a fault, `NAME[:key=value,…]`; UnknownFaultError where it is invalid."""
    name, _, rest = text.partition(":")
    kind = catalogue().get(name.strip().lower())
    if kind is None:
        raise UnknownFaultError(f"unknown fault '{name}': --fault help lists all faults")
    fault = Fault(text, kind, 1.0, kind.count, kind.at, "0", kind.seconds)
    for item in filter(None, rest.split(",")):
        key, _, value = (part.strip() for part in item.partition("="))
        fault = _with(fault, key.lower(), value)
    if "probability=" in rest and "count=" not in rest:
        fault = replace(fault, count=None)
    return fault


def _with(fault: Fault, key: str, value: str) -> Fault:
    try:
        if key == "probability" and 0 <= float(value) <= 1:
            return replace(fault, probability=float(value))
        if key == "count" and int(value) >= 0:
            return replace(fault, count=int(value) or None)
        if key == "at" and value:
            return replace(fault, at=(value,))
        if key == "seed" and value:
            return replace(fault, seed=value)
        if key == "seconds" and 0 <= float(value) < float("inf"):
            return replace(fault, seconds=float(value))
    except ValueError:
        pass
    raise UnknownFaultError(f"'{key}={value}' is not a valid option of the fault '{fault.kind.name}'")


def lasting(faults: Iterable[Fault], *names: str) -> Iterator[Fault]:
    """The faults of some kinds that occur at every match."""
    return (one for one in faults if one.kind.name in names and one.count is None and one.probability == 1)


def strikes(fault: Fault, resource_type: str, location: str, *more: str) -> bool:
    """Whether a fault occurs at every resource of a type in a location; `more` has the name and the id of one."""
    having = [text.lower() for text in (resource_type, location, *more)]
    return not fault.at or any(fnmatchcase(text, pattern.lower()) for pattern in fault.at for text in having)
