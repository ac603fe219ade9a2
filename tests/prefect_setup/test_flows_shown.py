"""A difference is shown where it is, also deep in a structure that is longer than a line."""

from installer.flow_project.objects import FlowObject
from installer.jsontypes import Json
from installer.prefect_setup.flows.compare import Decision
from installer.prefect_setup.flows.shown import shown

STEP = "prefect.deployments.steps.set_working_directory"


def text(before: dict[str, Json], after: dict[str, Json]) -> list[str]:
    one = FlowObject("deployment", "load/daily", after)
    return shown(Decision("update", one, tuple(after)), before).splitlines()


def test_only_the_values_that_differ_are_shown_with_their_place() -> None:
    before: dict[str, Json] = {
        "pull_steps": [{STEP: {"directory": "/app"}}],
        "job_variables": {"image": f"registry/flows@sha256:{'1' * 64}", "env": {"A": "1", "B": "2"}},
        "tags": ["a"],
        "description": None,
    }
    after: dict[str, Json] = {
        "pull_steps": [{STEP: {"directory": "/opt"}}],
        "job_variables": {"image": f"registry/flows@sha256:{'2' * 64}", "env": {"A": "1", "C": "3"}},
        "tags": ["a", "b"],
        "description": "Loads.",
    }
    assert text(before, after) == [
        "~ deployment load/daily",
        f"    pull_steps[1].{STEP}.directory: /app -> /opt",
        f"    job_variables.image: registry/flows@sha256:{'1' * 58}… -> registry/flows@sha256:{'2' * 58}…",
        "    job_variables.env.B: 2 -> none",
        "    job_variables.env.C: none -> 3",
        "    tags: ['a'] -> ['a', 'b']",
        "    description: none -> Loads.",
    ]


def test_what_is_made_removed_or_left_is_one_line_each() -> None:
    one = FlowObject("variable", "region", {"value": "north"})
    assert shown(Decision("create", one), None) == "+ variable region"
    assert shown(Decision("remove", one), {"value": "x"}) == "- variable region"
    left = Decision("keep", one, kept=("value",), reason="changed in Prefect")
    assert shown(left, {"value": "south"}).splitlines() == [
        "! variable region (changed in Prefect)",
        "    value: left as it is: south",
    ]


def test_long_texts_are_cut_around_their_difference() -> None:
    (_, line) = text({"description": "x" * 500 + " old"}, {"description": "x" * 500 + " new"})
    before, after = line.removeprefix("    description: ").split(" -> ")
    assert (before[0], after[0], before[-4:], after[-4:]) == ("…", "…", " old", " new")
    assert len(line) < 80


def test_defaults_that_prefect_adds_are_no_differences() -> None:
    one = FlowObject("schedule", "load/daily#night", {"schedule": {"cron": "0 4 * * *"}})
    found: dict[str, Json] = {"schedule": {"cron": "0 3 * * *", "day_or": True, "timezone": "UTC"}}
    assert shown(Decision("update", one, ("schedule",)), found).splitlines() == [
        "~ schedule load/daily#night",
        "    schedule.cron: 0 3 * * * -> 0 4 * * *",
    ]
