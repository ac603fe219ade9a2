"""Page Sizing: node counts, SKUs and redundancy."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page
from installer.answers.pages.patterns import SKU
from installer.answers.pages.platform import kinds_of_runtime
from installer.conventions.sizing import Preset


class Sizing(Page):
    """Capacity and redundancy. A preset sets the values; each can be changed."""

    preset: Annotated[
        Preset,
        Ask(
            "Size",
            help="Sets the values below. Trial has the lowest cost; Production survives the loss of an availability zone.",
            options={"trial": "Trial", "team": "Team", "production": "Production"},
        ),
    ] = "team"
    node_size: Annotated[
        str,
        Field(pattern=SKU),
        Ask(
            "VM size",
            source="node_sizes",
            help="VM size of the worker nodes that run flows.",
            bicep="workerNodeSize",
            allowed="an Azure VM size",
            example="Standard_D4ds_v5",
            applies=lambda view: "aks" in kinds_of_runtime(view),
        ),
    ] = "Standard_D4ds_v5"
    worker_nodes: Annotated[
        int,
        Field(ge=1, le=50),
        Ask(
            "Node count",
            help="Worker nodes of a new cluster (or worker replicas) in each environment.",
            bicep="workerNodeCount",
        ),
    ] = 3
    worker_nodes_least: Annotated[
        int,
        Field(ge=0, le=50),
        Ask(
            "Minimum node count",
            help="Worker nodes that remain when no flows run. With 0, only those that Prefect itself needs remain, and a "
            "flow may wait some minutes for a node. At most the node count.",
            applies=lambda view: "aks" in kinds_of_runtime(view),
        ),
    ] = 0
    worker_nodes_most: Annotated[
        int,
        Field(ge=1, le=100),
        Ask(
            "Maximum node count",
            help="Upper limit of the cluster autoscaler.",
            bicep="workerNodeMost",
            applies=lambda view: "aks" in kinds_of_runtime(view),
        ),
    ] = 6
    system_node_size: Annotated[
        str,
        Field(pattern=SKU),
        Ask(
            "System node size",
            source="system_sizes",
            help="VM size of the nodes that run the pods of the cluster itself: 4 cores or more, and no B series. It "
            "cannot be changed later.",
            allowed="an Azure VM size",
            example="Standard_D4ds_v5",
            applies=lambda view: "aks" in kinds_of_runtime(view),
        ),
    ] = "Standard_D4ds_v5"
    postgres_size: Annotated[
        str,
        Field(pattern=SKU),
        Ask(
            "PostgreSQL SKU",
            source="postgres_sizes",
            help="Compute size of the shared PostgreSQL server.",
            bicep="postgresSize",
            allowed="a compute size of Azure Database for PostgreSQL",
            example="Standard_D2ds_v5",
        ),
    ] = "Standard_D2ds_v5"
    postgres_storage_gb: Annotated[
        Literal[32, 64, 128, 256, 512, 1024, 2048, 4096],
        Ask(
            "PostgreSQL storage",
            help="Initial storage size. It can grow, but it cannot be reduced.",
            unit="GB",
            bicep="postgresStorageGb",
        ),
    ] = 128
    postgres_ha: Annotated[
        bool,
        Ask(
            "High availability",
            help="Zone-redundant PostgreSQL: a standby in another zone takes over automatically. "
            "It doubles the cost of the server.",
            bicep="postgresHighAvailability",
        ),
    ] = False
    storage_redundancy: Annotated[
        Literal["Standard_LRS", "Standard_ZRS", "Standard_GZRS"],
        Ask(
            "Storage redundancy",
            help="Replication of the storage accounts. In practice it cannot be changed later.",
            options={
                "Standard_LRS": "locally redundant (LRS)",
                "Standard_ZRS": "zone-redundant (ZRS)",
                "Standard_GZRS": "geo-zone-redundant (GZRS)",
            },
            bicep="storageRedundancy",
        ),
    ] = "Standard_ZRS"
    web_size: Annotated[
        Literal["P0v3", "P1v3", "P2v3", "P3v3"],
        Ask(
            "App Service plan",
            help="Pricing tier of the App Service plan, one plan for each environment.",
            bicep="webPlanSize",
            applies=lambda view: view.get("platform.control_plane") == "app_service",
        ),
    ] = "P0v3"
