# ruff: noqa: INP001  a flow's folder is no package: Prefect loads the file by its path
"""Orders and customers through the layers of the lake: landing, bronze, silver, gold.

The blocks ENVIRONMENT-LAYER (such as dev-landing) and the identity with which they sign in come from FlowForge.
"""

import csv
import io
import json
from collections import defaultdict

from prefect import flow, get_run_logger
from prefect.concurrency.sync import concurrency
from prefect.variables import Variable
from prefect_azure import AzureBlobStorageContainer

ORDERS = """\
order,customer,amount
1,c1,120.50
2,c2,80
3,c1,
4,c3,19.90
4,c3,19.90
"""
CUSTOMERS = """\
customer,name,country
c1,Aurora,SE
c2,Borealis,FI
c3,Corona,SE
"""
FILES = {"orders.csv": ORDERS, "customers.csv": CUSTOMERS}


def _read(environment: str, layer: str, name: str) -> str:
    content = io.BytesIO()
    AzureBlobStorageContainer.load(f"{environment}-{layer}").download_object_to_file_object(name, content)
    return content.getvalue().decode()


def _write(environment: str, layer: str, name: str, text: str) -> None:
    container = AzureBlobStorageContainer.load(f"{environment}-{layer}")
    container.upload_from_file_object(io.BytesIO(text.encode()), name, overwrite=True)
    get_run_logger().info("%s/%s: %d bytes", layer, name, len(text.encode()))


@flow
def ingest(environment: str) -> None:
    """Put the files of the source into landing, as they are."""
    for name, text in FILES.items():
        _write(environment, "landing", f"medallion/{name}", text)


@flow
def clean(environment: str) -> None:
    """Drop incomplete and repeated rows on the way to bronze."""
    for name in FILES:
        rows = csv.DictReader(io.StringIO(_read(environment, "landing", f"medallion/{name}")))
        complete = {json.dumps(row) for row in rows if all(row.values())}
        text = "\n".join(sorted(complete)) + "\n"
        _write(environment, "bronze", f"medallion/{name.replace('.csv', '.jsonl')}", text)


@flow
def join(environment: str) -> None:
    """Join orders with their customers in silver."""
    names = ("orders", "customers")
    orders, customers = (_rows(_read(environment, "bronze", f"medallion/{name}.jsonl")) for name in names)
    by_key = {one["customer"]: one for one in customers}
    joined = [{**order, **by_key[order["customer"]]} for order in orders if order["customer"] in by_key]
    _write(environment, "silver", "medallion/orders.jsonl", "".join(json.dumps(one) + "\n" for one in joined))


@flow
def publish(environment: str) -> dict[str, float]:
    """Publish the revenue by country to gold; one run at a time."""
    settings = Variable.get(f"medallion_{environment}")
    if not isinstance(settings, dict):
        raise TypeError(f"the variable medallion_{environment} is missing; deploy the flows again")
    revenue: dict[str, float] = defaultdict(float)
    for order in _rows(_read(environment, "silver", "medallion/orders.jsonl")):
        if float(order["amount"]) >= settings["smallest_order"]:
            revenue[order["country"]] += float(order["amount"])
    result = {"currency": settings["currency"], "revenue": {key: round(one, 2) for key, one in sorted(revenue.items())}}
    with concurrency(f"gold-{environment}"):
        _write(environment, "gold", "medallion/revenue.json", json.dumps(result))
    get_run_logger().info("gold: %s", json.dumps(result))
    return dict(revenue)


@flow(retries=2, retry_delay_seconds=5)
def medallion(environment: str) -> dict[str, float]:
    """Bring the files of the source through all layers; a repetition writes the same again."""
    ingest(environment)
    clean(environment)
    join(environment)
    return publish(environment)


def _rows(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines()]


if __name__ == "__main__":
    medallion("dev")
