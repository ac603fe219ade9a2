"""What the organisation demands of everything that is built in its subscriptions."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page
from installer.answers.pages.patterns import REGION, REGION_WORDS


class Governance(Page):
    """What your organisation demands: posture, tags, names, locks, regions."""

    posture: Annotated[
        Literal["trial", "standard", "hardened"],
        Ask(
            "Posture",
            help="Fills in the rest: Trial may be reached from the internet, Standard is private, "
            "Hardened keeps longer, locks data and blocks attacks.",
            options={"trial": "Trial", "standard": "Standard", "hardened": "Hardened"},
        ),
    ] = "standard"
    tags: Annotated[
        list[Annotated[str, Field(pattern=r"^[^=<>%&\\?/]{1,512}=.{0,256}$")]],
        Field(max_length=40),
        Ask(
            "Tags",
            help="Tags that every resource group and resource carries, beside the installer's own three.",
            allowed="name=value, several separated by blanks; quote what contains a blank",
            example="costCentre=4711 owner=data-team",
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    names: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z_]{2,40}(\.[a-z-]{2,20})?=\S{1,90}$")]],
        Field(max_length=100),
        Ask(
            "Own names",
            help="Names that replace the convention, one by one. What can be named stands in bicep/README.md.",
            allowed="kind=name, or kind.environment=name",
            example="key_vault.prod=kv-data-p01",
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    locks: Annotated[
        Literal["none", "data", "groups"],
        Ask(
            "Locks",
            help="What nobody can delete until the lock is taken off, this installer included.",
            options={
                "none": "nothing is locked",
                "data": "lakes, databases and vaults",
                "groups": "whole resource groups",
            },
            bicep="locks",
        ),
    ] = "none"
    allowed_regions: Annotated[
        list[Annotated[str, Field(pattern=REGION)]],
        Field(max_length=60),
        Ask(
            "Allowed regions",
            help="Regions that your policies allow; an answer outside of them is refused here. None: all.",
            allowed=f"{REGION_WORDS}, several separated by blanks",
            example="swedencentral westeurope",
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
