"""Page Platform: where the web app and Prefect run."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import (
    CIDR,
    ENVIRONMENTS,
    GUID,
    GUID_WORDS,
    IMAGE,
    IMAGE_WORDS,
    REFERENCE,
    REFERENCE_WORDS,
)


def kinds_of_runtime(view: View) -> set[object]:
    """Runtimes that the environments need, overrides included."""
    environments = view.get("subscription.environments")
    differ = view.get("subscription.differ")
    kinds: set[object] = set()
    for name in environments if isinstance(environments, list) else ENVIRONMENTS[:1]:
        own = view.get(f"{name}.runtime") if isinstance(differ, list) and name in differ else None
        kinds.add(own if own in ("aks", "container_apps") else view.get("platform.runtime"))
    return kinds


def _on_aks(view: View) -> bool:
    return "aks" in kinds_of_runtime(view)


def _in_cloud(view: View) -> bool:
    return view.get("platform.prefect") == "cloud"


class Platform(Page):
    """Where the web app (control plane) and Prefect run."""

    prefect: Annotated[
        Literal["server", "cloud"],
        Ask(
            "Prefect",
            help="A self-hosted Prefect server in each environment, or Prefect Cloud with workers in Azure.",
            options={"server": "self-hosted server", "cloud": "Prefect Cloud"},
        ),
    ] = "server"
    cloud_account: Annotated[
        str,
        Field(pattern=GUID),
        Ask("Prefect account ID", help="Account ID in Prefect Cloud.", allowed=GUID_WORDS, applies=_in_cloud),
    ] = ""
    cloud_workspace: Annotated[
        str,
        Field(pattern=GUID),
        Ask("Prefect workspace", help="Workspace ID in Prefect Cloud.", allowed=GUID_WORDS, applies=_in_cloud),
    ] = ""
    cloud_key: Annotated[
        str,
        Field(pattern=REFERENCE),
        Ask(
            "Prefect API key",
            help="Reference to the API key of a Prefect service account. It is stored in the key vault of each environment.",
            allowed=REFERENCE_WORDS,
            example="env:PREFECT_API_KEY",
            applies=_in_cloud,
            secret=True,
        ),
    ] = ""
    runtime: Annotated[
        Literal["aks", "container_apps"],
        Ask(
            "Prefect runtime",
            help="Kubernetes runs each flow in its own pod; Container Apps is simpler and runs flows in the worker.",
            options={"aks": "Azure Kubernetes Service", "container_apps": "Azure Container Apps"},
            bicep="runtime",
        ),
    ] = "aks"
    private_api: Annotated[
        bool,
        Ask(
            "Private cluster",
            help="The Kubernetes API server is reachable only from the network. "
            "Select no for a trial without network access.",
            bicep="privateApiServer",
            applies=_on_aks,
        ),
    ] = True
    cluster_tier: Annotated[
        Literal["Free", "Standard"],
        Ask(
            "Cluster tier",
            help="Standard guarantees 99.95 % availability of the Kubernetes API server with availability zones, 99.9 % "
            "without. Free has no guarantee and is for trials with fewer than 10 nodes.",
            options={"Free": "Free", "Standard": "Standard (uptime SLA)"},
            bicep="clusterTier",
            applies=_on_aks,
        ),
    ] = "Standard"
    cluster_zone: Annotated[
        Literal["system", "shared", "none"],
        Ask(
            "Cluster DNS zone",
            help="Private DNS zone of the Kubernetes API server: created by AKS and linked to the network of the cluster only; "
            "one beside the other private DNS zones, also for the hub and custom DNS servers; or none and a public name with "
            "the private address.",
            options={
                "system": "created by AKS",
                "shared": "beside the other private DNS zones",
                "none": "none (public name)",
            },
            applies=lambda view: _on_aks(view) and view.get("platform.private_api") is True,
        ),
    ] = "system"
    api_ranges: Annotated[
        list[Annotated[str, Field(pattern=CIDR)]],
        Field(max_length=200),
        Ask(
            "Authorized ranges",
            help="IP ranges that may reach the public Kubernetes API server; empty = any address. The nodes reach it from "
            "outside, too: with egress through a firewall or in existing networks, name their public address here.",
            allowed="IPv4 ranges in CIDR notation",
            example="203.0.113.0/24",
            bicep="authorizedRanges",
            applies=lambda view: _on_aks(view) and view.get("platform.private_api") is False,
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    pod_range: Annotated[
        str,
        Field(pattern=CIDR),
        Ask(
            "Pod range",
            help="Address range of the pods in each cluster (overlay); every node takes a /24 of it. "
            "Empty = one that overlaps no network named here. It is fixed when a cluster is created.",
            allowed="an IPv4 range in CIDR notation",
            example="10.244.0.0/16",
            applies=_on_aks,
            optional=True,
        ),
    ] = ""
    service_range: Annotated[
        str,
        Field(pattern=CIDR),
        Ask(
            "Service range",
            help="Address range of the services in each cluster. Empty = one that overlaps no network named here. It is "
            "fixed when a cluster is created.",
            allowed="an IPv4 range in CIDR notation",
            example="10.245.0.0/16",
            applies=_on_aks,
            optional=True,
        ),
    ] = ""
    prefect_servers: Annotated[
        int,
        Field(ge=1, le=5),
        Ask(
            "Prefect servers",
            help="Replicas of the Prefect server in each environment. More than one adds Azure Managed Redis.",
            bicep="prefectServerCount",
            applies=lambda view: view.get("platform.prefect") == "server",
        ),
    ] = 1
    control_plane: Annotated[
        Literal["app_service", "container_app"],
        Ask(
            "Web app hosting",
            help="App Service offers a staging slot; a container app shares the environment of Prefect.",
            options={"app_service": "App Service", "container_app": "Container Apps"},
            bicep="controlPlane",
        ),
    ] = "app_service"
    slot: Annotated[
        bool,
        Ask(
            "Staging slot",
            help="Deployment slot to test a new version of the web app before the swap.",
            bicep="stagingSlot",
            applies=lambda view: view.get("platform.control_plane") == "app_service",
        ),
    ] = True
    slot_data: Annotated[
        Literal["none", "environment"],
        Ask(
            "Staging slot data",
            help="Data that the staging slot works with before a swap: none, or the databases and the data lake of the "
            "environment. A swap applies the settings of the environment before users reach the new version.",
            options={"none": "none", "environment": "that of the environment"},
            bicep="slotData",
            applies=lambda view: (
                view.get("platform.control_plane") == "app_service" and view.get("platform.slot") is True
            ),
        ),
    ] = "none"
    web_image: Annotated[
        str,
        Field(pattern=IMAGE, max_length=255),
        Ask(
            "Web app image",
            help="Repository and tag (or digest) of the FlowForge web app in the new container registry.",
            allowed=IMAGE_WORDS,
            example="flowforge/web:1.0.0",
        ),
    ] = "flowforge/web:1.0.0"
    prefect_image: Annotated[
        str,
        Field(pattern=IMAGE, max_length=255),
        Ask(
            "Prefect image",
            help="Image of Prefect servers, workers and jobs, with FlowForge's additions, in the same registry.",
            allowed=IMAGE_WORDS,
            example="flowforge/prefect:3.8.8",
        ),
    ] = "flowforge/prefect:3.8.8"
    features: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]],
        Field(max_length=40),
        Ask(
            "Feature flags",
            help="FlowForge features to enable in the web app.",
            allowed="names of lower-case letters, digits and hyphens, separated by spaces",
            example="lineage cost-report",
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    zones: Annotated[
        Literal["same", "all", "none"],
        Ask(
            "Availability zones",
            help="Node pools, Container Apps, web app and Application Gateway in several zones, or like "
            "PostgreSQL. Most of them keep their zones for their lifetime.",
            options={"same": "same as High availability", "all": "in all zones", "none": "without zones"},
        ),
    ] = "same"
    maintenance_day: Annotated[
        Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        Ask(
            "Maintenance day",
            help="Maintenance window of cluster, nodes and PostgreSQL, starting at 02:00 UTC.",
            bicep="maintenanceDay",
        ),
    ] = "Sunday"
