"""Estimates of a session: the price list is read once, and an estimate of the same answers is not made twice."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from installer.answers.questions import all_questions
from installer.cloud.errors import AzureRefused
from installer.cloud.price_list import PriceList
from installer.cloud.saved_prices import SavedPrices, saved_text
from installer.cost.estimate import estimate
from installer.cost.live import LiveCost, live_cost
from installer.cost.size_prices import size_prices
from installer.shipped_files import saved_prices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        if found.unread:
            found = self._saved(answers, currency) or found
        with self._lock:
            if found.unread:
                self._unread[currency] = found
            else:
                self._known[key] = found
        return found

    @staticmethod
    def _saved(answers: Answers, currency: str) -> Estimate | None:
        """The estimate by the price list of an offline kit, None without one of this currency that has every price."""
        with suppress(AzureRefused):
            saved = SavedPrices(saved_prices())
            found = estimate(answers, saved) if saved.currency == currency else None
            return found if found is not None and not found.why else None
        return None

    def save(self, answers: Sequence[Answers], currency: str) -> str:
        """The text of a saved list with which these answers can be priced. Queries the price list. Raises AzureRefused."""
        lists = [self._list(one, currency) for one in answers]
        for one, of_answers in zip(answers, lists, strict=True):
            found = estimate(one, of_answers)
            if found.why:
                raise AzureRefused(found.why)
        known = {terms: items for one in lists for terms, items in one.known.items()}
        today = datetime.now(UTC).date().isoformat()
        return saved_text(currency, today, known, rehearsal=any(one.is_rehearsal for one in lists))

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
