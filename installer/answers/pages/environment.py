"""What one environment has otherwise than the rest. The same page serves dev, qa, uat and prod.

A predicate finds under "environment" which of them it is asked about.
"""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import GUID, GUID_WORDS, REGION, REGION_WORDS, SKU


def differs(view: View) -> bool:
    """Whether the environment has a page of its own."""
    here, differ, all_of_them = (
        view.get(key) for key in ("environment", "subscription.differ", "subscription.environments")
    )
    return isinstance(differ, list) and isinstance(all_of_them, list) and here in differ and here in all_of_them


def _runtime(view: View) -> object:
    own = view.get(f"{view.get('environment')}.runtime")
    return own if own in ("aks", "container_apps") else view.get("platform.runtime")


class EnvironmentPage(Page):
    """What this environment has otherwise than the rest; what is left empty is as everywhere."""

    subscription: Annotated[
        str | None,
        Field(pattern=GUID),
        Ask(
            "Subscription",
            help="The subscription that this environment is built in, if it is another one.",
            source="subscriptions",
            allowed=GUID_WORDS,
        ),
    ] = None
    region: Annotated[
        str | None,
        Field(pattern=REGION),
        Ask("Region", help="Its region, if it is another one.", source="regions", allowed=REGION_WORDS),
    ] = None
    runtime: Annotated[
        Literal["same", "aks", "container_apps"],
        Ask(
            "Prefect runs on",
            help="Its kind of runtime.",
            options={"same": "as the others", "aks": "Kubernetes", "container_apps": "Container Apps"},
        ),
    ] = "same"
    node_size: Annotated[
        str | None,
        Field(pattern=SKU),
        Ask(
            "Worker size",
            help="VM size of its machines that run flows.",
            allowed="an Azure VM size",
            example="Standard_D2ds_v5",
            applies=lambda view: _runtime(view) == "aks",
        ),
    ] = None
    worker_nodes: Annotated[int | None, Field(ge=1, le=50), Ask("Workers", help="How many machines run its flows.")] = (
        None
    )
    worker_nodes_most: Annotated[
        int | None,
        Field(ge=1, le=100),
        Ask("Workers at most", help="Up to how many they grow.", applies=lambda view: _runtime(view) == "aks"),
    ] = None
    storage_redundancy: Annotated[
        Literal["same", "Standard_LRS", "Standard_ZRS", "Standard_GZRS"],
        Ask(
            "Storage copies",
            help="Where the copies of its data are kept.",
            options={
                "same": "as the others",
                "Standard_LRS": "one datacentre",
                "Standard_ZRS": "three zones",
                "Standard_GZRS": "three zones, second region",
            },
        ),
    ] = "same"
    web_size: Annotated[
        Literal["same", "P0v3", "P1v3", "P2v3", "P3v3"],
        Ask(
            "Web app size",
            help="Its App Service plan.",
            options={"same": "as the others", "P0v3": "P0v3", "P1v3": "P1v3", "P2v3": "P2v3", "P3v3": "P3v3"},
            applies=lambda view: view.get("platform.control_plane") == "app_service",
        ),
    ] = "same"
    postgres_size: Annotated[
        str | None,
        Field(pattern=SKU),
        Ask(
            "PostgreSQL size",
            help="Compute size of its own database server.",
            allowed="an Azure Database for PostgreSQL size",
            example="Standard_D4ds_v5",
            applies=lambda view: view.get("environment") == "prod" and view.get("data.prod_server") is True,
        ),
    ] = None
