"""The templates refer to nothing in another region where Azure accepts that in one region only."""

import pytest

from installer.estate.bodies import planned_bodies
from installer.json_access import as_text
from installer.regional_ties import same_region, ties
from installer.resource_id import normalised_location, parent_id_of
from tests.bicep.answers_matrix import MATRIX

IN_TWO_REGIONS = ("06-mixed-other-way", "37-existing-hub-plain")


@pytest.mark.parametrize("name", IN_TWO_REGIONS)
def test_environments_in_other_regions_have_their_own(name: str) -> None:
    bodies = list(planned_bodies(MATRIX[name]))
    regions = {body.id.lower(): normalised_location(as_text(body.body.get("location"))) for body in bodies}
    assert len({*regions.values()} - {"", "global"}) > 1
    tied = [
        (regions[body.id.lower()] or regions.get(parent_id_of(body.id).lower(), ""), regions[tie.place.lower()], tie)
        for body in bodies
        for tie in ties(body.type, body.id, body.body)
        if tie.place.lower() in regions
    ]
    assert len(tied) > 20
    assert [tie for here, there, tie in tied if not same_region(here, there)] == []
