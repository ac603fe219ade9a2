"""How much work FlowForge will do."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page
from installer.answers.pages.patterns import SKU
from installer.answers.pages.platform import kinds_of_runtime
from installer.conventions.sizing import Preset


class Sizing(Page):
    """How much work will FlowForge do? A preset fills in the numbers; each can be changed."""

    preset: Annotated[
        Preset,
        Ask(
            "Size",
            help="Fills in the numbers below. Trial is the cheapest that works; Production survives the loss of a zone.",
            options={"trial": "Trial", "team": "Team", "production": "Production"},
        ),
    ] = "team"
    node_size: Annotated[
        str,
        Field(pattern=SKU),
        Ask(
            "Worker size",
            help="VM size of the machines that run flows.",
            bicep="workerNodeSize",
            allowed="an Azure VM size",
            example="Standard_D4ds_v5",
            applies=lambda view: "aks" in kinds_of_runtime(view),
        ),
    ] = "Standard_D4ds_v5"
    worker_nodes: Annotated[
        int,
        Field(ge=1, le=50),
        Ask("Workers", help="How many machines (or replicas) run flows, in each environment.", bicep="workerNodeCount"),
    ] = 3
    worker_nodes_most: Annotated[
        int,
        Field(ge=1, le=100),
        Ask(
            "Workers at most",
            help="Up to how many machines the cluster grows by itself while flows wait.",
            bicep="workerNodeMost",
            applies=lambda view: "aks" in kinds_of_runtime(view),
        ),
    ] = 6
    postgres_size: Annotated[
        str,
        Field(pattern=SKU),
        Ask(
            "PostgreSQL size",
            help="Compute size of the shared database server.",
            bicep="postgresSize",
            allowed="an Azure Database for PostgreSQL size",
            example="Standard_D2ds_v5",
        ),
    ] = "Standard_D2ds_v5"
    postgres_storage_gb: Annotated[
        Literal[32, 64, 128, 256, 512, 1024, 2048, 4096],
        Ask(
            "PostgreSQL storage",
            help="Gigabytes to begin with; it grows by itself when it fills, and never shrinks.",
            unit="GB",
            bicep="postgresStorageGb",
        ),
    ] = 128
    postgres_ha: Annotated[
        bool,
        Ask(
            "PostgreSQL standby",
            help="A standby in another zone takes over by itself. It doubles the cost of the database.",
            bicep="postgresHighAvailability",
        ),
    ] = False
    storage_redundancy: Annotated[
        Literal["Standard_LRS", "Standard_ZRS", "Standard_GZRS"],
        Ask(
            "Storage copies",
            help="Where the copies of your data are kept. In practice it cannot be changed later.",
            options={
                "Standard_LRS": "one datacentre",
                "Standard_ZRS": "three zones",
                "Standard_GZRS": "three zones and a second region",
            },
            bicep="storageRedundancy",
        ),
    ] = "Standard_ZRS"
    web_size: Annotated[
        Literal["P0v3", "P1v3", "P2v3", "P3v3"],
        Ask(
            "Web app size",
            help="App Service plan of the control plane, one for each environment.",
            bicep="webPlanSize",
            applies=lambda view: view.get("platform.control_plane") == "app_service",
        ),
    ] = "P0v3"
