"""Results of slow functions of answers, kept for a while. Checks run side by side, so that several threads ask at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Result = TypeVar("Result")


class RecentResults(Generic[Result]):
    """The last results by key. Thread-safe; two threads with the same new key may both compute it.

    Args:
        most: Number of results that are kept.

    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._found: OrderedDict[Hashable, Result] = OrderedDict()

    def of(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """The result for a key, computed if it is not kept."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        result = compute()
        with self._lock:
            self._found[key] = result
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return result
