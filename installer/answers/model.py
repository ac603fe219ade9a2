"""The questions of the wizard, each in one place. Reading this file is reading the wizard.

Everything here is free of secrets: a secret answer is a reference to where the secret is kept.
"""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from installer.answers.ask import Ask, Page, View
from installer.sizing import PRESETS, Preset

KIND: Final = "flowforge-answers"
VERSION: Final = 1

Environment = Literal["dev", "qa", "uat", "prod"]
ENVIRONMENTS: Final[tuple[Environment, ...]] = ("dev", "qa", "uat", "prod")

GUID: Final = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
GUID_WORDS: Final = "an id of the form 00000000-0000-0000-0000-000000000000"
IPV4: Final = r"^\d{1,3}(\.\d{1,3}){3}$"
CIDR: Final = r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$"
SKU: Final = r"^[A-Za-z][A-Za-z0-9_]{1,39}$"


class Subscription(Page):
    """Where everything is built. You pay for it there; nothing leaves this tenant."""

    cloud: Annotated[
        Literal["public", "usgov", "china"],
        Ask(
            "Cloud",
            help="The Azure cloud that the subscription lives in. It decides end points and DNS names.",
            options={"public": "Azure public", "usgov": "US Government", "china": "China (21Vianet)"},
        ),
    ] = "public"
    tenant: Annotated[
        str,
        Field(pattern=GUID),
        Ask(
            "Tenant",
            help="The Entra tenant that owns the subscription and whose people will sign in.",
            source="tenants",
            allowed=GUID_WORDS,
        ),
    ]
    subscription: Annotated[
        str,
        Field(pattern=GUID),
        Ask(
            "Subscription",
            help="Everything is built in this subscription, and paid for there.",
            source="subscriptions",
            allowed=GUID_WORDS,
        ),
    ]
    region: Annotated[
        str,
        Field(pattern=r"^[a-z][a-z0-9]{2,39}$"),
        Ask(
            "Region",
            help="The Azure region for every resource. It cannot be changed later without building anew.",
            source="regions",
            bicep="location",
            allowed="a region name in lower case without spaces",
            example="swedencentral",
        ),
    ]
    environments: Annotated[
        list[Environment],
        Field(min_length=1, max_length=4),
        Ask(
            "Environments",
            help="Each gets its own network, resource groups, identities, storage and Prefect work pool.",
            options={"dev": "Development", "qa": "Test", "uat": "Acceptance", "prod": "Production"},
        ),
    ] = ["dev"]  # noqa: RUF012  pydantic copies defaults
    prefix: Annotated[
        str,
        Field(pattern=r"^[a-z][a-z0-9]{1,9}$", min_length=2, max_length=10),
        Ask(
            "Prefix",
            help="Stands in every name, so that names are unique in Azure: 2 to 10 lower-case letters and digits.",
            allowed="2 to 10 lower-case letters and digits, a letter first",
            example="contoso",
        ),
    ]


def _behind_firewall(view: View) -> bool:
    return view.get("network.egress") == "firewall"


class Network(Page):
    """One address space, a hub, and a spoke for each environment."""

    address_space: Annotated[
        str,
        Field(pattern=CIDR),
        Ask(
            "Address space",
            help="Hub and spokes are carved from it. It must not overlap networks that you will peer or connect.",
            allowed="an IPv4 range in CIDR notation",
            example="10.40.0.0/16",
        ),
    ] = "10.40.0.0/16"
    egress: Annotated[
        Literal["nat", "firewall"],
        Ask(
            "Egress",
            help="How workloads reach the internet: a NAT gateway of their own, or a firewall that you already run.",
            options={"nat": "NAT gateway per spoke", "firewall": "existing firewall"},
            bicep="egress",
        ),
    ] = "nat"
    firewall_address: Annotated[
        str,
        Field(pattern=IPV4),
        Ask(
            "Firewall address",
            help="Private address of the firewall: the next hop of every spoke's default route.",
            allowed="an IPv4 address",
            example="10.0.0.4",
            bicep="firewallAddress",
            applies=_behind_firewall,
        ),
    ] = ""


def _on_aks(view: View) -> bool:
    return view.get("platform.runtime") == "aks"


class Platform(Page):
    """Where the control plane and Prefect run."""

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
    web_image: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[a-f0-9]{64})$",
            max_length=255,
        ),
        Ask(
            "Web app image",
            help="Repository and tag (or digest) of the FlowForge web app in the registry that is built here.",
            bicep="webImage",
            allowed="repository:tag or repository@sha256:digest, without a registry",
            example="flowforge/web:1.0.0",
        ),
    ] = "flowforge/web:1.0.0"


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
            applies=_on_aks,
        ),
    ] = "Standard_D4ds_v5"
    worker_nodes: Annotated[
        int,
        Field(ge=1, le=50),
        Ask("Workers", help="How many machines (or replicas) run flows, in each environment.", bicep="workerNodeCount"),
    ] = 3
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
            "Web app size", help="App Service plan of the control plane, one for each environment.", bicep="webPlanSize"
        ),
    ] = "P0v3"

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, data: object) -> object:
        """Numbers that nobody gave come from the preset."""
        if not isinstance(data, dict):
            return data
        preset = PRESETS.get(data.get("preset", "team"), {}) if isinstance(data.get("preset", "team"), str) else {}
        return {**preset, **data}


def _has_registration(view: View) -> bool:
    return view.get("sign_on.method") in {"secretless", "secret"}


def _uses_secret(view: View) -> bool:
    return view.get("sign_on.method") == "secret"


class SignOn(Page):
    """How people sign in to FlowForge with their Entra accounts."""

    method: Annotated[
        Literal["later", "secretless", "secret"],
        Ask(
            "Sign-on",
            help="Secretless uses the web app's own identity as its credential; a client secret is the older way.",
            options={
                "later": "set up later; nobody can sign in yet",
                "secretless": "existing app registration, no secret",
                "secret": "existing app registration with a client secret",
            },
            bicep="signOnMethod",
        ),
    ] = "later"
    client_id: Annotated[
        str,
        Field(pattern=GUID),
        Ask(
            "Client id",
            help="Application (client) id of the app registration that stands for FlowForge in your directory.",
            bicep="signOnClientId",
            allowed=GUID_WORDS,
            applies=_has_registration,
        ),
    ] = ""
    client_secret: Annotated[
        str,
        Field(pattern=r"^(env:[A-Za-z_][A-Za-z0-9_]*|keyring:[A-Za-z0-9_./-]{1,100})$"),
        Ask(
            "Client secret",
            help="Where the secret is kept. It goes into the Key Vault of each environment and nowhere else.",
            bicep="signOnClientSecret",
            allowed="env:NAME or keyring:NAME",
            example="env:FLOWFORGE_CLIENT_SECRET",
            applies=_uses_secret,
            secret=True,
        ),
    ] = ""


class Answers(BaseModel):
    """All decisions of one installation. Versioned; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: Literal["flowforge-answers"] = KIND
    version: Literal[1] = VERSION
    subscription: Subscription
    network: Network = Network()
    platform: Platform = Platform()
    sizing: Sizing = Sizing()
    sign_on: SignOn = SignOn()


PAGES: Final[dict[str, type[Page]]] = {
    "subscription": Subscription,
    "network": Network,
    "platform": Platform,
    "sizing": Sizing,
    "sign_on": SignOn,
}
