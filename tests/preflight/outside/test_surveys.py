"""Surveys from outside: what Azure would refuse blocks, what the survey does not say is not checked, the rest is silent."""

import json
import re
from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.emulator.survey import SurveyError, parse
from installer.preflight.model import Finding, Report
from tests.bicep.answers_matrix import MATRIX
from tests.preflight.outside.bodies import (
    ACCESS,
    AT_HOME,
    CONTRIBUTOR,
    OWNER,
    PLATFORM,
    grant,
    group,
    quota,
    subscription,
)
from tests.preflight.outside.surveys import HUB, SURVEYS, landing_zone, survey, zones
from tests.preflight.surveyed import TENANT, from_survey, with_way

Expected = set[tuple[str, str]]
COMMAND: Final = re.compile(r"\baz (?:acr|deployment|group|keyvault|lock|network) ")
"""Commands about resources: without the place they would act in the default subscription of the Azure CLI."""


def answers(name: str) -> Answers:
    found = MATRIX[name]
    return found.model_copy(update={"subscription": found.subscription.model_copy(update={"tenant": TENANT})})


def seen(report: Report) -> Expected:
    return {(finding.severity, finding.code) for finding in report.findings}


def of(report: Report, code: str) -> Finding:
    return next(finding for finding in report.findings if finding.code == code)


CASES: Final[list[tuple[str, str, Expected]]] = [
    ("landing zone", "11-existing-hub", {("blocks", "ResourceNotFound"), ("blocks", "AuthorizationFailed")}),
    ("landing zone", "04-standard-four", {("blocks", "RequestDisallowedByPolicy")}),
    (
        "exhausted trial",
        "01-trial-public",
        {
            ("blocks", "TasksOperationsNotAllowed"),
            ("warns", ""),
            ("blocks", "LocationIsOfferRestricted"),
            ("blocks", "QuotaExceeded"),
        },
    ),
    (
        "exhausted trial",
        "02-trial-public-container-apps",
        {("blocks", "TasksOperationsNotAllowed"), ("warns", ""), ("blocks", "LocationIsOfferRestricted")},
    ),
    ("disabled", "01-trial-public", {("blocks", "ReadOnlyDisabledSubscription")}),
    ("warned", "02-trial-public-container-apps", {("warns", "")}),
    ("past due hub", "11-existing-hub", {("warns", "")}),
    ("locked", "01-trial-public", {("blocks", "ScopeLocked")}),
    ("delete lock only", "01-trial-public", set()),
    ("locked hub", "11-existing-hub", {("blocks", "ScopeLocked")}),
    ("reader with PIM", "33-direct", {("blocks", "AuthorizationFailed")}),
    ("managed application", "04-standard-four", {("blocks", "DenyAssignmentAuthorizationFailed")}),
    ("classic administrator", "02-trial-public-container-apps", {("blocks", "AuthorizationFailed")}),
    (
        "group elsewhere",
        "01-trial-public",
        {("blocks", "InvalidResourceGroupLocation"), ("blocks", "VaultAlreadyExists")},
    ),
    (
        "networks",
        "13-existing-networks",
        {
            ("blocks", "SubnetIsFull"),
            ("blocks", "SubnetMissingRequiredDelegation"),
            ("blocks", "ExistingRouteTableNotAssociatedWithSubnet"),
        },
    ),
    ("virtual WAN", "13-existing-networks", {("warns", "")}),
    ("closed security groups", "13-existing-networks", {("blocks", ""), ("warns", "")}),
    ("zones in a third subscription", "12-existing-hub-own-zones", {("blocks", "BadRequest")}),
    ("frozen subscription", "02-trial-public-container-apps", {("blocks", "DenyAssignmentAuthorizationFailed")}),
    ("owner of groups only", "01-trial-public", {("blocks", "AuthorizationFailed")}),
    ("lapsed exemption", "02-trial-public-container-apps", {("blocks", "RequestDisallowedByPolicy")}),
    (
        "no cores of the family",
        "01-trial-public",
        {("blocks", "QuotaExceeded"), ("blocks", "PublicIPCountLimitReached")},
    ),
    ("guest", "07-hardened-gateway", {("warns", ""), ("warns", "Authorization_RequestDenied")}),
    ("conditional access", "02-trial-public-container-apps", {("blocks", "AADSTS50076")}),
    ("china", "30-china", {("blocks", "LocationNotAvailableForResourceType")}),
]


