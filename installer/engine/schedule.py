"""Which step comes when: pure bookkeeping over the graph of needs, without threads and without anything happening."""

from collections.abc import Collection, Sequence
from graphlib import TopologicalSorter

from installer.engine.step import Step


class Schedule:
    """The steps that are waiting, running, done, failed or blocked.

    only: keys of the steps that are to be done; those before them only have to be done already, the rest is left out.
    Raises ValueError for needs that nobody meets, graphlib.CycleError for needs in a circle.
    """

    def __init__(self, steps: Sequence[Step], only: Collection[str] | None = None) -> None:
        by_key = {step.key: step for step in steps}
        self._order = [
            by_key[key] for key in TopologicalSorter({s.key: s.needs for s in steps}).static_order() if key in by_key
        ]
        if unknown := {need for step in steps for need in step.needs} - by_key.keys():
            raise ValueError(f"no step is called {', '.join(sorted(unknown))}")
        self.only = frozenset(by_key if only is None else only)
        if only is not None:
            wanted = set(self.only)
            for step in reversed(self._order):
                if step.key in wanted:
                    wanted.update(step.needs)
            self._order = [step for step in self._order if step.key in wanted]
        self._waiting = {step.key for step in self._order}
        self._failed: set[str] = set()
        self._done: set[str] = set()
        self._causes: dict[str, tuple[str, ...]] = {}
        self.running: set[str] = set()

    def begin(self) -> list[Step]:
        """The steps whose needs are met and that have not begun; they are running from now on."""
        found = [s for s in self._order if s.key in self._waiting and self._done.issuperset(s.needs)]
        for step in found:
            self._waiting.remove(step.key)
            self.running.add(step.key)
        return found

    def end(self, key: str, *, well: bool) -> None:
        """A running step has come to its end."""
        self.running.remove(key)
        (self._done if well else self._failed).add(key)

    def block(self) -> list[tuple[Step, tuple[str, ...]]]:
        """The steps that cannot be reached any more, with the failed steps behind that; they are blocked from now on."""
        found: list[tuple[Step, tuple[str, ...]]] = []
        for step in self._order:
            if step.key in self._waiting and any(n in self._failed or n in self._causes for n in step.needs):
                # What still runs may fail as well: only when all needs have come to an end, all causes are known.
                if not all(n in self._done or n in self._failed or n in self._causes for n in step.needs):
                    continue
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
        self._waiting.update((key, *freed))
        return [key, *freed]

    def after(self, key: str) -> tuple[str, ...]:
        """Keys of the steps that need a step, directly or through others."""
        found = {key}
        for step in self._order:
            if found.intersection(step.needs):
                found.add(step.key)
        return tuple(step.key for step in self._order if step.key in found and step.key != key)
