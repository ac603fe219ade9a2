"""Units of measure of the price list: how many of a meter's units one listed unit has.

A unit that is not known here leads to no figure, never to a wrong one: "1 GB/Hour" is no GB, and "10K" no hours. Spellings:
github.com/microsoft/finops-toolkit, src/open-data/PricingUnits.csv (column UnitOfMeasure, with what each one counts).
"""

from __future__ import annotations

import re
from typing import Final, Literal

Unit = Literal["hour", "day", "month", "second", "GiB second", "GB", "GB month", "each"]
"""Unit of a quantity. "GB": transferred or ingested; "GB month": stored for a month; "each": billed by number for a month."""

_LISTED: Final[dict[Unit, frozenset[str]]] = {
    "hour": frozenset({"hour", "hours", "/hour", "hourly unit", "hourly units"}),
    "day": frozenset({"day", "days", "/day", "daily unit", "daily units"}),
    "month": frozenset({"month", "months", "/month"}),
    "second": frozenset({"second", "seconds", "/second"}),
    "GiB second": frozenset({"gib second", "gib seconds", "gb second", "gb seconds"}),
    "GB": frozenset({"gb", "gib"}),
    "GB month": frozenset({"gb/month", "gib/month"}),
    "each": frozenset({"", "unit", "units", "/month", "month"}),
}
"""Spellings of each unit after the number, in lower case. GB and GiB are one here, as in Azure's own price pages."""
_AMOUNT: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<multiple>[KM](?=\s|/|\Z))?\s*(?P<words>.*)")
_MULTIPLES: Final = {"": 1.0, "K": 1e3, "M": 1e6}


def units_in(listed: str, wanted: Unit) -> float | None:
    """Number of wanted units in one listed unit ("100 Hours", "1/Month", "10K"), None if it counts something else."""
    found = _AMOUNT.fullmatch(listed.strip())
    if found is None:
        return None
    words = re.sub(r"\s*/\s*", "/", found["words"].strip().lower())
    number = float(found["number"]) * _MULTIPLES[found["multiple"] or ""]
    return number if words in _LISTED[wanted] and number > 0 else None
