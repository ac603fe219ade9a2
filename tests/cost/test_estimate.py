"""The estimate has figures of the price list only, each with its assumption; without a price there is no figure."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from installer.answers.files import load
from installer.cloud.errors import AzureRefused
from installer.cost.estimate import estimate
from installer.cost.meters import usages
from installer.cost.report import REHEARSED, tables
from installer.json_access import objects_of
from installer.jsontypes import Json
from tests.answers.answers_files import FOLDER
from tests.bicep.answers_variants import OTHER
from tests.bicep.answers_variants import answers as variant
from tests.emulator.asgi_client import local

EDGE = variant("dev", platform={"runtime": "container_apps"}, ingress={"kind": "frontdoor"})
GATEWAY = load(FOLDER / "matrix" / "07-hardened-gateway.yaml").answers
DEV, PROD = (load(FOLDER / f"{name}.yaml").answers for name in ("dev", "prod"))


class Rehearsed:
    """The list of an embedded Azure in this process."""

    is_rehearsal = True
    made = ""

    def __init__(self, path: Path, currency: str = "EUR") -> None:
        self.currency = currency
        self.azure = local(path)

    def items(self, terms: Mapping[str, str]) -> list[dict[str, Json]]:
        wanted = quote(" and ".join(f"{name} eq '{value}'" for name, value in terms.items()))
        found: list[dict[str, Json]] = []
        url = f"/api/retail/prices?currencyCode='{self.currency}'&$filter={wanted}"
        while url:
            reply = asyncio.run(self.azure.ask("GET", url)).json
            found += objects_of(reply["Items"])
            url = str(reply["NextPageLink"] or "")
        return found


class Fixed:
    """A list with one item, whatever is asked."""

    currency, is_rehearsal, made = "USD", False, ""

    def __init__(self, *items: dict[str, Json]) -> None:
        self.given = list(items)

    def items(self, terms: Mapping[str, str]) -> list[dict[str, Json]]:
        return self.given if terms["serviceName"] == "NAT Gateway" else []


class Lost(Fixed):
    """A list out of reach."""

    def items(self, terms: Mapping[str, str]) -> list[dict[str, Json]]:
        raise AzureRefused(f"Azure could not be reached\n({terms})")


@pytest.fixture
def rehearsed(tmp_path: Path) -> Rehearsed:
    return Rehearsed(tmp_path)


def nat(price: float, **more: Json) -> dict[str, Json]:
    item: dict[str, Json] = {
        "type": "Consumption",
        "retailPrice": price,
        "unitOfMeasure": "1 Hour",
        "productName": "NAT Gateway",
        "skuName": "Standard",
        "meterName": "Standard Gateway",
        "effectiveStartDate": "2024-02-01T00:00:00Z",
    }
    return {**item, **more}


@pytest.mark.parametrize("answers", [DEV, PROD, EDGE], ids=["dev", "prod", "edge"])
def test_every_meter_of_the_plan_has_a_price_in_a_rehearsal_which_says_that_it_is_none(
    rehearsed: Rehearsed, answers: object
) -> None:
    found = estimate(answers, rehearsed)  # type: ignore[arg-type]  # parametrized answers
    assert [line.why for line in found.lines if line.monthly is None] == []
    assert all(line.usage.meter.assumption for line in found.lines)
    assert found.total == pytest.approx(sum(line.monthly or 0 for line in found.lines))
    assert REHEARSED in next(tables(found))[0]
    assert found.proposed_budget is None


def test_node_pools_databases_and_gateways_are_in_their_environment(rehearsed: Rehearsed) -> None:
    found = {(one.kind, one.environment) for one in usages(PROD)}
    assert {("agentPools", "dev"), ("agentPools", "prod"), ("flexibleServers", ""), ("natGateways", "prod")} <= found
    assert set(estimate(PROD, rehearsed).by_environment) == {"", "dev", "prod"}


def test_a_figure_is_the_quantity_times_the_price_of_the_list() -> None:
    found = estimate(DEV, Fixed(nat(0.05)))
    (line,) = [one for one in found.lines if one.monthly is not None and one.usage.kind == "natGateways"]
    assert line.monthly == pytest.approx(0.05 * 730)
    assert line.source == "NAT Gateway, Standard Gateway, since 2024-02-01"
    assert found.proposed_budget == 40


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ([], "has no NAT Gateway"),
        ([nat(0.05), nat(0.06)], "2 prices that fit; none is chosen"),
        ([nat(0.05, unitOfMeasure="1 GB")], "per 1 GB, which does not fit hour"),
        ([nat(0.05, meterName="Standard Gateway Spot")], "has no NAT Gateway"),
    ],
)
def test_without_exactly_one_price_there_is_no_figure(items: list[dict[str, Json]], why: str) -> None:
    found = estimate(DEV, Fixed(*items))
    (line,) = [one for one in found.lines if one.usage.kind == "natGateways"]
    assert line.monthly is None
    assert why in line.why


def test_a_free_amount_is_a_grant_of_the_subscription_and_later_amounts_have_their_own_price() -> None:
    grant = [nat(0.0), nat(0.10, tierMinimumUnits=5.0), nat(0.05, tierMinimumUnits=100.0)]
    (line,) = [one for one in estimate(DEV, Fixed(*grant)).lines if one.usage.kind == "natGateways"]
    assert line.monthly == pytest.approx(100 * 0.10 + 630 * 0.05)
    assert line.price == 0.10


def test_a_price_in_another_currency_is_no_figure() -> None:
    class Dollars(Fixed):
        currency = "EUR"

    found = estimate(DEV, Dollars(nat(0.05, currencyCode="USD")))
    assert [line.why for line in found.lines if line.usage.kind == "natGateways"] == [
        "the price list has it in USD only"
    ]


SERIES = "Azure Database for PostgreSQL Flexible Server General Purpose Ddsv5 Series Compute"
OLD_STORAGE = "Az DB for PostgreSQL Flexible Server Storage"
PLAN = "Azure App Service Premium v3 Plan - Linux"


@pytest.mark.parametrize(
    ("kind", "names", "unit", "monthly"),
    [
        ("flexibleServers", (SERIES, "vCore", "vCore"), "1 Hour", 2 * 4 * 730),
        ("flexibleServers", (SERIES, "1 vCore", "1 vCore"), "1 Hour", 2 * 4 * 730),
        ("flexibleServers", (SERIES.replace("Ddsv5", "- Ddsv5"), "4 vCore", "vCore"), "1 Hour", 2 * 730),
        ("flexibleServers", (OLD_STORAGE, "Storage", "Storage Data Stored"), "1 GB/Month", 2 * 1024),
        ("serverfarms", (PLAN, "P1 v3", "P1 v3 App"), "1 Hour", 2 * 730),
        ("serverfarms", (PLAN, "P1v3", "P1v3"), "1 Hour", 2 * 730),
    ],
)
def test_names_that_the_list_writes_in_several_ways_have_their_price(
    kind: str, names: tuple[str, str, str], unit: str, monthly: float
) -> None:
    product, sku, meter = names
    row = nat(1.0, productName=product, skuName=sku, meterName=meter, unitOfMeasure=unit)
    others = [nat(9.0, productName=f"{product} Windows"), nat(9.0, productName=product, skuName=sku, meterName="Other")]

    class Listed(Fixed):
        def items(self, terms: Mapping[str, str]) -> list[dict[str, Json]]:  # noqa: ARG002  as the list
            return self.given

    lines = [one for one in estimate(PROD, Listed(row, *others)).lines if one.usage.kind == kind]
    assert monthly in [pytest.approx(one.monthly) for one in lines if one.monthly is not None]


def test_out_of_reach_there_is_no_figure_but_the_reason() -> None:
    found = estimate(DEV, Lost())
    assert (found.total, found.lines) == (None, ())
    (title, _columns, rows), *rest = tables(found)
    assert (title, rest) == ("Cost per month in USD: no figures", [])
    assert "could not be reached" in rows[0][0]
    assert found.dated == ""


def test_other_clouds_have_no_public_list(rehearsed: Rehearsed) -> None:
    gov = DEV.model_copy(update={"subscription": DEV.subscription.model_copy(update={"cloud": "usgov"})})
    found = estimate(gov, rehearsed)
    assert found.total is None
    assert "public cloud only" in found.why


@pytest.mark.parametrize(
    ("kind", "newer", "older"),
    [
        ("privateDnsZones", ("Azure DNS", "Private", "Private Zone", ""), ("Azure DNS", "Private", "Private Zone", "Zone 1")),
        ("workspaces", ("Log Analytics", "Analytics Logs", "Analytics Logs Data Ingestion", ""),
         ("Log Analytics", "Pay-as-you-go", "Pay-as-you-go Data Ingestion", "")),
        ("applicationGateways", ("Application Gateway WAF v2", "Standard", "Standard Fixed Cost", ""),
         ("Application Gateway WAF v2", "Standard", "Fixed Cost", "")),
    ],
)  # fmt: skip
def test_a_meter_with_two_known_names_has_a_figure_under_either(
    kind: str, newer: tuple[str, ...], older: tuple[str, ...]
) -> None:
    def figures(*names: tuple[str, ...]) -> list[float]:
        class Listed(Fixed):
            def items(self, terms: Mapping[str, str]) -> list[dict[str, Json]]:
                units = {"privateDnsZones": "1/Month", "workspaces": "1 GB"}
                return [
                    nat(
                        number,
                        productName=product,
                        skuName=sku,
                        meterName=meter,
                        unitOfMeasure=units.get(kind, "1/Hour"),
                    )
                    for number, (product, sku, meter, region) in enumerate(names, start=1)
                    if not region or region == terms["armRegionName"]
                ]

        lines = estimate(GATEWAY, Listed()).lines
        return [one.price for one in lines if one.usage.kind == kind and one.monthly is not None]

    assert set(figures(newer)) == set(figures(older)) == {1.0}
    if newer != older:
        assert set(figures(newer, older)) == {1.0}
    assert figures() == []


def test_of_a_meter_of_several_regions_the_row_of_its_primary_region_counts() -> None:
    rows = [nat(0.05, isPrimaryMeterRegion=True), nat(0.07, isPrimaryMeterRegion=False)]
    (line,) = [one for one in estimate(DEV, Fixed(*rows)).lines if one.usage.kind == "natGateways"]
    assert line.price == 0.05
    (line,) = [one for one in estimate(DEV, Fixed(rows[1])).lines if one.usage.kind == "natGateways"]
    assert line.price == 0.07


def test_assumptions_count_in_english() -> None:
    told = {one.meter.assumption for answers in (DEV, PROD, EDGE) for one in usages(answers)}
    assert not [one for one in told if re.search(r"\b1 \w+s\b(?! hot)", one)]
    assert any(one.startswith("1 node all month") for one in told)


def test_a_cache_with_high_availability_is_billed_by_two_nodes() -> None:
    """The list has the price of one node: azure.microsoft.com/pricing/details/managed-redis."""
    with_cache = load(FOLDER / "matrix" / "22-redis.yaml").answers
    found = [one.meter for one in usages(with_cache) if one.kind == "redisEnterprise"]
    assert [(one.quantity, one.assumption) for one in found] == [(2 * 730, "2 nodes all month")]


def test_a_cluster_has_a_load_balancer_for_prefect_or_for_its_egress() -> None:
    key = {"cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:KEY"}
    on_cloud = variant("dev", platform={"prefect": "cloud", **key})
    without = {one.kind for one in usages(on_cloud)}
    assert {"managedClusters", "natGateways"} <= without
    assert "loadBalancers" not in without
    assert [one.environment for one in usages(PROD) if one.kind == "loadBalancers"] == ["dev", "prod"]
    public = variant(
        "dev", platform={"prefect": "cloud", **key}, network={"mode": "public"}, ingress={"kind": "direct"}
    )
    assert "loadBalancers" in {one.kind for one in usages(public)}


def test_a_currency_that_the_list_does_not_have_is_no_figure_and_the_others_are_named() -> None:
    class Unknown(Fixed):
        currency = "XXX"

    found = estimate(DEV, Unknown(nat(0.05)))
    assert found.total is None
    assert re.search(r"no currency XXX; it has USD, .*TWD$", found.why)
