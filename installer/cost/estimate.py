"""Prices the meters of a set of answers. Only figures of the price list are used: no price, no figure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from installer.cloud.errors import AzureRefused
from installer.cost.meters import unpriced, usages
from installer.cost.model import Estimate, Line
from installer.json_access import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.answers.model import Answers
    from installer.cost.model import Meter, Usage
    from installer.jsontypes import Json

_EVERYWHERE: Final = "Global"
"""armRegionName of meters that have one price for all regions, as infracost asks for them."""
_LISTED_UNITS: Final = {"hour": ("Hour",), "GB": ("GB",), "day": ("Day",), "month": ("Month",), "second": ("Second",)}
_OTHER_OFFERS: Final = ("Windows", "Spot", "Low Priority", "CloudServices")
"""Words of products and meters that are other offers of the same size."""


class Prices(Protocol):
    """A list of prices, as in cloud/price_list.py."""

    currency: str
    is_rehearsal: bool

    def items(self, terms: Mapping[str, str]) -> list[dict[str, Json]]:
        """Items with these values. Raises AzureRefused."""


def estimate(answers: Answers, prices: Prices) -> Estimate:
    """The cost of these answers in a month. Queries the price list, once for each service, region and size."""
    today = datetime.now(UTC).date().isoformat()
    if answers.subscription.cloud != "public":
        why = "the public price list has the prices of the public cloud only"
        return Estimate(prices.currency, today, rehearsal=False, why=why)
    try:
        lines = [_line(usage, prices) for usage in usages(answers)]
    except AzureRefused as refused:
        why = f"the price list could not be read: {str(refused).splitlines()[0]}"
        return Estimate(prices.currency, today, prices.is_rehearsal, why=why)
    return Estimate(prices.currency, today, prices.is_rehearsal, tuple(lines), unpriced(answers))


def _line(usage: Usage, prices: Prices) -> Line:
    meter = usage.meter
    if not meter.quantity:
        return Line(usage, 0.0, source="nothing is used at the minimum")
    found = _matching(meter, prices, meter.region) or _matching(meter, prices, _EVERYWHERE)
    by_price = {(one.get("retailPrice"), one.get("unitOfMeasure")): one for one in found}
    if not found:
        return Line(usage, None, f"the price list has no {meter.service} {meter.sku or meter.meter or meter.arm_sku}")
    if len(by_price) > 1:
        return Line(usage, None, f"the price list has {len(by_price)} prices that fit; none is chosen")
    return _priced(usage, found[0])


def _matching(meter: Meter, prices: Prices, region: str) -> list[dict[str, Json]]:
    if not region:
        return []
    terms = {"serviceName": meter.service, "armRegionName": region}
    if meter.arm_sku:
        terms["armSkuName"] = meter.arm_sku
    return [item for item in prices.items(terms) if _fits(meter, item)]


def _fits(meter: Meter, item: Mapping[str, Json]) -> bool:
    product, sku, name = (as_text(item.get(key)) for key in ("productName", "skuName", "meterName"))
    return (
        item.get("type") == "Consumption"
        and not item.get("tierMinimumUnits")
        and not any(word in f"{product} {sku} {name}" for word in _OTHER_OFFERS)
        and all(word.lower() in product.lower() for word in meter.product)
        and (not meter.sku or sku.lower() == meter.sku.lower())
        and name.lower().endswith(meter.meter.lower())
    )


def _priced(usage: Usage, item: Mapping[str, Json]) -> Line:
    unit = as_text(item.get("unitOfMeasure"))
    price, factor = item.get("retailPrice"), _units(usage.meter.unit, unit)
    if not isinstance(price, (int, float)) or factor is None:
        return Line(usage, None, f"the price is per {unit}, which does not fit {usage.meter.unit}")
    since = as_text(item.get("effectiveStartDate")).partition("T")[0]
    source = f"{as_text(item.get('productName'))}, {as_text(item.get('meterName'))}, since {since}"
    return Line(usage, usage.meter.quantity / factor * price, "", float(price), unit, source)


def _units(wanted: str, listed: str) -> float | None:
    """Number of wanted units in one listed unit ("1 Hour", "1 GB/Month", "100 Seconds"), None if they do not fit."""
    found = re.match(r"([\d.]+)\s*(K|M)?\s*/?\s*([A-Za-z ]*)", listed)
    if found is None or not any(word.lower() in found[3].lower() for word in _LISTED_UNITS[wanted]):
        return None
    return float(found[1]) * {"K": 1e3, "M": 1e6}.get(found[2] or "", 1.0)
