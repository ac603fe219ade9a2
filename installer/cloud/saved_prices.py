"""A price list that was saved for networks from which the public one cannot be reached: what pricing some answers has asked of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.price_list import price_filter
from installer.json_access import as_object, as_text, objects_of, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.jsontypes import Json

_VERSION: Final = 1


class SavedPrices:
    """The saved list.

    Args:
        file: The file.

    Raises AzureRefused if it cannot be read.

    Attributes:
        currency: Code of the currency.
        made: Date on which it was read, ISO 8601.
        is_rehearsal: Whether its figures are made up.

    """

    def __init__(self, file: Path) -> None:
        try:
            body = as_object(parsed(file.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise AzureRefused(f"the saved price list {file} cannot be read: {error}") from None
        if body.get("version") != _VERSION:
            raise AzureRefused(f"the saved price list {file} was made by another version of the installer")
        self.currency, self.made = as_text(body.get("currency")), as_text(body.get("made"))
        self.is_rehearsal = body.get("rehearsal") is True
        self._items = {name: objects_of(items) for name, items in as_object(body.get("items")).items()}

    def items(self, terms: Mapping[str, str]) -> list[dict[str, Json]]:
        """Items with these values. Raises AzureRefused for values that were not asked when it was saved."""
        found = self._items.get(price_filter(terms))
        if found is None:
            values = ", ".join(terms.values())
            raise AzureRefused(f"the price list that was saved on {self.made} has nothing for {values}")
        return found


def saved_text(currency: str, made: str, items: Mapping[str, list[dict[str, Json]]], *, rehearsal: bool) -> str:
    """The text of such a file; `items` by their filters, as PriceList knows them."""
    body = {"version": _VERSION, "currency": currency, "made": made, "rehearsal": rehearsal, "items": dict(items)}
    return json.dumps(body, indent=1, sort_keys=True) + "\n"
