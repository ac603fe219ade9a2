"""Where the control plane and Prefect run."""

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
    """The kinds of runtime that the environments together need."""
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
    """Where the control plane and Prefect run."""

    prefect: Annotated[
        Literal["server", "cloud"],
        Ask(
            "Prefect",
            help="A Prefect server of your own in each environment, or Prefect Cloud with workers in Azure.",
            options={"server": "server in Azure", "cloud": "Prefect Cloud"},
        ),
    ] = "server"
    cloud_account: Annotated[
        str,
        Field(pattern=GUID),
        Ask("Prefect account", help="Id of the Prefect Cloud account.", allowed=GUID_WORDS, applies=_in_cloud),
    ] = ""
    cloud_workspace: Annotated[
        str,
        Field(pattern=GUID),
        Ask("Prefect workspace", help="Id of its workspace.", allowed=GUID_WORDS, applies=_in_cloud),
    ] = ""
    cloud_key: Annotated[
        str,
        Field(pattern=REFERENCE),
        Ask(
            "Prefect API key",
            help="Where the key of a Prefect service account is kept. It goes into the key vault of each environment.",
            allowed=REFERENCE_WORDS,
            example="env:PREFECT_API_KEY",
            applies=_in_cloud,
            secret=True,
        ),
    ] = ""
    runtime: Annotated[
        Literal["aks", "container_apps"],
        Ask(
            "Prefect runs on",
            help="Kubernetes runs each flow in a pod of its own; Container Apps is simpler and runs flows in the worker.",
            options={"aks": "Azure Kubernetes Service", "container_apps": "Azure Container Apps"},
            bicep="runtime",
        ),
    ] = "aks"
    private_api: Annotated[
        bool,
        Ask(
            "Private API server",
            help="The Kubernetes API answers only inside the network. Choose no for a trial without a way in.",
            bicep="privateApiServer",
            applies=_on_aks,
        ),
    ] = True
    api_ranges: Annotated[
        list[Annotated[str, Field(pattern=CIDR)]],
        Field(max_length=200),
        Ask(
            "API reached from",
            help="Addresses from which the public Kubernetes API may be reached. None: from everywhere.",
            allowed="IPv4 ranges in CIDR notation",
            example="203.0.113.0/24",
            bicep="authorizedRanges",
            applies=lambda view: _on_aks(view) and view.get("platform.private_api") is False,
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    prefect_servers: Annotated[
        int,
        Field(ge=1, le=5),
        Ask(
            "Prefect servers",
            help="Replicas of the Prefect server in each environment. More than one need a Redis, which is built then.",
            bicep="prefectServerCount",
            applies=lambda view: view.get("platform.prefect") == "server",
        ),
    ] = 1
    control_plane: Annotated[
        Literal["app_service", "container_app"],
        Ask(
            "Web app runs on",
            help="App Service has a staging slot; a Container App shares the environment that Prefect runs in.",
            options={"app_service": "App Service", "container_app": "Container Apps"},
            bicep="controlPlane",
        ),
    ] = "app_service"
    slot: Annotated[
        bool,
        Ask(
            "Staging slot",
            help="A second copy of the web app to try a new version on before it is swapped in.",
            bicep="stagingSlot",
            applies=lambda view: view.get("platform.control_plane") == "app_service",
        ),
    ] = True
    web_image: Annotated[
        str,
        Field(pattern=IMAGE, max_length=255),
        Ask(
            "Web app image",
            help="Repository and tag (or digest) of the FlowForge web app in the registry that is built here.",
            bicep="webImage",
            allowed=IMAGE_WORDS,
            example="flowforge/web:1.0.0",
        ),
    ] = "flowforge/web:1.0.0"
    prefect_image: Annotated[
        str,
        Field(pattern=IMAGE, max_length=255),
        Ask(
            "Prefect image",
            help="Image of Prefect servers, workers and jobs, with what FlowForge adds, in the same registry.",
            bicep="prefectImage",
            allowed=IMAGE_WORDS,
            example="flowforge/prefect:3.8.8",
        ),
    ] = "flowforge/prefect:3.8.8"
    features: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]],
        Field(max_length=40),
        Ask(
            "Feature flags",
            help="Parts of FlowForge that are switched on; they are handed to the web app.",
            allowed="words of lower-case letters, digits and hyphens",
            example="lineage cost-report",
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    maintenance_day: Annotated[
        Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        Ask(
            "Maintenance day",
            help="When Azure may upgrade cluster, nodes and database, from 02:00 UTC on.",
            bicep="maintenanceDay",
        ),
    ] = "Sunday"
