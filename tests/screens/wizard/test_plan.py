"""The plan page: a tree with signs, before and after; Enter shows all of a part."""

from textual.pilot import Pilot

from installer.planning.model import Change, Plan, counts
from screens.base.footer import KeyFooter
from screens.wizard.fold_list import FoldList
from tests.screens.azure_answers import PLAN
from tests.screens.fake_session import LARGE, SMALL, Harness, at_place, frame, help_line, press, screen_text


def test_the_plan_is_a_tree_that_fits_a_small_terminal(world: Harness) -> None:
    world.session.planned = PLAN

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "checks")
        await press(pilot, "p")
        assert frame(pilot).page_key == "plan"
        shown = screen_text(pilot)
        for line in (
            "rg-dev",
            "+ stffdev (Storage account)",
            "~ kv-ff-dev (Key vault)",
            "properties.sku.name: standard → premium",
            "! ff.example.com (A): its owner creates it",
            "= 1 as is",
            "digest 0123456789ab",
        ):
            assert line in shown
        assert max(map(len, shown.splitlines())) <= SMALL[0]
        assert "dev" in shown.splitlines()[3]
        assert shown.splitlines()[3].endswith("+ 1  ~ 1  = 1  ! 1")
        await press(pilot, "d")
        assert "standard → premium" in screen_text(pilot)
        await press(pilot, "escape", "ctrl+b")
        assert frame(pilot).page_key == "checks"

    world.drive(world.app(file="dev"), script, SMALL)


def test_the_plan_folds_and_the_cursor_stays_on_its_part(world: Harness) -> None:
    world.session.planned = PLAN

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "checks")
        await press(pilot, "p")
        listed = frame(pilot).query_one(FoldList)
        assert "kv-old" not in screen_text(pilot)  # as it is: counted
        texts = [row.branch.text for row in listed.rows]
        await press(pilot, *["down"] * texts.index("1 as is"), "enter")
        assert "kv-old (Key vault)" in screen_text(pilot)
        await press(pilot, "left")
        assert "kv-old" not in screen_text(pilot)
        await press(pilot, "left")
        assert listed.current is not None
        assert listed.current.text == "rg-dev"
        await press(pilot, "left")
        assert "stffdev" not in screen_text(pilot)
        await press(pilot, "r")  # what was folded stays so
        assert "stffdev" not in screen_text(pilot)
        await press(pilot, "right", "right")
        assert listed.current.text == "stffdev (Storage account)"
        await press(pilot, "minus")
        assert [row.branch.text for row in listed.rows] == ["dev"]
        await press(pilot, "equals_sign")
        shown = screen_text(pilot)
        for text in ("kv-old (Key vault)", "2 differences that no deployment makes", "properties.provisioningState"):
            assert text in shown

    world.drive(world.app(file="dev"), script, SMALL)


def test_the_review_opens_the_plan_and_gets_it_back(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await press(pilot, "p")
        assert frame(pilot).page_key == "plan"
        await press(pilot, "ctrl+b")
        assert frame(pilot).page_key == "review"

    world.drive(world.app(file="dev"), script)


def test_without_all_answers_the_review_has_no_plan(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await press(pilot, "p")
        assert frame(pilot).page_key == "review"
        assert "No plan yet" in screen_text(pilot)

    world.drive(world.app(), script)


def test_a_resource_of_the_plan_is_copied_and_opened(world: Harness) -> None:
    group = "/subscriptions/4f2c/resourceGroups/rg-dev"
    vault = f"{group}/providers/Microsoft.KeyVault/vaults/kv-ff-dev"
    change = Change(vault, "Microsoft.KeyVault/vaults", "kv-ff-dev", "rg-dev", "data", "create", environment="dev")
    world.session.planned = Plan("4f2c", "public", 0.0, (change,), (), counts([change]))

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "plan")
        await press(pilot, "equals_sign", "end", "c")
        assert help_line(pilot) == f"Copied: {vault}"
        await press(pilot, "o")
        assert "A rehearsal has no pages in the portal" in help_line(pilot)
        await press(pilot, "home", "c")
        assert help_line(pilot) == "This row has no ID"

    world.drive(world.app(file="dev"), script, LARGE)


def test_a_slash_searches_the_plan_and_its_keys_lead_on_and_back(world: Harness) -> None:
    world.session.planned = PLAN

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await press(pilot, "p", "slash", *"kv-ff")
        shown = screen_text(pilot)
        assert "kv-ff-dev (Key vault)" in shown
        assert "stffdev" not in shown
        assert [key.text for key in frame(pilot).query_one(KeyFooter).shown()][:2] == ["Enter keep", "Esc clear"]
        assert "/ search" not in shown  # a slash is a character here
        await press(pilot, "enter")
        assert isinstance(pilot.app.focused, FoldList)
        await press(pilot, "slash", *"zzz", "enter", "d", "c", "o")
        assert "Nothing here has these words; Esc shows everything." in screen_text(pilot)
        await press(pilot, "slash", "escape")
        assert "stffdev" in screen_text(pilot)
        await press(pilot, "escape")
        assert frame(pilot).page_key == "review"
        await press(pilot, "p", "ctrl+n")
        assert frame(pilot).page_key == "checks"

    world.drive(world.app(file="dev"), script, SMALL)
