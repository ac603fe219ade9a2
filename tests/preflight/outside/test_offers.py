"""Quotas and regions of which a survey has only some: nothing rests on the others, and each line names what it is about."""

from pathlib import Path
from typing import Final

from installer.preflight.model import Report
from installer.preflight.offers import OFFERS
from installer.preflight.quota import QUOTA
from tests.bicep.answers_matrix import MATRIX
from tests.preflight.outside.bodies import AT_HOME, OWNER, PLATFORM, grant, quota, subscription
from tests.preflight.outside.surveys import HUB, survey
from tests.preflight.surveyed import from_survey

FAMILY: Final = quota("Microsoft.Compute", "standardDDSv5Family", 4)
OTHER: Final = quota("Microsoft.Compute", "standardDASv5Family", 350)
ADDRESSES: Final = quota("Microsoft.Network", "PublicIPAddresses", 3, 1)


def report(folder: Path, file: str, *quotas: object) -> Report:
    known = survey(subscription(), grant(AT_HOME, OWNER), quotas=[*quotas], listed=["Microsoft.Compute/skus"])
    return from_survey(folder, MATRIX[file], known, (QUOTA,))


def texts(found: Report) -> list[str]:
    (finding,) = found.findings
    return [way.text for way in finding.ways]


def test_a_family_that_the_survey_lacks_has_no_known_cores(tmp_path: Path) -> None:
    without = texts(report(tmp_path / "without", "01-trial-public", FAMILY))
    assert not any("whose family has" in one for one in without)
    with_other = texts(report(tmp_path / "with", "01-trial-public", FAMILY, OTHER))
    assert any("whose family has 350 cores left" in one for one in with_other)


def test_addresses_of_nat_gateways_are_not_saved_by_another_ingress(tmp_path: Path) -> None:
    private = texts(report(tmp_path / "private", "04-standard-four", ADDRESSES))
    assert any("existing firewall" in one for one in private)
    assert not any("Front Door" in one for one in private)
    gateway = texts(report(tmp_path / "gateway", "07-hardened-gateway", {**ADDRESSES, "limit": 2}))
    assert any("Front Door" in one for one in gateway)


def test_quotas_of_two_subscriptions_name_theirs(tmp_path: Path) -> None:
    known = survey(subscription(), subscription(PLATFORM), HUB, grant("", OWNER))
    (result,) = from_survey(tmp_path, MATRIX["11-existing-hub"], known, (QUOTA,)).results
    lines = [one.what for one in result.not_checked if one.what.startswith("quotas of Microsoft.Network in ")]
    assert len({*lines}) == len(lines) == 2
    assert f"quotas of Microsoft.Network in swedencentral, subscription {PLATFORM}" in lines


def test_regions_of_which_a_survey_says_nothing_are_not_said_to_offer_a_type(tmp_path: Path) -> None:
    here = {"name": "Sweden Central", "unavailable": ["Microsoft.Web/serverfarms"]}

    def what(folder: str, *regions: object) -> str:
        known = survey(subscription(), grant(AT_HOME, OWNER), regions=[*regions])
        (finding,) = from_survey(tmp_path / folder, MATRIX["01-trial-public"], known, (OFFERS,)).findings
        return finding.what

    assert what("alone", here) == "Microsoft.Web/serverfarms is not offered in Sweden Central"
    other = {"name": "North Europe", "unavailable": []}
    assert what("other", here, other).endswith("; it is offered in northeurope")
