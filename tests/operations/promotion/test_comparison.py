"""The difference of two environments, and what stops a promotion."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from installer.cloud.models import Deployment
from installer.errors import CheckBlocked
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.operations.promotion.changes import interrupts, way_back
from installer.operations.promotion.comparison import Flows, changed_answers, compared, images_of, short, table
from installer.operations.promotion.proof import Proved, unproved
from installer.steps.deployment import RUN_TAG
from installer.steps.promotion import Promotion
from tests.bicep.answers_variants import answers

GIVEN = answers("dev", "qa", own={"qa": {"worker_nodes": 4}})
IT = Installation(GIVEN)
OLD = {"web": f"flowforge/web@sha256:{'1' * 64}", "prefect": f"flowforge/prefect@sha256:{'2' * 64}"}
NEW = {"web": f"flowforge/web@sha256:{'3' * 64}", "prefect": f"flowforge/prefect@sha256:{'2' * 64}"}
AT = datetime(2026, 12, 1, 3, 0, tzinfo=UTC).timestamp()
PROVED = Proved("contoso-2", {"dev": AT}, "contoso-2")


def test_images_that_differ_become_answers_of_the_environment_and_others_stay() -> None:
    assert changed_answers(IT, "qa", OLD, NEW) == {"subscription.differ": "qa", "qa.web_image": NEW["web"]}
    assert changed_answers(IT, "dev", OLD, NEW)["subscription.differ"] == "dev, qa"
    assert changed_answers(IT, "qa", NEW, NEW) == {}


def test_an_environment_that_is_not_installed_has_no_images() -> None:
    assert images_of(IT, PLACEHOLDER_OUTPUTS, "qa") == images_of(IT, PLACEHOLDER_OUTPUTS, "dev")
    with pytest.raises(CheckBlocked, match="qa is not installed yet"):
        images_of(IT, {}, "qa")


def test_the_rows_name_images_flows_stages_and_answers() -> None:
    flows = Flows("sha256:" + "5" * 64, "", promoted=True)
    rows = {row.what: row for row in compared(IT, ("dev", "qa"), (NEW, OLD), flows, {"runtime-qa"})}
    assert (rows["Web app image"].source, rows["Web app image"].target) == (NEW["web"], OLD["web"])
    assert rows["Web app image"].promotion == "qa gets the image of dev"
    assert rows["Prefect image"].promotion == "same"
    assert rows["Tables of FlowForge"].promotion == "migrated after a backup"
    assert "Tables of Prefect" not in rows
    assert (rows["Image of the flows"].target, rows["Image of the flows"].promotion) == (
        "none",
        "qa gets the image of dev",
    )
    (stage,) = [row for row in rows.values() if row.target == "behind"]
    assert stage.source == "as deployed"
    assert (rows["Node count (worker_nodes)"].target, rows["Node count (worker_nodes)"].promotion) == ("4", "stays")
    section = table([*rows.values()], Promotion("dev", "qa", "m", OLD, NEW))
    assert section.rows[1][1] == "flowforge/web@sha256:333333333333…"
    assert all(len(row) == len(section.columns) for row in section.rows)


@pytest.mark.parametrize(
    ("flows", "text"),
    [
        (Flows(), "not promoted; --source names their files"),
        (Flows("", "sha256:1", promoted=True), "dev has none"),
        (Flows("sha256:1", "sha256:1", promoted=True), "same"),
    ],
)
def test_flows_that_are_not_promoted_are_named(flows: Flows, text: str) -> None:
    (row,) = [row for row in compared(IT, ("dev", "qa"), (OLD, OLD), flows, ()) if row.what == "Image of the flows"]
    assert row.promotion == text


def deployed(minute: int, run: str, key: str = "controlplane-dev") -> Mapping[str, Deployment]:
    """A stage or the record of an image of dev, deployed at a minute after three by a run."""
    ended = datetime(2026, 12, 1, 3, minute, tzinfo=UTC)
    return {key: Deployment("x", "succeeded", tags={RUN_TAG: f"{run}@host"}, ended=ended)}


@pytest.mark.parametrize(
    ("proved", "last", "behind", "why"),
    [
        (Proved("contoso-2", {}, "contoso-2"), {}, (), "no acceptance run that passed is in run contoso-2"),
        (
            Proved("contoso-2", {"qa": AT}, "contoso-2"),
            {},
            (),
            "no acceptance run that passed is in run contoso-2",
        ),
        (Proved("contoso-2", {"dev": None}, "contoso-2"), {}, (), "has no result of its flow run"),
        (
            Proved("contoso-2", {"dev": AT}, "contoso-3"),
            {},
            (),
            "run contoso-3 has changed the installation since",
        ),
        (Proved("contoso-2", {"dev": AT}, "contoso-2", succeeded=False), {}, (), "run contoso-2 has not succeeded"),
        (PROVED, deployed(10, "contoso-3"), (), "was deployed 2026-12-01 03:10 UTC by another run"),
        (PROVED, deployed(10, "contoso-3", "image-flows-dev"), (), "the image of the flows was deployed"),
        (PROVED, deployed(10, "contoso-3", "image-web"), (), "Web app image was deployed"),
        (PROVED, {}, ("controlplane-dev",), "other templates or parameters than it has proved"),
        (PROVED, {}, ("data",), "other templates or parameters than it has proved"),
    ],
)
def test_an_environment_that_its_acceptance_run_has_not_proved_is_refused(
    proved: Proved, last: Mapping[str, Deployment], behind: tuple[str, ...], why: str
) -> None:
    (found,) = unproved(IT, "dev", proved, last, behind)
    assert found.severity == "blocks"
    assert found.what == "dev is not proved by its newest acceptance run"
    assert why in found.why
    assert ("promote --prove --env dev --yes" if proved.succeeded else "resume contoso-2") in found.ways[0].text


@pytest.mark.parametrize(
    ("last", "behind"),
    [
        ({}, ()),
        (deployed(10, "contoso-2"), ()),  # the run deploys some stages while its acceptance run is under way
        (deployed(0, "contoso-1"), ()),  # before it
        (deployed(10, "contoso-3", "image-flows-qa"), ()),
        (deployed(10, "contoso-3", "controlplane-qa"), ()),
        ({}, ("controlplane-qa",)),
    ],
)
def test_an_environment_that_is_proved_is_not_in_the_way(
    last: Mapping[str, Deployment], behind: tuple[str, ...]
) -> None:
    assert [*unproved(IT, "dev", PROVED, last, behind)] == []


def test_the_record_of_an_earlier_run_with_the_same_answers_is_not_in_the_way() -> None:
    earlier = Proved("contoso-2", {"dev": AT}, "contoso-1", recorded_at=AT - 60)
    assert [*unproved(IT, "dev", earlier, {}, ())] == []
    assert [*unproved(IT, "dev", replace(earlier, recorded_at=AT + 60), {}, ())] != []


def test_the_sentences_are_about_what_changes() -> None:
    web = Promotion("dev", "qa", "m", OLD, NEW)
    both = Promotion("dev", "qa", "m", OLD, {**NEW, "prefect": f"flowforge/prefect@sha256:{'4' * 64}"})
    back = Promotion("", "qa", "m", NEW, OLD)
    assert not any("work pools" in one for one in interrupts(web))
    assert any("work pools are paused first" in one for one in interrupts(both))
    assert not any("an older Prefect" in one for one in way_back(IT, web))
    assert any("an older Prefect does not know tables" in one for one in way_back(IT, both))
    assert any("promote --back --env qa" in one for one in way_back(IT, web))
    assert any("tables are not migrated back" in one for one in way_back(IT, back))
    assert all(
        any("az postgres flexible-server restore" in one for one in way_back(IT, each)) for each in (web, both, back)
    )


def test_a_table_has_room_for_digests() -> None:
    assert short(f"a@sha256:{'f' * 64}, b") == f"a@sha256:{'f' * 12}…, b"
