"""Where everything is built."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page
from installer.answers.pages.patterns import GUID, GUID_WORDS, REGION, REGION_WORDS, Environment


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
        Field(pattern=REGION),
        Ask(
            "Region",
            help="The Azure region for every resource. It cannot be changed later without building anew.",
            source="regions",
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
            help="Each gets its own network, resource groups, identities, storage and Prefect work pool.",
            options={"dev": "Development", "qa": "Test", "uat": "Acceptance", "prod": "Production"},
        ),
    ] = ["dev"]  # noqa: RUF012  pydantic copies defaults
    differ: Annotated[
        list[Environment],
        Field(max_length=4),
        Ask(
            "Set up differently",
            help="These get a page of their own for region, subscription, kind of runtime and sizes.",
            options={"dev": "Development", "qa": "Test", "uat": "Acceptance", "prod": "Production"},
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
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
