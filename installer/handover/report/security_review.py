"""Security review: controls of the Microsoft cloud security benchmark, each with its evidence in the deployed templates. Pure."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from installer.estate.bodies import PlannedBody
from installer.estate.resource_type_names import type_name
from installer.json_access import as_list, as_text, member, objects_of
from installer.jsontypes import Json
from installer.planning.document import Section
from installer.shipped_files import security_controls

Verdict = Literal["met", "met in part", "not met", "not part of the installation"]
ANY: Final = "*"
TITLE: Final = "Security review: controls of the Microsoft cloud security benchmark v1"
MAX_NAMES: Final = 3
"""Resources that evidence names; more are counted."""


@dataclass(frozen=True)
class Rule:
    """Proof of a control: a value of a property of all resources of a type, or that there is one.

    Attributes:
        type: Type of the resources, in lower case.
        path: The property, () if the resource itself is the proof.
        accepts: Values that prove it; `ANY` is any value.
        contains: Text that a value contains, in place of `accepts`.
        words: What a resource has that fits.
        exempt: Names of resources that cannot have it.

    """

    type: str
    path: tuple[str, ...]
    accepts: tuple[Json, ...]
    contains: str
    words: str
    exempt: frozenset[str]

    def fits(self, body: PlannedBody) -> bool:
        """Whether a resource proves it."""
        if not self.path:
            return True
        value = member(body.body, *self.path)
        if self.contains:
            return self.contains in as_text(value)
        return value not in (None, "") if ANY in self.accepts else value in self.accepts


@dataclass(frozen=True)
class Control:
    """A control of the benchmark."""

    id: str
    title: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Finding:
    """A control of an installation: the verdict, and a line of evidence for each rule."""

    control: Control
    verdict: Verdict
    evidence: tuple[str, ...]


@cache
def controls() -> tuple[Control, ...]:
    """All controls, in the order of the file."""
    read: dict[str, Json] = tomllib.loads(security_controls())
    return tuple(
        Control(as_text(one["id"]), as_text(one["title"]), tuple(map(_rule, objects_of(one["rule"]))))
        for one in objects_of(read["control"])
    )


def _rule(raw: Mapping[str, Json]) -> Rule:
    path = as_text(raw.get("path"))
    return Rule(
        as_text(raw["type"]).lower(),
        tuple(path.split(".")) if path else (),
        tuple(as_list(raw.get("accepts"))),
        as_text(raw.get("contains")),
        as_text(raw["words"]),
        frozenset(map(str, as_list(raw.get("except")))),
    )


def reviewed(bodies: Iterable[PlannedBody]) -> tuple[Finding, ...]:
    """Every control, judged by the resources of an installation."""
    present = tuple(bodies)
    return tuple(_judged(control, present) for control in controls())


def _judged(control: Control, bodies: Sequence[PlannedBody]) -> Finding:
    proved = missed = 0
    evidence: list[str] = []
    for rule in control.rules:
        concerned = [one for one in bodies if one.type.lower() == rule.type and one.name not in rule.exempt]
        if not concerned:
            continue
        others = [one.name for one in concerned if not rule.fits(one)]
        proved, missed = proved + len(concerned) - len(others), missed + len(others)
        evidence.append(_evidence(rule, concerned[0].type, len(concerned), others))
    verdict: Verdict = "not part of the installation"
    if proved or missed:
        verdict = "met" if not missed else "met in part" if proved else "not met"
    return Finding(control, verdict, tuple(evidence))


def _evidence(rule: Rule, kind: str, count: int, others: Sequence[str]) -> str:
    line = f"{type_name(kind)}: {count - len(others)} of {count} with {rule.words}"
    if not others:
        return line
    named = ", ".join(others[:MAX_NAMES])
    more = f" and {len(others) - MAX_NAMES} more" if len(others) > MAX_NAMES else ""
    return f"{line}; without: {named}{more}"


def section(findings: Iterable[Finding]) -> Section:
    """The review as a section of the report."""
    return Section(TITLE, ("control", "verdict", "evidence"), tuple(_rows(findings)))


def _rows(findings: Iterable[Finding]) -> Iterator[tuple[str, str, str]]:
    for one in findings:
        yield f"{one.control.id} {one.control.title}", one.verdict, "; ".join(one.evidence)


def counted_verdicts(findings: Iterable[Finding]) -> Mapping[Verdict, int]:
    """How many controls have each verdict."""
    found: dict[Verdict, int] = {}
    for one in findings:
        found[one.verdict] = found.get(one.verdict, 0) + 1
    return found
