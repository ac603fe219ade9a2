"""Step: all checks, before the first write of a run. What blocks ends the run with every finding at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from installer.errors import CheckBlocked
from installer.estate import keys
from installer.preflight.report import check_all
from installer.steps.deployment import run_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from installer.engine.step import Context, Outputs
    from installer.preflight.model import Check, Finding, Result
    from installer.preflight.subject import Subject

_MAX_SHOWN: Final = 20


class CheckBeforeWriting:
    """Runs the checks. Read-only.

    Args:
        opened: Opens the subject of the checks, with new reads: facts of an earlier attempt are out of date.
        checks: The checks.

    """

    key: ClassVar[str] = keys.PREFLIGHT
    title: ClassVar[str] = "Checks"
    needs: ClassVar[tuple[str, ...]] = ()
    usual_seconds: ClassVar[float] = 10.0
    repeat_each_attempt: ClassVar[bool] = True
    """Azure may have changed since the last attempt."""

    def __init__(self, opened: Callable[[], AbstractContextManager[Subject]], checks: Sequence[Check]) -> None:
        self._opened, self._checks = opened, checks

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Never done in advance: Azure may have changed since."""
        return None

    def apply(self, context: Context) -> Outputs:
        """Run the checks, and report each.

        Raises:
            CheckBlocked: With every finding that blocks, and its ways out.
            AzureRefused: Azure could not be reached.

        """
        context.remember("begun", name=self.key)
        context.pause(0)
        with self._opened() as opened:
            subject = replace(opened, run=run_tag(context))
            report = check_all(subject, self._checks)
            for result in report.results:  # in their order, and with the ways out that were tried
                _emit(context, result)
            report.refuse_unreached()
        blocking = [finding for finding in report.findings if finding.severity == "blocks"]
        if blocking:
            raise CheckBlocked(_refusal(blocking))
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Nothing was changed."""


def _refusal(blocking: list[Finding]) -> str:
    """The first finding in the first line, then all of them with their ways out."""
    others = f" (and {len(blocking) - 1} more)" if len(blocking) > 1 else ""
    lines = [f"nothing was sent: {blocking[0].what}{others}", *(f"- {sentence(one)}" for one in blocking[:_MAX_SHOWN])]
    more = [f"- and {len(blocking) - _MAX_SHOWN} more"] if len(blocking) > _MAX_SHOWN else []
    return "\n".join([*lines, *more])


def sentence(finding: Finding) -> str:
    """A finding with its consequence and its ways out, in one line."""
    ways = "; or ".join(way.sentence for way in finding.ways)
    return f"{finding.what}: {finding.why}" + (f". {ways[0].upper()}{ways[1:]}" if ways else "")


def _emit(context: Context, result: Result) -> None:
    for proof in result.proofs:
        context.emit("log", f"{result.title}: {proof.text}")
    for one in result.not_checked:
        context.emit("not-checked", one.sentence)
    for finding in result.findings:
        if finding.severity == "warns":
            context.emit("warning", sentence(finding))