@pytest.mark.parametrize(("name", "file", "expected"), CASES, ids=[f"{one[0]}, {one[1]}" for one in CASES])
def test_what_azure_would_refuse_is_found_and_nothing_else(
    tmp_path: Path, name: str, file: str, expected: Expected
) -> None:
    report = from_survey(tmp_path, answers(file), SURVEYS[name])
    assert seen(report) == expected, [finding.what for finding in report.findings]
    assert all(finding.where and finding.why and finding.ways for finding in report.findings)
    assert any(result.not_checked for result in report.results)
    commands = [way.text for finding in report.findings for way in finding.ways if COMMAND.search(way.text)]
    assert [one for one in commands if "--subscription " not in one and "--ids /subscriptions/" not in one] == []


# -- ways out ----------------------------------------------------------------------------------------------------


def test_the_roles_to_activate_and_to_ask_for_are_enough(tmp_path: Path) -> None:
    given = answers("02-trial-public-container-apps")
    finding = of(from_survey(tmp_path / "reader", given, SURVEYS["reader with PIM"]), "AuthorizationFailed")
    texts = [way.text for way in finding.ways]
    assert any(text.startswith(f"activate the role Contributor at {AT_HOME}") for text in texts)
    assert any(text.startswith("activate the role Role Based Access Control Administrator at ") for text in texts)
    assert f"ask for the roles Contributor and Role Based Access Control Administrator at {AT_HOME}" in texts
    active = survey(subscription(), grant(AT_HOME, CONTRIBUTOR, 1), grant(AT_HOME, ACCESS, 2))
    assert seen(from_survey(tmp_path / "active", given, active)) == set()


def test_a_landing_zone_needs_one_role_and_the_zones_of_its_owner(tmp_path: Path) -> None:
    given = answers("11-existing-hub")
    report = from_survey(tmp_path / "before", given, SURVEYS["landing zone"])
    group_id = f"/subscriptions/{PLATFORM}/resourceGroups/rg-dns"
    way = f"ask for the role Role Based Access Control Administrator at {group_id}"
    assert of(report, "AuthorizationFailed").ways[0].text == way
    (absent,) = [finding for finding in report.findings if finding.code == "ResourceNotFound"]
    assert absent.where == group_id
    assert absent.what.startswith("6 private DNS zones do not exist in rg-dns, or this account may not see them: ")
    missing = absent.what.rpartition(": ")[2].split(", ")
    where = f"--subscription {PLATFORM} -g rg-dns"
    assert f"az network private-dns zone create {where} -n NAME, for each of them" in absent.ways[0].text
    assert absent.ways[-1].answers == (("network.dns", "created"),)
    few = {**SURVEYS["landing zone"], "quotas": [quota("Microsoft.Compute", "cores", 4)]}
    apps = next(way for way in of(from_survey(tmp_path / "few", given, few), "QuotaExceeded").ways if way.answers)
    assert not any("DNS zones" in one for one in apps.left), "that they are missing is known before"
    whole = landing_zone(*zones("privatelink.vaultcore.azure.net", *missing), grant(group_id, ACCESS, 4))
    assert seen(from_survey(tmp_path / "after", given, whole)) == set()


def test_a_free_name_and_the_region_of_the_group_are_taken(tmp_path: Path) -> None:
    given, known = answers("01-trial-public"), SURVEYS["group elsewhere"]
    report = from_survey(tmp_path / "before", given, known)
    named = with_way(given, of(report, "VaultAlreadyExists"))
    moved = with_way(named, of(report, "InvalidResourceGroupLocation"))
    assert moved.subscription.region == "westeurope"
    assert seen(from_survey(tmp_path / "after", moved, known)) == set()


def test_only_regions_that_were_read_are_proposed_and_the_whole_plan_fits_there(tmp_path: Path) -> None:
    given, trial = answers("02-trial-public-container-apps"), SURVEYS["exhausted trial"]
    unread = of(from_survey(tmp_path / "unread", given, trial), "LocationIsOfferRestricted")
    assert unread.ways[0].answers == ()
    assert "could not be read in " in unread.ways[0].text
    more = [{"name": "Norway East", "unavailable": []}, {"name": "Poland Central", "unavailable": []}]
    regions = [*trial["regions"], *more]
    closed = {"resourceType": "flexibleServers", "location": "norwayeast"}
    figures = [{"provider": "Microsoft.DBforPostgreSQL", "location": "polandcentral", "name": "cores", "limit": 8}]
    known = {
        **trial,
        "regions": regions,
        "skuRestrictions": [*trial["skuRestrictions"], closed],
        "quotas": [*trial["quotas"], *figures],
    }
    unsaid = of(from_survey(tmp_path / "unsaid", given, known), "LocationIsOfferRestricted")
    assert unsaid.ways[0].answers == (), "the survey does not say that Poland Central admits servers"
    known["listed"] = ["Microsoft.DBforPostgreSQL/locations/capabilities"]
    finding = of(from_survey(tmp_path / "read", given, known), "LocationIsOfferRestricted")
    assert finding.ways[0].answers == (("subscription.region", "polandcentral"),)
    assert "all of swedencentral fits there (resource types, VM sizes" in finding.ways[0].text
    moved = with_way(given, finding)
    assert ("blocks", "LocationIsOfferRestricted") not in seen(from_survey(tmp_path / "moved", moved, known))


