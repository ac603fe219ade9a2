"""Every kind of page matches its reviewed snapshot, in both themes, and all of its text has contrast; `pytest tests/screens --snapshot-update` accepts changes."""

from collections.abc import Callable
from typing import Final

import pytest
from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]  # it has no types
from textual.pilot import Pilot

import installer.estate.resources
import installer.runs.summary
from installer.answers.model import Answers
from installer.durations import Duration
from installer.estate.parameters import stages
from installer.estate.resources import Planned, Stage
from tests.screens.contrast import poor_texts
from tests.screens.fake_session import LARGE, SMALL, Harness
from tests.screens.scenes import SCENES

Compare = Callable[..., bool]


def _estate(answers: Answers) -> tuple[Stage, ...]:
    """A small estate, so that a new resource in a template does not change the snapshots."""
    first, second = stages(answers)[:2]
    group = f"rg-ff-{answers.subscription.prefix}"
    found = (
        Planned("/rg", "Microsoft.Resources/resourceGroups", group, "", first.key, 2.0, "2025-04-01"),
        Planned(
            "/kv",
            "Microsoft.KeyVault/vaults",
            f"kv-ff-{answers.subscription.prefix}",
            group,
            first.key,
            40.0,
            "2026-02-01",
        ),
    )
    network = (Planned("/vnet", "Microsoft.Network/virtualNetworks", "vnet-hub", group, second.key, 8.0, "2025-05-01"),)
    return Stage(first, found, Duration.of(42.0)), Stage(second, network, Duration.of(8.0))


@pytest.fixture(autouse=True)
def _small_estate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer.estate.resources, "estate", _estate)
    monkeypatch.setattr(installer.runs.summary, "resources", lambda _answers: iter(range(70)))
    monkeypatch.setattr(
        SVGImageExtension, "file_extension", "svg"
    )  # the plugin sets the attribute of older syrupy versions


VIEWS: Final = {"small": (SMALL, "dark"), "large": (LARGE, "dark"), "light": (SMALL, "light")}
"""Size of the terminal and theme."""


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("scene", SCENES)
def test_a_page_matches_its_snapshot(world: Harness, snap_compare: Compare, scene: str, view: str) -> None:
    size, theme = VIEWS[view]
    chosen, poor = SCENES[scene], list[str]()
    app = chosen.app(world)
    app.use_theme(theme)

    async def play(pilot: Pilot[int]) -> None:
        await chosen.play(world, pilot)
        poor.extend(poor_texts(pilot))

    assert snap_compare(app, terminal_size=size, run_before=play)
    assert poor == []
