"""Three-way comparison: what FlowForge made follows the files; what another user made or changed is left as it is."""

import pytest

from installer.flow_project.objects import FlowObject
from installer.jsontypes import Json
from installer.prefect_setup.flows.compare import Decision, decide, matches
from installer.prefect_setup.flows.record import Hashes, Record, hash_of

KEY = "variable region"


def wanted(value: Json = "north") -> FlowObject:
    return FlowObject("variable", "region", {"value": value, "tags": []})


def recorded(value: Json = "north", stored: Json = "north") -> Record:
    fields = {"value": Hashes(hash_of(value), hash_of(stored)), "tags": Hashes(hash_of([]), hash_of([]))}
    return Record("1", "", {KEY: fields})


@pytest.mark.parametrize(
    ("now", "found", "record", "expected"),
    [
        ("north", None, Record(), "create"),
        ("north", "north", Record(), "unchanged"),
        ("north", "south", Record(), "keep"),
        ("north", "north", recorded(), "unchanged"),
        ("south", "north", recorded(), "update"),
        ("north", "south", recorded(), "keep"),
        ("east", "south", recorded(), "keep"),
        ("south", "south", recorded(), "unchanged"),
        ("north", None, recorded(), "create"),
        ("south", "north", Record(pending=frozenset({KEY})), "update"),
    ],
)
def test_each_combination_of_file_prefect_and_record(
    now: str, found: str | None, record: Record, expected: str
) -> None:
    (decision,) = decide([wanted(now)], {KEY: None if found is None else {"value": found, "tags": []}}, record)
    assert decision.action == expected
    if expected == "keep":
        assert (decision.kept, bool(decision.reason)) == (("value",), True)
    (taken,) = decide([wanted(now)], {KEY: None if found is None else {"value": found, "tags": []}}, record, {KEY})
    assert taken.action == {"keep": "update"}.get(expected, expected)


def test_own_changes_are_made_beside_those_of_others() -> None:
    record = recorded()
    (decision,) = decide(
        [FlowObject("variable", "region", {"value": "north", "tags": ["new"]})],
        {KEY: {"value": "theirs", "tags": []}},
        record,
    )
    assert decision == Decision("update", decision.one, ("tags",), ("value",), "changed in Prefect")


def test_what_left_the_files_is_removed_only_if_it_is_unchanged() -> None:
    for found, expected in (("north", "remove"), ("south", "keep"), (None, "forget")):
        (decision,) = decide([], {KEY: None if found is None else {"value": found, "tags": []}}, recorded())
        assert (decision.action, decision.one.name) == (expected, "region")
    assert decide([], {KEY: {"value": "theirs"}}, Record()) == []


def test_removals_go_backwards_and_a_record_survives_its_journey() -> None:
    record = Record("1", "image", {"variable a": {}, "deployment f/d": {}, "schedule f/d#s": {}, "automation x": {}})
    found: dict[str, dict[str, Json]] = {key: {} for key in record.objects}
    assert [one.one.kind for one in decide([], found, record)] == ["automation", "schedule", "deployment", "variable"]
    assert Record.from_json(record.to_json()) == record
    assert Record.from_json(recorded().to_json()) == recorded()
    assert Record.from_json("damaged") == Record()


def test_defaults_of_prefect_are_no_difference_but_further_parameters_are() -> None:
    assert matches(
        "automation", "trigger", {"type": "event", "within": 60}, {"type": "event", "within": 60.0, "after": []}
    )
    assert not matches("automation", "trigger", {"type": "event", "within": 60}, {"type": "event", "within": 30.0})
    assert not matches("deployment", "parameters", {"a": 1}, {"a": 1, "b": 2})
    assert not matches("schedule", "parameters", {}, {"b": 2})
    assert not matches("variable", "value", 1, True)


def test_names_of_a_trigger_are_a_set() -> None:
    assert matches("automation", "trigger", {"expect": ["a", "b"]}, {"expect": ["b", "a"], "id": "1"})
    assert not matches("automation", "trigger", {"expect": ["a", "b"]}, {"expect": ["a", "c"]})
    assert not matches("deployment", "tags", ["a", "b"], ["b", "a"])


def test_whether_a_deployment_is_paused_belongs_to_operators_once_it_exists() -> None:
    one = FlowObject("deployment", "f/d", {"paused": True, "tags": []})
    assert decide([one], {one.key: None}, Record())[0].fields == ("paused", "tags")
    assert decide([one], {one.key: {"paused": False, "tags": []}}, Record())[0].action == "unchanged"
