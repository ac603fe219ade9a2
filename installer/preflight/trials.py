"""Ways out that change answers are tried before they are offered: the checks judge the plan with these answers.

A way that does not remove its finding is left out; one that leads to other findings names them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from installer.answers.draft import Draft
from installer.answers.trial import take, tried
from installer.conventions.address_ranges import AddressError
from installer.preflight.model import Finding, WayOut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from installer.answers.model import Answers
    from installer.preflight.model import Check, NotChecked, Result
    from installer.preflight.subject import Subject

_MAX_TRIED: Final = 8
"""Other answers that are planned and judged; each takes about half a second, after the findings were shown."""
_MAX_LEFT: Final = 3
_NUMBER: Final = re.compile(r"\d+")
_NONE_HELPS: Final = WayOut("choose other answers: none of those that were tried removes it")
_Identity = tuple[str, str, str, str]


def with_proved_ways(
    subject: Subject, checks: Sequence[Check], results: Iterable[Result], run: Callable[[Check, Subject], Result]
) -> tuple[Result, ...]:
    """The results with the ways out that help, each with what would still be in the way after it; `run` runs a check."""
    known = tuple(results)
    trials = _Trials(subject, tuple(checks), _Judged.of(known), run)
    return tuple(trials.proved(result) for result in known)


@dataclass(frozen=True)
class _Judged:
    """Findings and gaps with some answers."""

    findings: dict[_Identity, Finding]
    gaps: frozenset[NotChecked]

    @classmethod
    def of(cls, results: Iterable[Result]) -> _Judged:
        known = tuple(results)
        findings = {_identity(result.key, one): one for result in known for one in result.findings}
        return cls(findings, frozenset(one for result in known for one in result.not_checked))


@dataclass(frozen=True)
class _Trials:
    """Other answers that were planned and judged.

    Attributes:
        before: What was found with the present answers.
        run: Runs a check.

    """

    subject: Subject
    checks: tuple[Check, ...]
    before: _Judged
    run: Callable[[Check, Subject], Result]
    _judged: dict[str, _Judged | None] = field(default_factory=dict)

    def proved(self, result: Result) -> Result:
        findings = tuple(self._proved(result.key, finding) for finding in result.findings)
        return result if findings == result.findings else replace(result, findings=findings)

    def _proved(self, key: str, finding: Finding) -> Finding:
        """The finding with the ways that help, those that lead to another one last."""
        helpful: list[WayOut] = []
        leading: list[WayOut] = []
        for way in finding.ways:
            if not way.answers:
                helpful.append(way)
                continue
            answers = tried(Draft.of(self.subject.answers), way.answers)
            if answers is None:
                leading.append(replace(way, left=(_follows(self.subject.answers, way),)))
            elif answers.model_dump_json() not in self._judged and len(self._judged) >= _MAX_TRIED:
                leading.append(replace(way, left=("whatever else these answers lead to: they were not tried",)))
            elif (found := self._with(answers)) is not None and _identity(key, finding) not in found.findings:
                blocks, gaps = self._new(found)
                (leading if blocks else helpful).append(replace(way, left=(*blocks, *gaps)))
        return replace(finding, ways=(*helpful, *leading) or (_NONE_HELPS,)) if finding.ways else finding

    def _with(self, answers: Answers) -> _Judged | None:
        """Findings with other answers; None if there is no plan for them."""
        text = answers.model_dump_json()
        if text not in self._judged:
            other = replace(self.subject, answers=answers, tried=True)
            try:
                self._judged[text] = _Judged.of(self.run(check, other) for check in self.checks if check.repeated)
            except AddressError:
                self._judged[text] = None
        return self._judged[text]

    def _new(self, found: _Judged) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """New obstacles, and the number of facts that could not be checked, in words."""
        blocking = ((which, one) for which, one in found.findings.items() if one.severity == "blocks")
        new = list(dict.fromkeys(one.what for which, one in blocking if which not in self.before.findings))
        more = (f"{len(new) - _MAX_LEFT} more",) if len(new) > _MAX_LEFT else ()
        unseen = len(found.gaps - self.before.gaps)
        gaps = (f"{unseen} {'facts' if unseen > 1 else 'fact'} that could not be checked",) if unseen else ()
        return (*new[:_MAX_LEFT], *more), gaps


def _follows(answers: Answers, way: WayOut) -> str:
    """The answer that has to follow a way out."""
    draft = Draft.of(answers)
    take(draft, way.answers)
    problem = next(iter(draft.problems()), None)
    return f"the answer {problem.key}: {problem.message}" if problem else "other answers"


def _identity(key: str, finding: Finding) -> _Identity:
    """The same for a finding about the same thing with other figures."""
    if finding.topic:
        return key, finding.code, "", finding.topic
    return key, finding.code, finding.where.lower(), _NUMBER.sub("", finding.what)
