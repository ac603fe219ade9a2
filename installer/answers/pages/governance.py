"""Page Governance: posture, tags, resource names, locks and allowed regions."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page
from installer.answers.pages.patterns import REGION, REGION_WORDS
from installer.conventions.regions import regions_in
from installer.resource_id import normalised_location


class Governance(Page):
    """Rules of your organization: posture, tags, resource names, locks, allowed regions."""

    posture: Annotated[
        Literal["trial", "standard", "hardened"],
        Ask(
            "Posture",
            help="Sets the defaults of other pages. Trial allows access from the internet, Standard is private, "
            "Hardened adds longer retention, resource locks and zone redundancy.",
            options={"trial": "Trial", "standard": "Standard", "hardened": "Hardened"},
        ),
    ] = "standard"
    tags: Annotated[
        list[Annotated[str, Field(pattern=r"^[^=<>%&\\?/]{1,512}=.{0,256}$")]],
        Field(max_length=40),
        Ask(
            "Tags",
            help="Tags on every resource group and resource, in addition to the three that the installer sets.",
            allowed="name=value, separated by spaces; quote values that contain a space",
            example="costCentre=4711 owner=data-team",
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    names: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z_]{2,40}(\.[a-z-]{2,20})?=\S{1,90}$")]],
        Field(max_length=100),
        Ask(
            "Resource names",
            help="Names that override the naming convention. bicep/README.md lists the kinds.",
            allowed="kind=name or kind.environment=name",
            example="key_vault.prod=kv-data-p01",
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    locks: Annotated[
        Literal["none", "data", "groups"],
        Ask(
            "Resource locks",
            help="Delete locks. A locked resource cannot be deleted, by this installer either, until its lock is removed.",
            options={
                "none": "no locks",
                "data": "data lakes, databases, key vaults",
                "groups": "all resource groups",
            },
            bicep="locks",
        ),
    ] = "none"
    customer_keys: Annotated[
        bool,
        Ask(
            "Customer keys",
            help="Customer-managed keys encrypt data lakes, PostgreSQL, container registry and AKS disks. They are in your "
            "key vaults and rotate every year. Fixed at creation. If a key is lost, so is the data.",
        ),
    ] = False
    allowed_regions: Annotated[
        list[Annotated[str, Field(pattern=REGION)]],
        Field(max_length=60),
        Ask(
            "Allowed regions",
            help="Regions that your policies allow; the installer accepts no other. Empty = all regions.",
            allowed=f"{REGION_WORDS}, separated by spaces or commas",
            example="swedencentral westeurope",
            normal=normalised_location,
            split=regions_in,
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
