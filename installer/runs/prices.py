"""Estimates of a session: the price list is read once, and an estimate of the same answers is not made twice."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from installer.answers.questions import all_questions
from installer.cloud.price_list import PriceList
from installer.cost.estimate import estimate
from installer.cost.live import LiveCost, live_cost
from installer.cost.size_prices import size_prices

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.answers.draft import Draft
    from installer.answers.model import Answers
    from installer.cloud.target import Target
    from installer.cost.model import Estimate


class Prices:
    """Prices answers. Thread-safe.

    Args:
        own: The cloud whose own price list applies to these answers, such as the embedded Azure; None for the public list.

    """

    def __init__(self, own: Callable[[Answers], Target | None]) -> None:
        self._own = own
        self._lock = threading.Lock()
        self._lists: dict[str, PriceList] = {}
        self._known: dict[tuple[str, str], Estimate] = {}
        self._unread: dict[str, Estimate] = {}

    def estimate(self, answers: Answers, currency: str) -> Estimate:
        """Price the planned resources. Queries the price list; one that could not be read is not asked again until `forget`."""
        key = (currency, answers.model_dump_json())
        with self._lock:
            known = self._unread.get(currency) or self._known.get(key)
        if known is not None:
            return known
        found = estimate(answers, self._list(answers, currency))
        with self._lock:
            if found.unread:
                self._unread[currency] = found
            else:
                self._known[key] = found
        return found

    def live(self, draft: Draft, key: str, currency: str) -> LiveCost:
        """Price answers that are being edited, and the other options of a question, if `key` names one."""
        return live_cost(draft, all_questions().get(key), lambda answers: self.estimate(answers, currency))

    def of_sizes(self, where: Target | None, region: str, currency: str) -> dict[str, str]:
        """Price in words of the VM sizes of a region that have one.

        Queries the price list, some thousand items for a region, once. Raises AzureRefused.

        Args:
            where: The cloud with its own price list, None for the public one.
            region: Name of the region.
            currency: Currency of the figures.

        """
        return size_prices(self._of(where, currency), region)

    def forget(self) -> None:
        """Ask a list again that could not be read."""
        with self._lock:
            self._unread.clear()

    def _list(self, answers: Answers, currency: str) -> PriceList:
        return self._of(self._own(answers), currency)

    def _of(self, own: Target | None, currency: str) -> PriceList:
        with self._lock:
            return self._lists.setdefault(currency, PriceList(own, currency))