def test_a_smaller_plan_is_proposed_only_if_the_quota_is_enough_for_it(tmp_path: Path) -> None:
    given, trial = answers("01-trial-public"), SURVEYS["exhausted trial"]
    finding = of(from_survey(tmp_path / "small", given, trial), "QuotaExceeded")
    assert finding.ways[0].answers == (("platform.runtime", "container_apps"),)
    assert not any("sizing" in key for way in finding.ways for key, _ in way.answers)
    assert any("the offer Free Trial gets no higher limits" in way.text for way in finding.ways)
    solved = with_way(given, finding)
    assert ("blocks", "QuotaExceeded") not in seen(from_survey(tmp_path / "after", solved, trial))


# -- what a survey proves ----------------------------------------------------------------------------------------


def test_a_survey_without_a_kind_of_resources_proves_nothing_about_it(tmp_path: Path) -> None:
    given = answers("11-existing-hub")
    bare = survey(subscription(), group(AT_HOME, "rg-other"), HUB, grant("", OWNER))
    report = from_survey(tmp_path / "bare", given, bare)
    assert seen(report) == set()
    unseen = {one.what for result in report.results for one in result.not_checked}
    assert {"whether rg-dns exists", f"locks of subscription {AT_HOME.rpartition('/')[2]}"} <= unseen
    assert "whether rg-hub exists" not in unseen  # a network in it proves that
    assert "whether vnet-hub/snet-endpoints exists" not in unseen  # Azure shows subnets inside their network
    kinds = ["locks", "policyAssignments", "denyAssignments"]
    said = {**bare, "listed": [f"Microsoft.Authorization/{kind}" for kind in kinds]}
    proofs = {one.text for result in from_survey(tmp_path / "said", given, said).results for one in result.proofs}
    assert f"no policies are assigned in subscription {AT_HOME.rpartition('/')[2]}" in proofs
    assert not any(f"assigned in subscription {PLATFORM}" in one for one in proofs)


def test_a_role_without_its_definition_is_no_missing_right(tmp_path: Path) -> None:
    custom = "cccccccc-0000-4000-8000-000000000001"
    report = from_survey(tmp_path, answers("01-trial-public"), survey(subscription(), grant(AT_HOME, custom)))
    assert seen(report) == set()
    rights = next(one for one in report.results if one.key == "rights")
    assert any("not its definition" in one.why and custom in one.why for one in rights.not_checked)


# -- errors ------------------------------------------------------------------------------------------------------

WRONG: Final = """{
 "version": 1,
 "subscription": "x",
 "resources": [
  {"id": "/subscriptions/1/resourceGroups/a/providers/Microsoft.Network/virtualNetworks/v", "properties": 3},
  {"name": "without"},
  {"id": "nonsense"}
 ],
 "quotas": [
  {"provider": "Microsoft.Compute", "location": "x", "name": "cores", "limit": "hunter2"},
  {"provider": "Microsoft.Compute", "location": "x", "name": "cores", "Limits": 4}
 ]
}"""


def test_every_error_of_a_survey_is_named_with_its_line_and_without_its_content() -> None:
    with pytest.raises(SurveyError) as refused:
        parse(WRONG)
    assert str(refused.value).splitlines() == [
        "line 3, subscription: unknown key; did you mean subscriptionId?",
        "line 5, resources.0: its properties are no object",
        "line 6, resources.1: a resource needs its id",
        "line 7, resources.2: its id is none of a resource, a resource group or a subscription",
        "line 10, quotas.0.limit: Input should be a valid integer, unable to parse string as an integer",
        "line 11, quotas.1.limit: Field required",
        "line 11, quotas.1.Limits: unknown key; did you mean limit?",
    ]
    with pytest.raises(SurveyError, match=r"^line 2, the file: not valid JSON: Expecting value"):
        parse('{"version":\n}')


def test_figures_and_regions_are_known_by_the_names_of_the_portal() -> None:
    found = parse(
        json.dumps({"quotas": [SURVEYS["exhausted trial"]["quotas"][1]], "regions": [{"name": "West Europe"}]})
    )
    assert found.quotas[0].location == "swedencentral"
    assert found.region("westeurope") is not None
