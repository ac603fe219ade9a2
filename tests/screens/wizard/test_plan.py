"""The plan page: a tree with signs, before and after; Enter shows all of a part."""

from textual.pilot import Pilot

from installer.planning.model import Change, Plan, PropertyChange, counts
from tests.screens.fake_session import SMALL, Harness, at_place, frame, press, screen_text

CHANGES = (
    Change("/x/st", "Microsoft.Storage/storageAccounts", "stffdev", "rg-dev", "data", "create", environment="dev"),
    Change(
        "/x/kv",
        "Microsoft.KeyVault/vaults",
        "kv-ff-dev",
        "rg-dev",
        "data",
        "change",
        ("properties.sku.name",),
        (PropertyChange("properties.sku.name", "standard", "premium"),),
        "dev",
    ),
    Change(
        "dns:A:x", "DNS record/A", "ff.example.com", "", "names", "wait", (), (), "dev", "dns", "its owner creates it"
    ),
    Change("/x/old", "Microsoft.KeyVault/vaults", "kv-old", "rg-dev", "data", "same", environment="dev"),
)
PLAN = Plan("4f2c", "public", 0.0, CHANGES, (), counts(CHANGES), digest="0123456789abcdef")


def test_the_plan_is_a_tree_that_fits_a_small_terminal(world: Harness) -> None:
    world.session.planned = PLAN

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "checks")
        await press(pilot, "p")
        assert frame(pilot).page_key == "plan"
        shown = screen_text(pilot)
        for line in (
            "rg-dev",
            "+ stffdev (storageAccounts)",
            "~ kv-ff-dev (vaults)",
            "properties.sku.name: standard → premium",
            "! ff.example.com (A): its owner creates it",
            "= 1 as is",
            "digest 0123456789ab",
        ):
            assert line in shown
        assert max(map(len, shown.splitlines())) <= SMALL[0]
        await press(pilot, "down", "enter")
        assert "kv-ff-dev (vaults)" in screen_text(pilot)
        await press(pilot, "escape", "ctrl+b")
        assert frame(pilot).page_key == "checks"

    world.drive(world.app(file="dev"), script, SMALL)
