"""Presets and what is read from the names of sizes."""

import pytest

from installer.answers.model import PAGES
from installer.answers.questions import all_questions
from installer.conventions.sizing import PRESETS, cores, postgres_connections, postgres_tier, system_nodes


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_fills_in_every_number_with_an_answer(preset: str) -> None:
    values = PRESETS[preset]  # type: ignore[index]
    assert set(values) == set(PAGES["sizing"].model_fields) - {"preset"}
    for name, value in values.items():
        assert all_questions()[f"sizing.{name}"].accepts(value)


def test_the_presets_of_the_question_are_those_that_there_are() -> None:
    assert all_questions()["sizing.preset"].values == tuple(PRESETS)


def test_a_larger_preset_is_nowhere_smaller() -> None:
    trial, team, production = PRESETS.values()
    for name in ("worker_nodes", "postgres_storage_gb"):
        assert int(trial[name]) <= int(team[name]) <= int(production[name])
    assert cores(str(trial["node_size"])) <= cores(str(team["node_size"])) <= cores(str(production["node_size"]))
    assert production["postgres_ha"] is True
    assert postgres_tier(str(production["postgres_size"])) != "Burstable"


@pytest.mark.parametrize(
    ("size", "tier"),
    [
        ("Standard_B2s", "Burstable"),
        ("Standard_B1ms", "Burstable"),
        ("Standard_D2ds_v5", "GeneralPurpose"),
        ("Standard_E8ds_v5", "MemoryOptimized"),
    ],
)
def test_the_tier_of_a_database_size(size: str, tier: str) -> None:
    assert postgres_tier(size) == tier


@pytest.mark.parametrize(
    ("size", "connections"),
    [
        ("Standard_B1ms", 50),
        ("Standard_B2s", 429),
        ("Standard_B2ms", 859),
        ("Standard_D4ds_v5", 1718),
        ("Standard_D8ds_v5", 3437),
        ("Standard_D16ds_v5", 5000),
        ("Standard_E2ds_v5", 1718),
    ],
)
def test_the_connections_of_a_database_size(size: str, connections: int) -> None:
    """The table of learn.microsoft.com, postgresql/flexible-server/concepts-limits."""
    assert postgres_connections(size) == connections


@pytest.mark.parametrize(
    ("size", "count"),
    [
        ("Standard_D4ds_v5", 4),
        ("Standard_D16s_v3", 16),
        ("Standard_E104ids_v5", 104),
        ("Standard_B2s", 2),
        ("Basic_A", 0),
    ],
)
def test_the_cores_of_a_machine_size(size: str, count: int) -> None:
    assert cores(size) == count


def test_a_system_pool_survives_a_drain_and_a_zone() -> None:
    assert [system_nodes(zone_redundant=zones) for zones in (False, True)] == [2, 3]
