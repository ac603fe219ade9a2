"""A survey answers only what it contains: everything else is not checked, and no way out claims what it does not prove."""

from pathlib import Path
from typing import Any, Final

import pytest

from installer.preflight.model import Finding, NotChecked
from installer.preflight.network.check import NETWORK
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import REGION
from tests.preflight.surveyed import from_survey, sample

VAULT = {"type": "Microsoft.KeyVault/vaults", "name": "kv-ff-contoso-dev"}


def limited(folder: Path, survey: dict[str, Any]) -> tuple[list[Finding], list[NotChecked], set[str]]:
    """Findings, what was not checked, and the titles of the checks that passed, from a survey."""
    report = from_survey(folder, sample(), survey)
    unseen = [one for result in report.results for one in result.not_checked]
    return list(report.findings), unseen, {result.title for result in report.results if result.state == "passed"}


def test_an_empty_survey_proves_nothing_but_that_it_lists_no_resources(tmp_path: Path) -> None:
    findings, unseen, passed = limited(tmp_path, {"registrations": {}})
    assert findings == []
    assert passed <= {"Network", "Sign-on", "Images", "Certificates", "Prefect Cloud"}
    assert any("the survey has no resource providers" in one.why for one in unseen)


def test_what_a_survey_contains_is_found_and_the_rest_is_not_checked(tmp_path: Path) -> None:
    cores = {"provider": "Microsoft.Compute", "location": REGION, "name": "cores", "limit": 10, "current": 2}
    region = {"name": REGION, "zones": {"1": "a", "2": "b", "3": "c"}}
    findings, unseen, _ = limited(tmp_path, {"takenNames": [VAULT], "quotas": [cores], "regions": [region]})
    assert {finding.code for finding in findings} == {"VaultAlreadyExists", "QuotaExceeded"}
    taken = next(finding for finding in findings if finding.code == "VaultAlreadyExists")
    assert not any("which is free" in way.text for way in taken.ways)
    assert any(one.what == "whether stffcontosodev is free" for one in unseen)
    assert any("no quotas of microsoft.network" in one.why for one in unseen)


def test_a_name_that_was_free_when_the_survey_was_read_is_free(tmp_path: Path) -> None:
    _, unseen, _ = limited(tmp_path, {"freeNames": [VAULT]})
    assert not any(one.what == "whether kv-ff-contoso-dev is free" for one in unseen)


HUB: Final = "9d0a6c1e-52b7-4a0f-8d3c-6a1f2b4c5d6e"
"""Subscription of the existing hub of the example."""
NETWORKS: Final = "Microsoft.Network/virtualNetworks"


@pytest.mark.parametrize(
    ("kinds", "resources", "missing"),
    [
        ((), (), set()),
        (("Microsoft.Resources/resourceGroups",), (), {"rg-hub", "rg-dns"}),
        ((NETWORKS,), ("rg-dns", "rg-hub"), {"vnet-hub"}),
        ((NETWORKS,), ("rg-dns", f"rg-hub/providers/{NETWORKS}/vnet-hub"), {"vnet-hub/snet-endpoints"}),
    ],
)
def test_a_survey_that_lists_a_type_of_another_subscription_proves_what_is_missing_there(
    tmp_path: Path, kinds: tuple[str, ...], resources: tuple[str, ...], missing: set[str]
) -> None:
    body = {"id": f"/subscriptions/{HUB}", "state": "Enabled"}
    facts = {"location": REGION, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    there = [{"id": f"/subscriptions/{HUB}/resourceGroups/{one}", **facts} for one in resources]
    listed = [f"/subscriptions/{HUB}/providers/{kind}" for kind in kinds]
    survey = {"resources": [body, *there], "listed": listed}
    (found,) = from_survey(tmp_path, MATRIX["11-existing-hub"], survey, (NETWORK,)).results
    assert {one.what.partition(" ")[0] for one in found.findings if "does not exist" in one.what} == missing, found
    unseen = {one.what for one in found.not_checked}
    assert not unseen & {f"whether {one} exists" for one in missing}
    assert ("whether rg-hub exists" in unseen) is (not kinds)
