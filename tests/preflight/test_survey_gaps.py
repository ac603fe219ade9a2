"""Gaps of a survey about a region that it names are not checked; gaps in lists of Azure are named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from installer.jsontypes import Json
from installer.preflight.model import Check, Result
from installer.preflight.offers import OFFERS
from installer.preflight.quota import QUOTA
from installer.preflight.reads import Reads, Request
from installer.preflight.report import check_all
from installer.preflight.scopes import SCOPES
from installer.preflight.sizes import SIZES
from tests.bicep.answers_variants import OTHER, REGION
from tests.emulator.in_memory import SUBSCRIPTION
from tests.preflight.surveyed import from_survey, sample, subject_of

NAMESPACES: Final = ("Microsoft.Compute", "Microsoft.Network")
BARE: Final[dict[str, Any]] = {
    "registrations": {"Microsoft.Compute": "Registered"},
    "regions": [{"name": REGION}],
    "quotas": [{"provider": one, "location": REGION, "name": "cores", "limit": 500} for one in NAMESPACES],
    "resources": [{"id": f"/subscriptions/{SUBSCRIPTION}", "state": "Enabled"}],
}
WHOLE: Final[dict[str, Any]] = {
    **BARE,
    "regions": [{"name": REGION, "unavailable": []}],
    "listed": ["Microsoft.Compute/skus", "Microsoft.DBforPostgreSQL/locations/capabilities"],
    "kubernetesVersions": [{"location": REGION, "version": "1.36", "isDefault": True}],
}


def result(folder: Path, check: Check, facts: dict[str, Any]) -> Result:
    (found,) = from_survey(folder, sample(), facts, (check,)).results
    return found


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (SIZES, "which VM sizes it may not use"),
        (SIZES, "whether it may create PostgreSQL servers"),
        (SIZES, "the survey has no versions of AKS"),
        (OFFERS, f"which resource types {REGION} lacks"),
    ],
)
def test_a_part_that_a_survey_leaves_out_proves_nothing(tmp_path: Path, check: Check, words: str) -> None:
    bare = result(tmp_path / "bare", check, BARE)
    assert any(words in one.why for one in bare.not_checked), bare
    whole = result(tmp_path / "whole", check, WHOLE)
    assert not any(words in one.why for one in whole.not_checked), whole
    assert len(whole.proofs) > len(bare.proofs)


def test_a_quota_that_a_survey_leaves_out_is_named_and_does_not_count(tmp_path: Path) -> None:
    found = result(tmp_path, QUOTA, BARE)
    unseen = {one.what: one.why for one in found.not_checked}
    assert unseen[f"quota standardDDSv5Family of Microsoft.Compute in {REGION}"] == "the survey does not have it"
    assert any("VirtualNetworks" in what and "PrivateEndpoints" in what for what in unseen)
    assert [one.text for one in found.proofs] == ["1 quotas are large enough, with autoscaling and upgrades"]


def test_offers_of_another_subscription_are_not_those_of_the_survey(tmp_path: Path) -> None:
    given = sample("dev", "prod", own={"prod": {"subscription": OTHER}})
    group: dict[str, Json] = {"id": f"/subscriptions/{OTHER}/resourceGroups/any", "location": REGION}
    facts = {**WHOLE, "resources": [*WHOLE["resources"], group]}
    for check in (SIZES, QUOTA):
        (found,) = from_survey(tmp_path / check.key, given, facts, (check,)).results
        assert any("no offers of this subscription" in one.why for one in found.not_checked), found


def test_versions_of_a_survey_are_those_of_the_region(tmp_path: Path) -> None:
    versions = [{"location": REGION, "version": "1.40", "isDefault": True}]
    found = result(tmp_path, SIZES, {**WHOLE, "kubernetesVersions": versions})
    assert [one.what for one in found.findings] == [f"new clusters in {REGION} get Kubernetes 1.40"]


# -- responses of Azure ------------------------------------------------------------------------------------------


class Changed(Reads):
    """Reads whose responses to some paths are changed."""

    def __init__(self, of: Reads, part: str, change: Callable[[Any], Any]) -> None:
        super().__init__(of.service)
        self._part, self._change = part, change

    def _send(self, request: Request) -> Json:
        found = super()._send(request)
        return self._change(found) if self._part in request.path else found


def with_response(folder: Path, check: Check, part: str, change: Callable[[Any], Any], **given: Any) -> Result:
    with subject_of(folder, sample(**given)) as subject:
        arm = Changed(subject.arm, part, change)
        (found,) = check_all(replace(subject, arm=arm), [check]).results
        arm._pool.shutdown(cancel_futures=True)
    return found


def _without(*names: str) -> Callable[[Any], Any]:
    return lambda items: [{key: item for key, item in one.items() if key not in names} for one in items]


def _only_version(version: str) -> Callable[[Any], Any]:
    return lambda items: [{**one, "supportedServerVersions": [{"name": version}]} for one in items]


@pytest.mark.parametrize(
    ("check", "part", "change", "what"),
    [
        (SIZES, "/capabilities?", _without("supportedServerEditions"), f"sizes of PostgreSQL in {REGION}"),
        (SIZES, "/capabilities?", lambda _items: [], f"sizes of PostgreSQL in {REGION}"),
        (SIZES, "/capabilities?", _without("supportedServerVersions"), f"versions of PostgreSQL in {REGION}"),
        (
            SIZES,
            "/kubernetesVersions?",
            lambda _one: {"values": []},
            f"the version of Kubernetes of new clusters in {REGION}",
        ),
        (SIZES, "/skus?", lambda _items: [], f"VM sizes in {REGION}"),
        (QUOTA, "/skus?", _without("family"), f"cores of Standard_D4ds_v5 in {REGION}"),
        (
            QUOTA,
            "/capabilities?",
            _without("supportedServerEditions"),
            f"cores of PostgreSQL Standard_D2ds_v5 in {REGION}",
        ),
        (QUOTA, "Microsoft.Compute/locations", lambda _items: [], f"of Microsoft.Compute in {REGION}"),
        (QUOTA, "Microsoft.Web/locations", lambda _items: [], f"of Microsoft.Web in {REGION}"),
        (
            SCOPES,
            f"/subscriptions/{SUBSCRIPTION}?",
            lambda one: {**one, "subscriptionPolicies": {}},
            "offer and spending limit",
        ),
    ],
)
def test_what_azure_does_not_list_is_not_checked(
    tmp_path: Path, check: Check, part: str, change: Callable[[Any], Any], what: str
) -> None:
    found = with_response(tmp_path, check, part, change)
    assert found.state == "not checked", found
    assert any(what in one.what for one in found.not_checked), found.not_checked


def test_a_version_of_postgresql_that_a_region_does_not_offer(tmp_path: Path) -> None:
    found = with_response(tmp_path, SIZES, "/capabilities?", _only_version("18"))
    (finding,) = found.findings
    assert finding.what == f"PostgreSQL 17 is not offered in {REGION}"
    assert finding.ways[0].answers == (("data.postgres_version", "18"),)


@pytest.mark.parametrize(("said", "state"), [("Disabled", "blocks"), ("Enabled", "passed"), ("", "not checked")])
def test_geo_redundant_backups_have_to_be_offered(tmp_path: Path, said: str, state: str) -> None:
    def change(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**one, "geoBackupSupported": said} for one in items]

    found = with_response(tmp_path, SIZES, "/capabilities?", change, data={"geo_backup": True})
    assert found.state == state, found
    if state == "blocks":
        assert found.findings[0].ways[0].answers == (("data.geo_backup", False),)
