"""Price per month of every VM size of a region, for the lists of sizes: Linux, pay-as-you-go, all month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cost.estimate import priced
from installer.cost.model import HOURS, Meter
from installer.json_access import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.cost.estimate import Prices
    from installer.jsontypes import Json

_SERVICE = "Virtual Machines"


def size_prices(prices: Prices, region: str) -> dict[str, str]:
    """Price in words by size; sizes for which the list has no price, or several, are left out. Raises AzureRefused."""
    rows: dict[str, list[Mapping[str, Json]]] = {}
    for item in prices.items({"serviceName": _SERVICE, "armRegionName": region}):
        rows.setdefault(as_text(item.get("armSkuName")), []).append(item)
    made_up = " (made up for the rehearsal)" if prices.is_rehearsal else ""
    found = {}
    for size, items in rows.items():
        meter = Meter(_SERVICE, region, HOURS, "hour", "", arm_sku=size)
        amount = priced(meter, items, prices.currency)
        if size and amount is not None:
            found[size] = f"{amount:,.0f} {prices.currency}/month{made_up}"
    return found
