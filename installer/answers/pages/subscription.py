"""Page Subscription: tenant, subscription, region and environments."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page
from installer.answers.pages.patterns import GUID, GUID_WORDS, REGION, REGION_WORDS, Environment
from installer.resource_id import normalised_location


class Subscription(Page):
    """Subscription, region and environments of the installation."""

    cloud: Annotated[
        Literal["public", "usgov", "china"],
        Ask(
            "Cloud",
            help="Azure cloud of the subscription. It determines endpoints and DNS names.",
            options={"public": "Azure public", "usgov": "Azure US Government", "china": "Azure China (21Vianet)"},
        ),
    ] = "public"
    tenant: Annotated[
        str,
        Field(pattern=GUID),
        Ask(
            "Tenant ID",
            help="Directory (tenant) ID of the Entra tenant of the subscription and of the users.",
            source="tenants",
            allowed=GUID_WORDS,
        ),
    ]
    subscription: Annotated[
        str,
        Field(pattern=GUID),
        Ask(
            "Subscription",
            help="Subscription in which the resources are created and billed.",
            source="subscriptions",
            allowed=GUID_WORDS,
        ),
    ]
    region: Annotated[
        str,
        Field(pattern=REGION),
        Ask(
            "Region",
            help="Azure region of all resources. It cannot be changed without a new installation.",
            source="regions",
            normal=normalised_location,
            bicep="location",
            allowed=REGION_WORDS,
            example="swedencentral",
        ),
    ]
    environments: Annotated[
        list[Environment],
        Field(min_length=1, max_length=4),
        Ask(
            "Environments",
            help="Each has its own virtual network, resource groups, managed identities, storage and Prefect work pool.",
            options={"dev": "Development", "qa": "Test", "uat": "Acceptance", "prod": "Production"},
        ),
    ] = ["dev"]  # noqa: RUF012  pydantic copies defaults
    differ: Annotated[
        list[Environment],
        Field(max_length=4),
        Ask(
            "Overrides for",
            help="Environments with their own page to override region, subscription, runtime and sizes.",
            options={"dev": "Development", "qa": "Test", "uat": "Acceptance", "prod": "Production"},
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    prefix: Annotated[
        str,
        Field(pattern=r"^[a-z][a-z0-9]{1,9}$", min_length=2, max_length=10),
        Ask(
            "Prefix",
            help="Part of every resource name, so that names are unique in Azure.",
            allowed="2 to 10 lower-case letters and digits, starting with a letter",
            example="contoso",
        ),
    ]
