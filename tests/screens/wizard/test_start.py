"""The first page: what is needed and kept, and the ways to begin."""

from pathlib import Path

import pytest
from textual.command import Hit
from textual.pilot import Pilot
from textual.widgets import Static

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.errors import UsageError
from screens.base import links
from screens.base.commands import Commands
from screens.base.dialogs import Dialog, HelpDialog
from screens.wizard.app import WizardApp
from tests.screens.fake_session import (
    ANSWERS,
    SMALL,
    Harness,
    frame,
    help_line,
    press,
    screen_lines,
    screen_text,
    settled,
    wizard,
)


@pytest.fixture(params=[True, False], ids=["rehearsal", "azure"])
def rehearsal(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def app(world: Harness, *, rehearsal: bool = True) -> WizardApp:
    """The wizard as the command opens it without answers."""
    found = world.app()
    found._first_page = "start"
    found.rehearsal = rehearsal
    return found


def test_it_says_what_is_needed_and_what_happens_to_answers(world: Harness, rehearsal: bool) -> None:
    async def script(pilot: Pilot[int]) -> None:
        shown = screen_text(pilot)
        for words in (
            "FlowForge is a data platform",
            "You need    Owner",
            "secrets in the keyring",
            "Open an answers file",
        ):
            assert words in shown
        assert ("Rehearse first" in shown) is not rehearsal
        assert ("take over an installation" in shown) is not rehearsal
        assert "Resume" not in shown
        assert all(len(line) <= SMALL[0] for line in shown.splitlines())
        await press(pilot, "enter")
        assert frame(pilot).page_key == "subscription"

    world.drive(app(world, rehearsal=rehearsal), script, SMALL)


def test_an_unfinished_run_is_the_first_way(world: Harness) -> None:
    world.session.resumable = "contoso-3"

    async def script(pilot: Pilot[int]) -> None:
        assert "Resume contoso-3: completed steps are kept" in screen_text(pilot)
        await press(pilot, "enter")
        await settled(pilot)
        assert frame(pilot).page_key == "live"

    world.drive(app(world), script)


def begun(world: Harness) -> None:
    draft = Draft()
    draft.give("subscription.prefix", "contoso")
    world.session.drafts.save(draft)


def test_answers_that_were_begun_are_continued_first(world: Harness) -> None:
    begun(world)

    async def script(pilot: Pilot[int]) -> None:
        assert "Continue with the saved answers of contoso" in screen_text(pilot)
        await press(pilot, "enter")
        assert frame(pilot).page_key == "subscription"

    found = app(world)
    world.drive(found, script)
    assert found.draft_store.draft.value("subscription.prefix") == "contoso"


def test_a_new_installation_keeps_the_answers_so_far_aside_and_brings_them_back(world: Harness) -> None:
    begun(world)

    async def script(pilot: Pilot[int]) -> None:
        draft = found.draft_store
        await press(pilot, "down", "enter")
        assert isinstance(pilot.app.screen, Dialog)
        await press(pilot, "enter")  # the safe answer
        assert draft.draft.value("subscription.prefix") == "contoso"
        await press(pilot, "enter", "right", "enter")
        await settled(pilot)
        assert not draft.draft.begun
        assert not world.session.drafts.saved().begun
        assert frame(pilot).page_key == "subscription"
        draft.draft.give("subscription.prefix", "fabrikam")
        found.take_back()
        await settled(pilot)
        assert draft.draft.value("subscription.prefix") == "contoso"
        assert world.session.drafts.saved().value("subscription.prefix") == "contoso"
        found.take_back()
        await settled(pilot)
        assert draft.draft.value("subscription.prefix") == "fabrikam"

    found = app(world)
    world.drive(found, script)


def test_answers_kept_aside_are_a_way_to_begin(world: Harness) -> None:
    draft = Draft()
    draft.give("subscription.prefix", "contoso")
    world.session.drafts.keep_aside(draft)

    async def script(pilot: Pilot[int]) -> None:
        assert "Take back the answers that were kept aside" in screen_text(pilot)
        await press(pilot, "end", "up", "enter") if not found.rehearsal else await press(pilot, "end", "enter")
        await settled(pilot)
        assert found.draft_store.draft.value("subscription.prefix") == "contoso"

    found = app(world)
    world.drive(found, script)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Relay jump host", "Network"),  # words of two choices
        ("postgres_ha", "Sizing"),  # the key in the answers file
        ("Trial", "Sizing"),  # a choice
    ],
)
def test_the_menu_finds_questions_by_words_beside_their_label(world: Harness, typed: str, expected: str) -> None:
    async def titles() -> list[str]:
        provider = Commands(found.screen)
        return [str(hit.prompt) async for hit in provider.search(typed) if isinstance(hit, Hit)]

    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "enter")
        assert any(title.startswith(expected) for title in await titles()), await titles()

    found = app(world)
    world.drive(found, script)


