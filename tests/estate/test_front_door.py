"""Private links of Front Door start in a region that has them, whatever the region of the web app."""

import pytest

from installer.conventions.regions import NEAREST_ORIGIN, PRIVATE_LINK_ORIGINS
from installer.emulator.providers.data_files import load
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.ingress import ingress
from installer.json_access import as_list, as_text, member
from tests.bicep.answers_variants import answers

REGIONS = [as_text(member(one, "name")) for one in as_list(load("regions"))]
PUBLIC = [name for name in REGIONS if not name.startswith(("usgov", "usdod", "china"))]


@pytest.mark.parametrize("region", PUBLIC)
def test_the_private_link_starts_in_a_region_that_front_door_offers(region: str) -> None:
    given = answers("prod", region=region, ingress={"kind": "frontdoor", "host": "flowforge.contoso.com"})
    apps = member(ingress(Installation(given), PLACEHOLDER_OUTPUTS, "prod"), "apps")
    (location,) = (member(app, "privateLinkLocation") for app in as_list(apps))
    assert location in as_list(member(load("front_door"), "regions"))


def test_the_nearest_regions_have_private_link_origins() -> None:
    assert set(NEAREST_ORIGIN.values()) <= PRIVATE_LINK_ORIGINS
    assert not PRIVATE_LINK_ORIGINS & set(NEAREST_ORIGIN)
