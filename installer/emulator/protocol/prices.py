"""Retail prices in the format of the public price list. The figures are made up, and every item states that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from installer.emulator.ids import derived_guid, derived_hex
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers.clouds import PUBLIC, regions
from installer.emulator.providers.data_files import load
from installer.emulator.providers.quotas import sizes
from installer.json_access import JsonObject, as_list, as_text, member, objects_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from installer.jsontypes import Json

_TERM = re.compile(r"(\w+)\s+eq\s+'((?:[^']|'')*)'")
_PAGE = 100
_PLACES = {"none": ""}
"""armRegionName of a meter whose row in data/meters.json names one region for all; others are in every region."""
_MARK = "Rehearsal figure, not a real price"
_EARLIEST = "2026-01-01T00:00:00Z"


def _items(terms: dict[str, str], currency: str) -> list[Json]:
    """Every meter in the requested regions."""
    places = [as_text(item["name"]) for item in regions(PUBLIC)]
    wanted = terms.get("armRegionName")
    found: list[Json] = []
    for meter, weight in _meters():
        own = [_PLACES.get(meter.region, meter.region)] if meter.region else places
        for region in own if wanted is None else [wanted] if wanted in own else []:
            fields: JsonObject = {"armRegionName": region, "currencyCode": currency}
            items = [_item(fields, meter, weight, tier) for tier in meter.tiers]
            found += [item for item in items if all(item.get(name) == value for name, value in terms.items())]
    return found


@dataclass(frozen=True)
class _Tier:
    """A price from a quantity on; a grant is free."""

    least: float = 0.0
    free: bool = False


@dataclass(frozen=True)
class _Meter:
    service: str
    product: str
    sku: str
    name: str
    unit: str
    region: str = ""
    tiers: tuple[_Tier, ...] = (_Tier(),)


def _meters() -> Iterator[tuple[_Meter, int]]:
    """Meters with the weight of their price."""
    for size in sizes().values():
        yield _Meter("Virtual Machines", "Virtual Machines", size.name, size.name, "1 Hour"), size.cores
    for item in as_list(member(load("meters"), "meters")):
        service, product, sku, name, unit, region = (
            as_text(member(item, key)) for key in ("service", "product", "sku", "meter", "unit", "region")
        )
        tiers = tuple(
            _Tier(float(str(one["from"])), one.get("free") is True) for one in objects_of(member(item, "tiers"))
        )
        yield _Meter(service, product, sku, name, unit, region, tiers or (_Tier(),)), 1


def _item(fields: JsonObject, meter: _Meter, weight: int, tier: _Tier) -> JsonObject:
    sku, service = f"{meter.product}/{meter.sku}/{meter.name}", meter.service
    # Derived from the names: stable between requests, and unrelated to real prices.
    made_up = (int(derived_hex(f"{service}/{sku}", "price", 3), 16) % 900 + 100) / 10_000 * weight
    later = 0.9 if tier.least else 1.0
    price = 0.0 if tier.free else round(made_up * later / (3600 if meter.unit.endswith("Second") else 1), 7)
    return {
        **fields,
        "tierMinimumUnits": tier.least,
        "retailPrice": price,
        "unitPrice": price,
        "location": fields["armRegionName"],
        "effectiveStartDate": _EARLIEST,
        "meterId": derived_guid(f"{fields['armRegionName']}/{service}/{sku}", "meter"),
        "meterName": meter.name,
        "productId": _MARK,
        "skuId": f"REHEARSAL/{meter.sku}",
        "unitOfMeasure": meter.unit,
        "productName": meter.product,
        "skuName": meter.sku,
        "serviceName": service,
        "serviceFamily": "Rehearsal",
        "type": "Consumption",
        "priceType": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": meter.sku,
    }


async def _prices(request: ArmRequest) -> Response:
    terms = {name: value.replace("''", "'") for name, value in _TERM.findall(request.query.get("$filter", ""))}
    currency = request.query.get("currencyCode", "USD").strip("'") or "USD"
    items = _items(terms, currency)
    token = request.query.get("$skip", "")
    start = int(token) if token.isdecimal() and len(token) < 9 else 0
    query = urlencode({**request.query, "$skip": str(start + _PAGE)}, quote_via=quote)
    body: JsonObject = {
        "BillingCurrency": currency,
        "CustomerEntityId": "Default",
        "CustomerEntityType": "Retail",
        "Rehearsal": _MARK,
        "Items": items[start : start + _PAGE],
        "NextPageLink": f"{request.base}{request.path}?{query}" if start + _PAGE < len(items) else None,
        "Count": len(items[start : start + _PAGE]),
    }
    return answer(200, body)


ROUTES = [Route("/api/retail/prices", {"GET": _prices}, versioned=False, open=True)]
