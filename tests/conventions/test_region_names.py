"""Regions as people write them."""

import pytest

from installer.conventions.regions import KNOWN_REGIONS, near_regions, regions_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("westeurope", ["westeurope"]),
        ("west europe", ["westeurope"]),
        ("West Europe, Sweden Central", ["westeurope", "swedencentral"]),
        ("West Europe Sweden Central", ["westeurope", "swedencentral"]),
        ("westeurope swedencentral", ["westeurope", "swedencentral"]),
        ("East US 2 East US", ["eastus2", "eastus"]),
        ("Australia Central 2; UK South", ["australiacentral2", "uksouth"]),
        ('"West Europe" northeurope', ["westeurope", "northeurope"]),
        ("a new region", ["a", "new", "region"]),
        ("a new region, westeurope", ["a", "new", "region", "westeurope"]),
        ("USGov Virginia", ["usgovvirginia"]),
        ("", []),
        (" , ", []),
    ],
)
def test_typed_regions(text: str, names: list[str]) -> None:
    assert regions_in(text) == names


@pytest.mark.parametrize(
    ("text", "near"),
    [("westeuropa", "westeurope"), ("Sweden Centrall", "swedencentral"), ("swedencenral", "swedencentral")],
)
def test_near_names(text: str, near: str) -> None:
    assert near_regions(text)[0] == near


def test_what_is_like_no_region_has_no_near_name() -> None:
    assert near_regions("atlantis") == []
    assert near_regions("westeuropa", ["japaneast"]) == []


def test_known_regions_cover_the_public_ones_and_the_other_clouds() -> None:
    assert {"eastus", "eastus2", "centralus", "westus3", "westeurope", "chinanorth3", "usgovarizona"} <= KNOWN_REGIONS
