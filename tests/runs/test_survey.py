"""A survey is read from a subscription (an embedded Azure with a survey), and a rehearsal on it refuses the same."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from installer.cloud.emulator_process import Rehearsal, Seed, start
from installer.emulator.survey import load
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.jsontypes import Json
from installer.runs.survey import read_survey
from tests.bicep.answers_matrix import MATRIX

ANSWERS = MATRIX["13-existing-networks"]
HOME = ANSWERS.subscription.subscription
PLATFORM, ELSEWHERE = f"/subscriptions/{HOME}", "/subscriptions/9d0a6c1e-52b7-4a0f-8d3c-6a1f2b4c5d6e"
AUTHORIZATION = "providers/Microsoft.Authorization"
REGION = ANSWERS.subscription.region
NETWORK = f"{ELSEWHERE}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-dev"
DEFINITION = f"/{AUTHORIZATION}/policyDefinitions/places"
OWNER = f"{PLATFORM}/{AUTHORIZATION}/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
NO_HA: JsonObject = {"resourceType": "flexibleServers", "location": REGION, "name": "Standard_E4ds_v5"}
THERE: list[JsonObject] = [
    {"id": f"{ELSEWHERE}/resourceGroups/rg-net", "location": REGION},
    {"id": NETWORK, "location": REGION, "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}},
    {"id": f"{NETWORK}/subnets/snet-nodes", "properties": {"addressPrefix": "10.9.0.0/24"}},
    {
        "id": DEFINITION,
        "properties": {
            "displayName": "places",
            "parameters": {},
            "policyRule": {"if": {"field": "location", "equals": "westus"}, "then": {"effect": "deny"}},
        },
    },
    {
        "id": f"{PLATFORM}/{AUTHORIZATION}/policyAssignments/places",
        "properties": {"displayName": "places", "policyDefinitionId": DEFINITION, "parameters": {}},
    },
]


def _seeded(path: Path, account: str) -> Path:
    content = {
        "version": 1,
        "subscriptionId": HOME,
        "resources": THERE,
        "quotas": [{"provider": "Microsoft.Compute", "location": REGION, "name": "cores", "limit": 7, "current": 3}],
        "skuRestrictions": [
            {"resourceType": "virtualMachines", "location": REGION, "name": "Standard_D8s_v5"},
            {**NO_HA, "haModes": ["ZoneRedundant"]},
        ],
        "takenNames": [{"type": "Microsoft.Storage/storageAccounts", "name": account}],
        "deletedVaults": [{"name": "kv-gone", "location": REGION, "purgeProtection": True}],
        "registrations": {"Microsoft.Cache": "NotRegistered"},
    }
    file = path / "seed.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def account() -> str:
    """A name of the installation that is already taken."""
    from installer.estate.resources import resources

    return next(one.name for one in resources(ANSWERS) if one.type == "Microsoft.Storage/storageAccounts")


@pytest.fixture(scope="module")
def subscription(tmp_path_factory: pytest.TempPathFactory, account: str) -> Iterator[Rehearsal]:
    """A subscription of which all this is true."""
    path = tmp_path_factory.mktemp("subscription")
    others = (ELSEWHERE.rpartition("/")[2],)
    seed = Seed(ANSWERS.subscription.tenant, HOME, (), others, str(_seeded(path, account)))
    running = start(path / "state", speed=10_000, seed=seed)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def read(subscription: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], JsonObject]:
    """The survey that was read from it, and what could not be read."""
    file = tmp_path_factory.mktemp("survey") / "survey.json"
    unread = read_survey(subscription.target, ANSWERS, file, lambda _text: None)
    return file, unread, as_object(json.loads(file.read_text(encoding="utf-8")))


def test_the_survey_is_valid_and_complete(read: tuple[Path, list[str], JsonObject]) -> None:
    file, unread, _ = read
    assert unread == []
    assert load(file).subscription_id == HOME
    assert file.stat().st_mode & 0o077 == 0


def test_existing_resources_are_listed_one_by_one(read: tuple[Path, list[str], JsonObject]) -> None:
    found = {as_text(member(one, "id")): one for one in as_list(read[2]["resources"])}
    assert {as_text(one["id"]) for one in THERE} <= set(found)
    assert member(found[NETWORK], "properties", "addressSpace", "addressPrefixes") == ["10.9.0.0/16"]
    assert member(found[NETWORK], "properties", "subnets") is None
    assert member(found[f"{NETWORK}/subnets/snet-nodes"], "properties", "addressPrefix") == "10.9.0.0/24"
    assert as_text(member(found[DEFINITION], "properties", "policyRule", "then", "effect")) == "deny"


def test_types_that_were_read_whole_are_listed_for_every_subscription(
    read: tuple[Path, list[str], JsonObject],
) -> None:
    listed = {as_text(one) for one in as_list(read[2]["listed"])}
    assert {f"{start}Microsoft.Network/virtualNetworks" for start in ("", f"{ELSEWHERE}/providers/")} <= listed
    assert f"{ELSEWHERE}/providers/Microsoft.Resources/resourceGroups" in listed


def test_quotas_restrictions_names_and_registrations_are_in_it(
    read: tuple[Path, list[str], JsonObject], account: str
) -> None:
    content = read[2]
    quotas = {(member(one, "provider"), member(one, "name")): one for one in as_list(content["quotas"])}
    cores = quotas["Microsoft.Compute", "cores"]
    assert (member(cores, "limit"), member(cores, "current")) == (7, 3)
    restricted = {as_text(member(one, "name")): one for one in as_list(content["skuRestrictions"])}
    assert restricted.keys() == {"Standard_D8s_v5", "Standard_E4ds_v5"}
    assert restricted["Standard_E4ds_v5"] == {**NO_HA, "haModes": ["ZoneRedundant"]}
    assert content["takenNames"] == [{"type": "Microsoft.Storage/storageAccounts", "name": account}]
    assert [member(one, "name") for one in as_list(content["deletedVaults"])] == ["kv-gone"]
    assert member(content["registrations"], "Microsoft.Cache") == "NotRegistered"
    assert [member(one, "name") for one in as_list(content["regions"])] == [REGION]


def test_a_rehearsal_on_a_survey_refuses_the_same_as_the_subscription(
    read: tuple[Path, list[str], JsonObject], account: str, tmp_path: Path
) -> None:
    from installer.cloud.rest import Service

    again = start(tmp_path / "state", speed=10_000, seed=Seed(ANSWERS.subscription.tenant, HOME, survey=str(read[0])))
    try:
        service = Service.of_arm(again.target)
        where = f"{PLATFORM}/providers/Microsoft.Storage/checkNameAvailability?api-version=2025-06-01"
        asked = service.ask("POST", where, {"name": account, "type": "Microsoft.Storage/storageAccounts"})
        assert asked.body["nameAvailable"] is False
        usages = service.every(
            f"{PLATFORM}/providers/Microsoft.Compute/locations/{REGION}/usages?api-version=2024-07-01"
        )
        assert [one["limit"] for one in usages if member(one, "name", "value") == "cores"] == [7]
    finally:
        again.stop()


def test_it_only_reads(subscription: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from installer.cloud.rest import Method, Response, Service

    asked: list[tuple[str, str]] = []
    ask = Service.ask

    def noted(
        self: Service, method: Method, path: str, body: dict[str, Json] | None = None, *, doing: str = ""
    ) -> Response:
        asked.append((method, path.partition("?")[0]))
        return ask(self, method, path, body, doing=doing)

    monkeypatch.setattr(Service, "ask", noted)
    read_survey(subscription.target, ANSWERS, tmp_path / "survey.json", lambda _text: None)
    assert len(asked) > 20
    others = {path.rpartition("/")[2] for method, path in asked if method != "GET"}
    assert others == {"checkNameAvailability"}


def test_unreadable_parts_are_named_and_the_rest_is_read(
    subscription: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from installer.cloud.errors import AzureRefused
    from installer.cloud.rest import Service

    every = Service.every

    def denied(self: Service, path: str, *, doing: str = "") -> list[dict[str, Json]]:
        if "policyAssignments" in path:
            raise AzureRefused("you may not read policies")
        return every(self, path, doing=doing)

    monkeypatch.setattr(Service, "every", denied)
    unread = read_survey(subscription.target, ANSWERS, tmp_path / "survey.json", lambda _text: None)
    assert unread == ["policy assignments: you may not read policies"]
    assert load(tmp_path / "survey.json").quotas


def test_a_survey_requires_answers(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from installer.cli.main import cli

    outcome = CliRunner().invoke(
        cli, ["--state-dir", str(tmp_path), "rehearse", "--survey", str(tmp_path / "none.json")]
    )
    assert outcome.exit_code != 0
    assert "rehearse --answers F --survey FILE" in str(outcome.exception)