def test_an_answers_file_is_opened_at_the_review(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "down", "enter", *str(ANSWERS / "dev.yaml"), "enter")
        await settled(pilot)
        assert frame(pilot).page_key == "review"
        assert "contoso" in screen_text(pilot)

    found = app(world)
    world.drive(found, script)
    assert found.draft_store.draft.value("subscription.prefix") == "contoso"


def test_all_problems_of_a_file_are_shown_and_the_page_stays(world: Harness, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nsizing: {worker_nodes: 99}\nnetwork: {egress: tunnel}\n", encoding="utf-8")

    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "down", "enter", *str(broken), "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, HelpDialog)
        shown = " ".join(str(pilot.app.screen.query_one("#window-text", Static).content).split())
        assert "99 is too large" in shown
        assert '"tunnel" is not valid' in shown
        await press(pilot, "escape", "escape", "up", "enter")
        assert frame(pilot).page_key == "subscription"

    world.drive(app(world), script)


@pytest.mark.parametrize(("keys", "command"), [(("down",), "rehearse"), (("down", "down", "down"), "attach")])
def test_other_commands_continue_after_the_screen(world: Harness, keys: tuple[str, ...], command: str) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, *keys, "enter")

    found = app(world, rehearsal=False)
    world.drive(found, script)
    assert (found.next_command, found.return_value) == (command, 0)


def test_names_from_azure_are_known_in_a_reopened_draft(world: Harness) -> None:
    draft = load(ANSWERS / "dev.yaml").draft

    async def visit(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await press(pilot, "ctrl+s")

    world.drive(WizardApp(world.session, draft, clock=world.clock), visit)
    world.session.lists["subscriptions"] = UsageError("no network")

    async def script(pilot: Pilot[int]) -> None:
        wizard(pilot).show_page("network")
        await settled(pilot)
        assert "Contoso Data" in screen_text(pilot).splitlines()[0]
        wizard(pilot).show_page("review")
        await press(pilot, "equals_sign")
        assert "Contoso Data Platform" in screen_text(pilot)

    world.drive(WizardApp(world.session, None, clock=world.clock), script)


def test_saved_names_are_text(world: Harness) -> None:
    world.session.drafts.save(Draft(), {"4f2c": "Contoso\x1b[31m"})
    assert world.session.drafts.names() == {"4f2c": "Contoso [31m"}
    world.session.state.write_draft({"names": ["no"]}, rehearsal=False)
    assert world.session.drafts.names() == {}


def test_the_footer_names_enter_and_c_copies_the_command_of_a_line(world: Harness, rehearsal: bool) -> None:
    world.session.resumable = "contoso-3"
    found = app(world, rehearsal=rehearsal)
    copied: list[str] = []

    async def script(pilot: Pilot[int]) -> None:
        assert "Enter choose" in screen_lines(pilot)[-1]
        for _way in range(3 if rehearsal else 5):
            await press(pilot, "c", "down")
            copied.append(found.clipboard.partition(" ")[2])

    world.drive(found, script, SMALL)
    wizard_of = ["rehearse", "rehearse --answers answers.yaml"]
    assert copied == [
        "resume contoso-3",
        *(wizard_of if rehearsal else ["", "rehearse", "--answers answers.yaml", "attach"]),
    ]


def test_o_opens_the_subscriptions_in_the_portal(world: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_has_desktop", lambda: False)
    found = app(world)

    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "o")
        assert "Copied the address: https://portal.azure.com/" in help_line(pilot)

    world.drive(found, script, SMALL)
    assert found.clipboard == "https://portal.azure.com/#view/Microsoft_Azure_Billing/SubscriptionsBlade"


def test_the_name_of_a_file_has_its_keys_in_the_footer(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "down", "enter")
        assert screen_lines(pilot)[-1].strip().startswith("Enter open  Esc back to the list")
        await press(pilot, "escape")
        assert "Enter choose" in screen_lines(pilot)[-1]

    world.drive(app(world), script, SMALL)


def test_answers_of_a_completed_run_open_at_the_review(world: Harness, rehearsal: bool) -> None:
    world.session.finished = "contoso-6", ANSWERS / "dev.yaml"
    found = app(world, rehearsal=rehearsal)

    async def script(pilot: Pilot[int]) -> None:
        words = "Rehearse again, with the answers of" if rehearsal else "Change or check the installation of"
        assert f"{words} contoso-6: they open at the review" in screen_text(pilot)
        await press(pilot, "c")
        assert found.clipboard.endswith(f"{'rehearse --answers' if rehearsal else 'apply'} {ANSWERS / 'dev.yaml'}")
        await press(pilot, "enter")
        await settled(pilot)
        assert frame(pilot).page_key == "review"

    world.drive(found, script, SMALL)
