"""Prices of VM sizes: only where the list has exactly one for Linux by the hour; those of a rehearsal are marked."""

from collections.abc import Mapping

from installer.cost.size_prices import size_prices
from installer.jsontypes import Json


class Listed:
    """A list with items of one region."""

    currency, made = "EUR", ""

    def __init__(self, *items: dict[str, Json], rehearsal: bool = False) -> None:
        self.found = list(items)
        self.is_rehearsal = rehearsal

    def items(self, terms: Mapping[str, str]) -> list[dict[str, Json]]:
        assert terms == {"serviceName": "Virtual Machines", "armRegionName": "swedencentral"}
        return self.found


def item(size: str, price: float, product: str = "Virtual Machines Ddsv5 Series", **other: Json) -> dict[str, Json]:
    return {
        "armSkuName": size,
        "retailPrice": price,
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "productName": product,
        "skuName": size,
        "meterName": size,
        "currencyCode": "EUR",
        **other,
    }


FOUR = "Standard_D4ds_v5"


def test_linux_by_the_hour_is_counted_for_a_month() -> None:
    windows = item(FOUR, 0.9, "Virtual Machines Ddsv5 Series Windows")
    spot = item(FOUR, 0.01, skuName=f"{FOUR} Spot")
    reserved = item(FOUR, 900, type="Reservation")
    assert size_prices(Listed(item(FOUR, 0.2), windows, spot, reserved), "swedencentral") == {FOUR: "146 EUR/month"}


def test_several_prices_or_another_currency_are_no_price() -> None:
    doubtful = item("Standard_E4ds_v5", 0.3), item("Standard_E4ds_v5", 0.4, meterName="other")
    dollars = item("Standard_F4s_v2", 0.2, currencyCode="USD")
    assert size_prices(Listed(*doubtful, dollars, item("", 1)), "swedencentral") == {}


def test_figures_of_a_rehearsal_are_marked() -> None:
    found = size_prices(Listed(item(FOUR, 2), rehearsal=True), "swedencentral")
    assert found == {FOUR: "1,460 EUR/month (made up for the rehearsal)"}
