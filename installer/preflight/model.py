"""Results of checks: findings with ways out, proofs, and what could not be seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from installer.cloud.errors import AzureRefused
    from installer.jsontypes import Json
    from installer.preflight.subject import Subject

Severity = Literal["blocks", "warns"]
State = Literal["blocks", "warns", "passed", "not checked"]


@dataclass(frozen=True)
class WayOut:
    """One way to resolve a finding.

    Attributes:
        text: What to do.
        answers: New answers by key, which the wizard applies; empty if something else than the answers has to change.
        left: Obstacles that remain with these answers, found when they were tried.

    """

    text: str
    answers: tuple[tuple[str, Json], ...] = ()
    left: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The text, with the answers to change, and what is then still open."""
        changes = ", ".join(f"{key}: {_shown(value)}" for key, value in self.answers)
        still = f"; then still open: {'; '.join(self.left)}" if self.left else ""
        return printable(f"{self.text} ({changes}){still}" if changes else f"{self.text}{still}")

    def as_json(self) -> dict[str, Json]:
        """The way out as JSON."""
        return {"text": self.text, "answers": dict(self.answers), "left": [*self.left]}


@dataclass(frozen=True)
class Finding:
    """Something that would fail, or be different from what the answers say.

    Attributes:
        severity: "blocks" if Azure would refuse the installation, "warns" if a user has to know it.
        what: The fact.
        where: Scope, resource, or region.
        why: The consequence for the installation.
        ways: Ways out, the best one first.
        code: Error code that Azure would answer with, "" if there is none.
        topic: What it is about, where other answers change its names, scope and figures; "" if `what` is enough.

    """

    severity: Severity
    what: str
    where: str
    why: str
    ways: tuple[WayOut, ...] = ()
    code: str = ""
    topic: str = ""

    def as_json(self) -> dict[str, Json]:
        """The finding as JSON."""
        facts: dict[str, Json] = {"severity": self.severity, "what": self.what, "where": self.where, "why": self.why}
        return {**facts, "code": self.code, "ways": [way.as_json() for way in self.ways]}


@dataclass(frozen=True)
class NotChecked:
    """Something that a check could not see, with the reason."""

    what: str
    why: str

    @property
    def sentence(self) -> str:
        """The subject that was not checked, and the reason."""
        return printable(f"{self.what}: {self.why}")


@dataclass(frozen=True)
class Proof:
    """Something that a check has read and found right."""

    text: str


Entry = Finding | NotChecked | Proof


def blocking(findings: Iterable[Finding]) -> bool:
    """Whether one of the findings is in the way."""
    return any(one.severity == "blocks" for one in findings)


def sorted_out(entries: Iterable[Entry]) -> tuple[tuple[Finding, ...], tuple[NotChecked, ...]]:
    """The findings, and the facts that could not be seen, each once."""
    once = dict.fromkeys(entries)
    return tuple(one for one in once if isinstance(one, Finding)), tuple(
        one for one in once if isinstance(one, NotChecked)
    )


@dataclass(frozen=True)
class Check:
    """A family of checks.

    Attributes:
        key: Stable name in JSON and on the command line.
        title: Name for people.
        entries: Reads and compares; NotVisible ends it, with what it has found so far.
        repeated: Whether it judges answers that a way out proposes; not if it reads elsewhere than in Azure and its directory.

    """

    key: str
    title: str
    entries: Callable[[Subject], Iterator[Entry]]
    repeated: bool = True


@dataclass(frozen=True)
class Result:
    """Result of one check."""

    key: str
    title: str
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    proofs: tuple[Proof, ...] = ()

    @property
    def state(self) -> State:
        """The worst of its entries; a check without a proof has not passed."""
        severities = {finding.severity for finding in self.findings}
        if severities:
            return "blocks" if "blocks" in severities else "warns"
        return "passed" if self.proofs and not self.not_checked else "not checked"

    def as_json(self) -> dict[str, Json]:
        """The result as JSON."""
        return {
            "check": self.key,
            "title": self.title,
            "state": self.state,
            "findings": [finding.as_json() for finding in self.findings],
            "notChecked": [{"what": one.what, "why": one.why} for one in self.not_checked],
            "proofs": [proof.text for proof in self.proofs],
        }


@dataclass(frozen=True)
class Report:
    """Results of all checks, in their order.

    Attributes:
        requests: Number of requests sent.
        unreached: The last request that did not reach Azure at all, None if every one did.

    """

    results: tuple[Result, ...]
    requests: int = 0
    unreached: AzureRefused | None = None
    findings: tuple[Finding, ...] = field(init=False)

    def __post_init__(self) -> None:
        every = tuple(finding for result in self.results for finding in result.findings)
        object.__setattr__(self, "findings", every)

    @property
    def not_checked(self) -> tuple[str, ...]:
        """A sentence for each fact that the checks could not see."""
        return tuple(f"{result.title}: {one.sentence}" for result in self.results for one in result.not_checked)

    @property
    def blocks(self) -> bool:
        """Whether an installation would fail."""
        return blocking(self.findings)

    def refuse_unreached(self) -> None:
        """Raises AzureRefused if Azure could not be reached: without a finding, nothing is known."""
        if self.unreached is not None and not self.findings:
            raise self.unreached

    def as_json(self) -> dict[str, Json]:
        """The report as JSON."""
        results: list[Json] = [result.as_json() for result in self.results]
        return {"blocks": self.blocks, "requests": self.requests, "checks": results}


def _shown(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
