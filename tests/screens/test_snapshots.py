"""Every kind of page matches its reviewed snapshot, in both themes, without colours and at three sizes, and all of its text has contrast; `pytest tests/screens --snapshot-update` accepts changes."""

from collections.abc import Callable, Iterator
from typing import Final

import pytest
from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]  # it has no types
from textual.pilot import Pilot

import installer.estate.resources
import installer.planning.estate_tree
import installer.runs.summary
import installer.topology.estate_topology
from installer.answers.model import Answers
from installer.durations import Duration
from installer.estate.parameters import StageSpec, stages
from installer.estate.resources import Planned, Stage
from installer.jsontypes import Json
from installer.topology.model import Entry, Grant, Identity, Item, Network, Subnet, Topology, Way
from tests.screens.contrast import poor_texts
from tests.screens.fake_session import LARGE, SMALL, WIDE, Harness
from tests.screens.scenes import OTHER_PAGES, SCENES

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


def _predicted(_answers: Answers, _stage: StageSpec) -> tuple[dict[str, Json], ...]:
    return (
        {"id": "/kv", "type": "Microsoft.KeyVault/vaults", "name": "kv", "properties": {"sku": {"name": "standard"}}},
    )


_ITEMS: Final = (
    Item("stffcontosodev", "storage: blob, dfs", endpoint=True),
    Item("kv-ff-contoso", "key vault", endpoint=True),
)
_GRANTS: Final = (Grant("kv-ff-contoso", ("Key Vault Secrets User",)), Grant("crffcontoso", ("AcrPull",)))


def _network(name: str, second: int, environment: str = "") -> Network:
    subnets = (
        Subnet("snet-nodes", f"10.40.{second}.0/26", (Item(f"aks-{name}", "Kubernetes"),)),
        Subnet("snet-endpoints", f"10.40.{second}.64/26", _ITEMS),
    )
    egress, peers = (f"NAT gateway ng-{name}", ("vnet-hub",)) if environment else ("", ())
    shown = subnets if environment else subnets[1:]
    return Network(f"/{name}", f"vnet-{name}", f"10.40.{second}.0/24", environment, False, egress, peers, shown)


TOPOLOGY: Final = Topology(
    "contoso",
    (Entry("Application Gateway", "agw-ff-contoso", (Way("flowforge.contoso.com", "app-prod", "prod"),)),),
    (_network("dev", 1, "dev"), _network("prod", 2, "prod"), _network("hub", 0)),
    (),
    tuple(Identity(f"id-{one}-web", one, (f"app-{one}",), _GRANTS) for one in ("dev", "prod")),
)


@pytest.fixture(autouse=True)
def _small_estate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer.estate.resources, "estate", _estate)
    monkeypatch.setattr(installer.planning.estate_tree, "predicted", _predicted)
    monkeypatch.setattr(installer.topology.estate_topology, "topology", lambda _answers: TOPOLOGY)
    monkeypatch.setattr(installer.runs.summary, "resources", lambda _answers: iter(range(70)))
    monkeypatch.setattr(
        SVGImageExtension, "file_extension", "svg"
    )  # the plugin sets the attribute of older syrupy versions


VIEWS: Final = {
    "small": (SMALL, "dark"),
    "large": (LARGE, "dark"),
    "light": (SMALL, "light"),
    "wide": (WIDE, "light"),
    "mono": (SMALL, "dark"),
}
"""Size of the terminal and theme; mono is without colours."""
TALL: Final = (LARGE, "light")
"""View of pages of questions, which have a side pane there."""
ALIKE: Final = (*OTHER_PAGES, "done_long", "live_tried_again", "plan_search", "refused")
FORMS: Final = (*OTHER_PAGES, "subscription", "network", "sizing", "sign_on")


def _shown() -> Iterator[tuple[str, str]]:
    """Every scene with its views: those that differ in their questions only have fewer."""
    for scene in SCENES:
        yield from ((scene, view) for view in (VIEWS if scene not in ALIKE else ("small",)))
        if scene in FORMS:
            yield scene, "tall"


@pytest.mark.parametrize(("scene", "view"), [*_shown()])
def test_a_page_matches_its_snapshot(
    world: Harness, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, scene: str, view: str
) -> None:
    size, theme = {**VIEWS, "tall": TALL}[view]
    chosen, poor = SCENES[scene], list[str]()
    if view == "mono":
        monkeypatch.setenv("NO_COLOR", "1")
    app = chosen.app(world)
    app.use_theme(theme)

    async def play(pilot: Pilot[int]) -> None:
        await chosen.play(world, pilot)
        if view != "mono":
            poor.extend(poor_texts(pilot))

    assert snap_compare(app, terminal_size=size, run_before=play)
    assert poor == []
