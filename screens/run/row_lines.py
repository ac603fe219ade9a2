"""Lines of the list of a run: which steps and resources are shown, in which order, and which fold into a count."""

from collections.abc import Sequence
from dataclasses import dataclass

from installer.engine.progress import Progress
from installer.engine.progress_rows import ENDED_STATES, Row, StepRow


@dataclass(frozen=True)
class Line:
    """A line of the list: a step, one of its resources, or the number of folded resources."""

    row: Row
    step: StepRow
    depth: int
    folded: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Identifies the line while the list changes; one resource may belong to two steps."""
        return self.step.key, self.row.key if self.depth else ""


def lines_of(progress: Progress, *, everything: bool = False, words: str = "") -> list[Line]:
    """The lines in order. Resources of a step: failed first, then running; those that are done fold into a count.

    Args:
        progress: the run.
        everything: also what is done, and resources of steps that have not begun.
        words: only lines that contain all of these words, folded or not, each resource with its step.

    """
    if words:
        return _matching(progress, words.lower().split())
    found: list[Line] = []
    for step in progress.steps.values():
        found.append(Line(step, step, 0))
        if step.state in ("waiting", "blocked", "same") and not everything:
            continue
        resources = list(step.resources.values())
        failed = [row for row in resources if row.state == "failed"]
        running = [row for row in resources if row.state not in ENDED_STATES]
        done = [row for row in resources if row.state in ENDED_STATES and row.state != "failed"]
        shown = [*failed, *running, *(done if everything else [])]
        found += [Line(row, step, 1) for row in shown]
        if done and not everything and step.state not in ENDED_STATES:
            found.append(Line(done[-1], step, 1, folded=len(done)))
    return found


def _matching(progress: Progress, words: Sequence[str]) -> list[Line]:
    found: list[Line] = []
    for step in progress.steps.values():
        inner = [Line(row, step, 1) for row in step.resources.values() if _contains(row, words)]
        if inner or _contains(step, words):
            found += [Line(step, step, 0), *inner]
    return found


def _contains(row: Row, words: Sequence[str]) -> bool:
    text = f"{row.title} {row.kind} {row.state} {row.text} {row.key}".lower()
    return all(word in text for word in words)


def first_failure(lines: Sequence[Line]) -> Line | None:
    """The first failed resource, or else the first failed step."""
    failed = [line for line in lines if line.row.state == "failed"]
    return next((line for line in failed if line.depth), failed[0] if failed else None)
