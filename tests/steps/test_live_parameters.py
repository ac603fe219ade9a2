"""Values that Azure has changed on its own are read back, so that a later run keeps them."""

from dataclasses import replace

from installer.estate.parameters import Reading, StageSpec
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.jsontypes import Json
from installer.steps.live_parameters import KeptSettings, current, kept

SERVER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg"


class Reader:
    """A stub of Azure that counts reads."""

    def __init__(self, found: dict[str, Json] | None) -> None:
        self.found = found
        self.asked: list[tuple[str, str]] = []

    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
        self.asked.append((resource_id, api_version))
        return self.found

    def list_values(self, resource_id: str, api_version: str, action: str) -> dict[str, Json] | None:
        raise AssertionError((resource_id, api_version, action))


def spec(**readings: Reading) -> StageSpec:
    return StageSpec("data", "data", None, "ff-data", "l", "Data", (), lambda _outputs: {}, readings=readings)


def reading(*path: str | int) -> Reading:
    return Reading(SERVER, "2025-08-01", path)


def test_current_values_are_passed_and_each_resource_is_read_once() -> None:
    arm = Reader({"properties": {"storage": {"storageSizeGB": 256}, "pools": [{"count": 4}]}})
    it = spec(
        storage=reading("properties", "storage", "storageSizeGB"), nodes=reading("properties", "pools", 0, "count")
    )
    assert current(arm, it) == {"storage": {"value": 256}, "nodes": {"value": 4}}
    assert arm.asked == [(SERVER, "2025-08-01")]


def test_missing_resources_leave_the_answers_in_effect() -> None:
    it = spec(storage=reading("properties", "storage"), nodes=reading("properties", "pools", 7, "count"))
    assert current(Reader(None), it) == {}
    assert current(Reader({"properties": {"pools": []}}), it) == {}
    assert current(Reader({"properties": "odd"}), it) == {}


def test_names_of_kept_settings_are_reported_without_their_values() -> None:
    def of(value: Json, holds: str = "") -> list[KeptSettings]:
        one = KeptByOthers("kept", "", SERVER, "2025-08-01", "app-web", lambda _content: value, holds=holds)
        return kept(Reader({}), replace(spec(), kept=(one,)))[1]

    assert of({"TEAM_KEY": "hunter2", "A": "b"}) == [KeptSettings("app-web", ("A", "TEAM_KEY"))]
    assert of([{"name": "a", "properties": {"secret": "hunter2"}}], "rules") == [KeptSettings("app-web", ("rules/a",))]
    assert of("2026-01-01", "start") == [KeptSettings("app-web", ("start",))]
    assert of({}) == []
    (hostile,) = of({"a\nb": "x"})
    assert "\n" not in hostile.sentence
