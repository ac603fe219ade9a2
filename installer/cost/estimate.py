"""Prices the meters of a set of answers. Only figures of the price list are used: no price, no figure."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from installer.cloud.errors import UNREACHED, AzureRefused
from installer.cost.currency import CURRENCIES
from installer.cost.meters import unpriced, usages
from installer.cost.model import Estimate, Line, Usage
from installer.cost.units import units_in
from installer.json_access import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from installer.answers.model import Answers
    from installer.cost.model import Meter
    from installer.jsontypes import Json

_OTHER_OFFERS: Final = ("Windows", "Spot", "Low Priority", "CloudServices")
"""Words of products and meters that are other offers of the same size."""


class Prices(Protocol):
    """A list of prices, as in cloud/price_list.py."""

    currency: str
    is_rehearsal: bool
    made: str
    """Date of the figures, ISO 8601; "" for those of today."""

    def items(self, terms: Mapping[str, str]) -> list[dict[str, Json]]:
        """Items with these values. Raises AzureRefused."""


def estimate(answers: Answers, prices: Prices) -> Estimate:
    """The cost of these answers in a month. Queries the price list, once for each service, region and size."""
    if answers.subscription.cloud != "public":
        why = "the public price list has the prices of the public cloud only"
        return Estimate(prices.currency, "", rehearsal=False, why=why)
    if prices.currency not in CURRENCIES:
        why = f"the price list has no currency {prices.currency}; it has {', '.join(CURRENCIES)}"
        return Estimate(prices.currency, "", rehearsal=False, why=why)
    try:
        lines = [_line(usage, prices) for usage in usages(answers)]
    except AzureRefused as refused:
        why = f"the price list could not be read: {_reason(refused)}"
        return Estimate(prices.currency, "", prices.is_rehearsal, why=why, unread=True)
    made = prices.made or datetime.now(UTC).date().isoformat()
    return Estimate(prices.currency, made, prices.is_rehearsal, tuple(lines), unpriced(answers))


def _reason(refused: AzureRefused) -> str:
    """Why the list was not read; it is not Azure that was out of reach."""
    return str(refused).splitlines()[0].removeprefix(UNREACHED)


def _line(usage: Usage, prices: Prices) -> Line:
    if not usage.meter.quantity:
        return Line(usage, 0.0, source="nothing is used at the minimum")
    meter: Meter | None = usage.meter
    while meter is not None:
        found = _matching(meter, prices)
        if found:
            return _of(replace(usage, meter=meter), found, prices.currency)
        meter = meter.otherwise
    wanted = usage.meter
    return Line(usage, None, f"the price list has no {wanted.service} {wanted.sku or wanted.meter or wanted.arm_sku}")


def _of(usage: Usage, found: list[dict[str, Json]], currency: str) -> Line:
    """The line of the items that fit; several prices are no price, unless they are those of amounts."""
    others = {as_text(item.get("currencyCode")) for item in found} - {"", currency}
    if others:
        return Line(usage, None, f"the price list has it in {', '.join(sorted(others))} only")
    by_amount: dict[float, dict[tuple[Json, Json], dict[str, Json]]] = {}
    for item in found:
        prices = by_amount.setdefault(_number(item.get("tierMinimumUnits")), {})
        prices[(item.get("retailPrice"), item.get("unitOfMeasure"))] = item
    most = max(map(len, by_amount.values()))
    if most > 1:
        return Line(usage, None, f"the price list has {most} prices that fit; none is chosen")
    return _priced(usage, [(least, next(iter(by_amount[least].values()))) for least in sorted(by_amount)])


def _matching(meter: Meter, prices: Prices) -> list[dict[str, Json]]:
    terms = {"serviceName": meter.service, "armRegionName": meter.region}
    if meter.arm_sku:
        terms["armSkuName"] = meter.arm_sku
    return _billed(meter, prices.items(terms))


def priced(meter: Meter, items: Iterable[Mapping[str, Json]], currency: str) -> float | None:
    """The amount for a meter, of items of the list that were read before; None without exactly one price."""
    found = _billed(meter, items)
    return _of(Usage("", "", "", meter), found, currency).monthly if found else None


def _billed(meter: Meter, items: Iterable[Mapping[str, Json]]) -> list[dict[str, Json]]:
    found = [dict(item) for item in items if _fits(meter, item)]
    # A meter of several regions is listed for each; the row of its primary region is the one that is billed. Source:
    # learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices (isPrimaryMeterRegion, meterRegion).
    return [item for item in found if item.get("isPrimaryMeterRegion") is not False] or found


def _fits(meter: Meter, item: Mapping[str, Json]) -> bool:
    product, sku, name = (as_text(item.get(key)) for key in ("productName", "skuName", "meterName"))
    return (
        item.get("type") == "Consumption"
        and not any(word in f"{product} {sku} {name}" for word in _OTHER_OFFERS)
        and (not meter.products or _plain(product) in map(_plain, meter.products))
        and (not meter.sku or _plain(sku) == _plain(meter.sku))
        and (not meter.meter or _plain(name) == _plain(meter.meter))
    )


def _plain(name: str) -> str:
    """A name without what the list itself writes now one way, now another."""
    return re.sub(r"[\s-]", "", name).lower()


def _number(value: Json) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _priced(usage: Usage, amounts: list[tuple[float, dict[str, Json]]]) -> Line:
    """Price each part of the quantity at the price of its amount. A free amount is a grant, which others may have used up."""
    charged = [one for one in amounts if _number(one[1].get("retailPrice"))] or amounts
    first = charged[0][1]
    unit = as_text(first.get("unitOfMeasure"))
    factor = units_in(unit, usage.meter.unit)
    if factor is None:
        return Line(usage, None, f"the price is per {unit}, which does not fit {usage.meter.unit}")
    quantity, monthly = usage.meter.quantity / factor, 0.0
    bounds = [0.0, *(least for least, _item in charged[1:]), math.inf]
    for (_least, item), low, high in zip(charged, bounds, bounds[1:], strict=False):
        monthly += max(min(quantity, high) - low, 0.0) * _number(item.get("retailPrice"))
    since = as_text(first.get("effectiveStartDate")).partition("T")[0]
    source = f"{as_text(first.get('productName'))}, {as_text(first.get('meterName'))}, since {since}"
    return Line(usage, monthly, "", _number(first.get("retailPrice")), unit, source)
