"""Meters, priced lines and the estimate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.answers.pages.patterns import ENVIRONMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from installer.cost.units import Unit

SHARED: Final = "shared"
"""Name of what belongs to no environment."""
VISIBLE: Final = 0.5
"""Least figure that is shown as a number to people; JSON has all of it."""
HOURS: Final = 730.0
"""Hours of a month. Source: github.com/infracost/infracost, which counts 730."""


def in_order(environments: Iterable[str]) -> list[str]:
    """Environments on the way to production, as everywhere; first "" for what all share."""
    return sorted(set(environments), key=("", *ENVIRONMENTS).index)


@dataclass(frozen=True)
class Meter:
    """Quantity of one meter that a resource uses in a month.

    Names are compared regardless of case, spaces and hyphens, in which the list itself varies ("P1 v3", "P0v3").

    Attributes:
        service: serviceName of the price list.
        region: armRegionName; "" is the one of meters without a region.
        quantity: Quantity in a month.
        unit: Unit of the quantity.
        assumption: Assumption behind the quantity.
        products: Names of the product, if the list has changed it; any product if empty.
        sku: skuName; "" for any.
        meter: meterName; "" for any.
        arm_sku: armSkuName; "" for any.
        otherwise: The same under another name, for a list that does not have this one.

    """

    service: str
    region: str
    quantity: float
    unit: Unit
    assumption: str
    products: tuple[str, ...] = ()
    sku: str = ""
    meter: str = ""
    arm_sku: str = ""
    otherwise: Meter | None = None


@dataclass(frozen=True)
class Usage:
    """A meter of one planned resource."""

    resource: str
    kind: str
    environment: str
    meter: Meter


@dataclass(frozen=True)
class Line:
    """A priced usage.

    Attributes:
        monthly: Cost in a month, None without a price.
        why: Reason for no figure, "" with one.
        price: Retail price of one unit of the list.
        unit: Unit of measure of the list.
        source: Product and meter of the list, with the date since which the price holds.

    """

    usage: Usage
    monthly: float | None
    why: str = ""
    price: float = 0.0
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class Estimate:
    """Cost of one set of answers.

    Attributes:
        currency: Code of the currency.
        dated: Day on which the list was read, ISO 8601; "" if it was not.
        rehearsal: Whether the figures are made up by the embedded Azure.
        unpriced: Planned resource types without a figure, each with the reason.
        why: Reason why there is no figure at all, "" if there are some.
        unread: Whether that reason is a list that could not be read, so that a later attempt may differ.

    """

    currency: str
    dated: str
    rehearsal: bool
    lines: tuple[Line, ...] = ()
    unpriced: tuple[tuple[str, str], ...] = ()
    why: str = ""
    unread: bool = False
    by_environment: Mapping[str, float] = field(init=False)

    def __post_init__(self) -> None:
        found: dict[str, float] = {}
        for line in self.lines:
            if line.monthly is not None:
                found[line.usage.environment] = found.get(line.usage.environment, 0.0) + line.monthly
        object.__setattr__(self, "by_environment", {name: found[name] for name in in_order(found)})

    @property
    def total(self) -> float | None:
        """Sum of the figures, None without any."""
        return sum(self.by_environment.values()) if self.by_environment else None

    @property
    def proposed_budget(self) -> int | None:
        """A monthly budget (answer monitoring.budget): the sum of the figures, rounded up to full tens."""
        return None if self.total is None or self.rehearsal else -int(-self.total // 10) * 10
