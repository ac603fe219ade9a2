"""Which step comes when: pure bookkeeping over the graph of needs, without threads and without anything happening."""

from collections.abc import Collection, Sequence
from graphlib import TopologicalSorter

from installer.engine.step import ClosingStep, Step


class Schedule:
    """The steps that are waiting, running, done, failed or blocked.

    only: keys of the steps that are to be done; those before them only have to be done already, the rest is left out.
    A step that `closes` takes its turn when all that it needs has come to an end, whatever that was; it is never left out
    when anything before it is done. Raises ValueError for needs that no step meets, graphlib.CycleError for a circle.
    """

    def __init__(self, steps: Sequence[Step], only: Collection[str] | None = None) -> None:
        by_key = {step.key: step for step in steps}
        self._order = [
            by_key[key] for key in TopologicalSorter({s.key: s.needs for s in steps}).static_order() if key in by_key
        ]
        if unknown := {need for step in steps for need in step.needs} - by_key.keys():
            raise ValueError(f"no step is called {', '.join(sorted(unknown))}")
        self._closing = {step.key for step in steps if isinstance(step, ClosingStep) and step.closes}
        self.only = frozenset(by_key if only is None else only)
        self._needs = {step.key: tuple(step.needs) for step in steps}
        if only is not None:
            self._leave_out(set(only))
        self._waiting = {step.key for step in self._order}
        self._failed: set[str] = set()
        self._done: set[str] = set()
        self._causes: dict[str, tuple[str, ...]] = {}
        self.running: set[str] = set()

    def _leave_out(self, wanted: set[str]) -> None:
        """Leave out what these steps do not need, but not what closes."""
        for step in reversed(self._order):
            if step.key in wanted:
                wanted.update(step.needs)
        closing = {}
        for key in self._closing:
            if before := self._before(key) & wanted:
                closing[key] = tuple(before)
        self._needs.update(closing)
        self.only |= closing.keys()
        self._order = [step for step in self._order if step.key in wanted | closing.keys()]

    def _before(self, key: str) -> set[str]:
        """Keys of the steps that a step needs, directly or through others."""
        found = {key}
        for step in reversed(self._order):
            if step.key in found:
                found.update(step.needs)
        return found - {key}

    def begin(self) -> list[Step]:
        """The steps whose needs are met and that have not begun; they are running from now on."""
        found = [s for s in self._order if s.key in self._waiting and self._is_ready(s.key)]
        for step in found:
            self._waiting.remove(step.key)
            self.running.add(step.key)
        return found

    def _is_ready(self, key: str) -> bool:
        needs = self._needs[key]
        return all(map(self._has_ended, needs)) if key in self._closing else self._done.issuperset(needs)

    def _has_ended(self, key: str) -> bool:
        return key in self._done or key in self._failed or key in self._causes

    def end(self, key: str, *, well: bool) -> None:
        """A running step has come to its end."""
        self.running.remove(key)
        (self._done if well else self._failed).add(key)

    def block(self) -> list[tuple[Step, tuple[str, ...]]]:
        """The steps that cannot be reached any more, with the failed steps behind that; they are blocked from now on."""
        found: list[tuple[Step, tuple[str, ...]]] = []
        for step in self._order:
            if step.key not in self._waiting or step.key in self._closing:
                continue
            # A step that still runs may fail as well: the causes are complete only when all needs have ended.
            if all(map(self._has_ended, step.needs)) and not self._done.issuperset(step.needs):
                causes = dict.fromkeys(c for n in step.needs for c in self._causes.get(n, (n,)) if n not in self._done)
                self._causes[step.key] = tuple(causes)
                self._waiting.remove(step.key)
                found.append((step, tuple(causes)))
        return found

    def again(self, key: str) -> list[str] | None:
        """Let a failed step wait for its turn once more, and what it blocks with it: their keys; None if it did not fail."""
        if key not in self._failed:
            return None
        self._failed.remove(key)
        freed = [blocked for blocked, causes in self._causes.items() if key in causes]
        for blocked in freed:
            del self._causes[blocked]
        again = [one for one in self._closing if one in self._done | self._failed and self._before(one) & {key, *freed}]
        self._done.difference_update(again)
        self._failed.difference_update(again)
        self._waiting.update((key, *freed, *again))
        return [key, *freed, *again]

    def after(self, key: str) -> tuple[str, ...]:
        """Keys of the steps that need a step, directly or through others; without what closes."""
        found = {key}
        for step in self._order:
            if found.intersection(step.needs) and step.key not in self._closing:
                found.add(step.key)
        return tuple(step.key for step in self._order if step.key in found and step.key != key)
