"""Overrides of one environment. The same page serves dev, qa, uat and prod.

Predicates read the name of the environment under the key "environment" of the view.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import (
    GUID,
    GUID_WORDS,
    IMAGE_BY_DIGEST,
    IMAGE_BY_DIGEST_WORDS,
    REGION,
    REGION_WORDS,
    SKU,
)
from installer.resource_id import normalised_location


def differs(view: View) -> bool:
    """Whether the environment has its own page of overrides."""
    here, differ, all_of_them = (
        view.get(key) for key in ("environment", "subscription.differ", "subscription.environments")
    )
    return isinstance(differ, list) and isinstance(all_of_them, list) and here in differ and here in all_of_them


def _runtime(view: View) -> object:
    own = view.get(f"{view.get('environment')}.runtime")
    return own if own in ("aks", "container_apps") else view.get("platform.runtime")


def _has_others(view: View) -> bool:
    environments = view.get("subscription.environments")
    return isinstance(environments, list) and len(environments) > 1


_BY_DIGEST: Final = Field(pattern=IMAGE_BY_DIGEST, max_length=512)


def _own_image(label: str, runs_in: str, repository: str) -> Ask:
    """The question for an image of this environment alone; `runs_in`: the workloads that it is for."""
    return Ask(
        label,
        help=f"Image of its {runs_in} by digest, if it differs from the common one. It is imported from the registry of "
        "the common image, or is in the registry of the installation already.",
        allowed=IMAGE_BY_DIGEST_WORDS,
        example=f"flowforge/{repository}@sha256:{'0' * 64}",
        applies=_has_others,
    )


class EnvironmentPage(Page):
    """Overrides for this environment; an empty field keeps the common setting."""

    subscription: Annotated[
        str | None,
        Field(pattern=GUID),
        Ask(
            "Subscription",
            help="Subscription for this environment, if it differs from the common one.",
            source="subscriptions",
            allowed=GUID_WORDS,
        ),
    ] = None
    region: Annotated[
        str | None,
        Field(pattern=REGION),
        Ask(
            "Region",
            help="Region for this environment, if it differs from the common one.",
            source="regions",
            normal=normalised_location,
            allowed=REGION_WORDS,
        ),
    ] = None
    runtime: Annotated[
        Literal["same", "aks", "container_apps"],
        Ask(
            "Prefect runtime",
            help="Where this environment runs its flows.",
            options={"same": "common setting", "aks": "Kubernetes Service", "container_apps": "Container Apps"},
        ),
    ] = "same"
    node_size: Annotated[
        str | None,
        Field(pattern=SKU),
        Ask(
            "VM size",
            source="node_sizes",
            help="VM size of its worker nodes.",
            allowed="an Azure VM size",
            example="Standard_D2ds_v5",
            applies=lambda view: _runtime(view) == "aks",
        ),
    ] = None
    worker_nodes: Annotated[
        int | None, Field(ge=1, le=50), Ask("Node count", help="Number of its worker nodes or worker replicas.")
    ] = None
    worker_nodes_most: Annotated[
        int | None,
        Field(ge=1, le=100),
        Ask(
            "Maximum node count",
            help="Upper limit of the cluster autoscaler.",
            applies=lambda view: _runtime(view) == "aks",
        ),
    ] = None
    storage_redundancy: Annotated[
        Literal["same", "Standard_LRS", "Standard_ZRS", "Standard_GZRS"],
        Ask(
            "Storage redundancy",
            help="Replication of its storage accounts.",
            options={
                "same": "common setting",
                "Standard_LRS": "locally redundant (LRS)",
                "Standard_ZRS": "zone-redundant (ZRS)",
                "Standard_GZRS": "geo-zone-redundant (GZRS)",
            },
        ),
    ] = "same"
    web_size: Annotated[
        Literal["same", "P0v3", "P1v3", "P2v3", "P3v3"],
        Ask(
            "App Service plan",
            help="Pricing tier of its App Service plan.",
            options={"same": "common setting", "P0v3": "P0v3", "P1v3": "P1v3", "P2v3": "P2v3", "P3v3": "P3v3"},
            applies=lambda view: view.get("platform.control_plane") == "app_service",
        ),
    ] = "same"
    postgres_size: Annotated[
        str | None,
        Field(pattern=SKU),
        Ask(
            "PostgreSQL SKU",
            source="postgres_sizes",
            help="Compute size of its dedicated PostgreSQL server.",
            allowed="a compute size of Azure Database for PostgreSQL",
            example="Standard_D4ds_v5",
            applies=lambda view: view.get("environment") == "prod" and view.get("data.prod_server") is True,
        ),
    ] = None
    web_image: Annotated[str | None, _BY_DIGEST, _own_image("Web app image", "web app", "web")] = None
    prefect_image: Annotated[
        str | None, _BY_DIGEST, _own_image("Prefect image", "Prefect server and workers", "prefect")
    ] = None
