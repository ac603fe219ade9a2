"""The pages of questions: keyboard navigation, kept answers, and a reason for every invalid value."""

import asyncio

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from installer.answers.draft import Draft
from installer.answers.questions import all_questions
from screens.base.dialogs import HelpDialog
from screens.base.frame import ENVIRONMENT_PAGES, PAGE_TITLES
from tests.screens.fake_session import (
    LARGE,
    SMALL,
    TENANT,
    Harness,
    at_place,
    frame,
    help_line,
    keys,
    press,
    screen_text,
    settled,
    until,
)
from tests.screens.typing_keys import here

SHARED = [page for page in PAGE_TITLES if page not in ENVIRONMENT_PAGES]
"""The pages of an installation whose environments have the same settings."""


def test_every_question_is_reached_by_tab(world: Harness) -> None:
    reached: list[str] = []

    async def script(pilot: Pilot[int]) -> None:
        for page_key in app.page_keys[:-1]:
            await at_place(pilot, page_key)
            first = here(pilot).key
            reached.append(first)
            await press(pilot, "tab")
            while here(pilot).key != first:
                reached.append(here(pilot).key)
                await press(pilot, "tab")

    app = world.app(file="firewall")
    world.drive(app, script)
    applying = [q.key for page in app.page_keys[:-1] for q in app.draft_store.draft.questions(page)]
    assert reached == applying


def test_enter_goes_from_field_to_field_and_from_the_last_to_the_next_page(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "network")
        names = ("mode", "address_space", "private_access", "connected_ranges", "egress", "nat_gateway", "route_tables")
        for name in (*names, "dns", "dns_fallback", "dns_resolver", "private_registry"):
            assert here(pilot).key == f"network.{name}"
            await press(pilot, "enter")
        assert frame(pilot).page_key == "ingress"

    world.drive(world.app(file="dev"), script)


def test_back_stops_at_the_first_page_and_next_at_the_review(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "ctrl+b")
        for page_key in SHARED:
            assert frame(pilot).page_key == page_key
            await press(pilot, "ctrl+n")
        await at_place(pilot, "review")
        for page_key in reversed(SHARED):
            assert frame(pilot).page_key == page_key
            await press(pilot, "ctrl+b")
        assert frame(pilot).page_key == "subscription"

    world.drive(world.app(file="dev"), script)


def test_an_invalid_value_shows_the_reason_at_once_and_is_kept(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "network")
        await press(pilot, "tab")
        await keys(pilot, "ctrl+u", *"10.0.0.0/30")
        await press(pilot)
        assert "! " in screen_text(pilot)
        assert "for example" in screen_text(pilot)
        await press(pilot, "ctrl+n")
        assert frame(pilot).page_key == "ingress"
        assert "3 !1" in screen_text(pilot)
        await press(pilot, "ctrl+b")
        assert "10.0.0.0/30" in screen_text(pilot)

    app = world.drive(world.app(file="dev"), script)
    assert app.draft_store.draft.value("network.address_space") == "10.0.0.0/30"


def test_an_empty_question_shows_no_problem_before_it_is_answered(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        assert "required: " not in screen_text(pilot)

    world.drive(world.app(), script)


def test_an_empty_field_shows_accepted_values_and_whether_it_is_optional(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "escape")  # the list of the first open question covers those below it
        assert "3 to choose from" in screen_text(pilot)
        assert "optional · one or more of dev" in screen_text(pilot)
        await at_place(pilot, "data")
        assert "days · default" in screen_text(pilot)

    world.drive(world.app(), script)


def test_a_question_appears_when_it_applies_and_keeps_its_answer_while_it_does_not(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        async def shows(text: str) -> None:  # the page scrolls to the question
            await until(pilot, lambda: text in screen_text(pilot), text)

        await at_place(pilot, "network")
        assert "Firewall private IP" not in screen_text(pilot)
        await press(pilot, "tab", "tab", "tab", "tab", "right")
        await press(pilot, "tab")
        await shows("Firewall private IP")
        await press(pilot, *"10.0.0.4")
        await press(pilot, "shift+tab", "left")
        assert "Firewall private IP" not in screen_text(pilot)
        await press(pilot, "right")
        await shows("10.0.0.4")

    world.drive(world.app(file="dev"), script)


def test_the_address_plan_is_drawn_during_typing(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "network")
        assert "10.40.64.0/19" in screen_text(pilot)
        await press(pilot, "tab", "ctrl+u", *"10.80.0.0/16")
        assert "10.80.64.0/19" in screen_text(pilot)
        assert "65,536 addresses for the hub and 1 spoke" in screen_text(pilot)

    world.drive(world.app(file="dev"), script)


def test_another_preset_fills_in_its_numbers_but_keeps_typed_ones(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "sizing")
        await press(pilot, "tab", "tab", "ctrl+u", "7", "shift+tab", "shift+tab", "right", "right")

    app = world.drive(world.app(file="dev"), script)
    assert app.draft_store.draft.value("sizing.preset") == "production"
    assert app.draft_store.draft.value("sizing.worker_nodes") == 7
    assert app.draft_store.draft.value("sizing.node_size") == "Standard_D8ds_v5"
    assert app.draft_store.draft.source("sizing.node_size") == "preset"


def test_sizing_counts_the_cores(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "sizing")
        assert "VM cores      12 " in screen_text(pilot)
        assert "12 VM cores, including system nodes" in screen_text(pilot)

    world.drive(world.app(file="dev"), script)


def test_f1_opens_the_full_help_and_escape_returns_to_the_field(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "network")
        await press(pilot, "tab", "f1")
        assert isinstance(pilot.app.screen, HelpDialog)
        assert "Accepted: an IPv4 range in CIDR notation" in screen_text(pilot)
        await press(pilot, "escape")
        assert here(pilot).key == "network.address_space"

    world.drive(world.app(file="dev"), script)


def test_the_help_line_shows_the_help_of_the_focused_question(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        for question in (q for q in all_questions().values() if q.page == "subscription"):
            assert here(pilot).key == question.key
            words = " ".join(help_line(pilot).split())
            assert words == question.ask.help
            await press(pilot, "tab")

    world.drive(world.app(file="dev"), script)


def test_ctrl_s_confirms_that_the_answers_are_saved_and_the_next_wizard_has_them(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "network")
        await press(pilot, "tab", "ctrl+u", *"10.90.0.0/16", "ctrl+s")
        assert "Answers saved" in help_line(pilot)

    world.drive(world.app(file="dev"), script)
    assert world.session.drafts.saved().value("network.address_space") == "10.90.0.0/16"


def test_the_last_answer_is_saved_when_the_user_leaves_at_once(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "network")
        await press(pilot, "tab")
        await keys(pilot, "ctrl+u", *"10.91.0.0/16")
        await press(pilot, "ctrl+q")

    app = world.drive(world.app(file="dev"), script)
    assert app.return_value == 0
    assert world.session.drafts.saved().value("network.address_space") == "10.91.0.0/16"


def test_the_next_wizard_begins_with_the_saved_draft(world: Harness) -> None:
    app = world.app(file="prod")
    world.session.drafts.save(world.drive(app, _nothing).draft_store.draft)
    again = world.drive(world.app(), _nothing)
    assert {k: g.value for k, g in again.draft_store.draft.given().items()} == {
        k: g.value for k, g in app.draft_store.draft.given().items()
    }


@pytest.mark.parametrize("answer", ["resume", "new"])
def test_an_unfinished_run_is_offered(world: Harness, answer: str) -> None:
    world.session.resumable = "contoso-3"

    async def script(pilot: Pilot[int]) -> None:
        assert "Run contoso-3 is not finished" in screen_text(pilot)
        await press(pilot, *(["enter"] if answer == "resume" else ["right", "enter"]))
        assert frame(pilot).page_key == ("live" if answer == "resume" else "subscription")

    world.drive(world.app(), script)


def test_the_menu_leads_to_any_page(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "ctrl+p")
        await press(pilot, *"7 sizing")
        await until(pilot, lambda: "Go to this page" in screen_text(pilot), "the result in the palette")
        await press(pilot, "down", "enter")
        await until(pilot, lambda: frame(pilot).page_key == "sizing", "the page")

    world.drive(world.app(file="dev"), script, SMALL)


def test_the_menu_finds_a_question_by_its_words(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "ctrl+p")
        await press(pilot, *"postgresql sku")
        await until(pilot, lambda: "Compute size of the shared" in screen_text(pilot), "the result in the menu")
        await press(pilot, "down", "enter")
        await until(pilot, lambda: frame(pilot).page_key == "sizing", "the page")
        assert here(pilot).key == "sizing.postgres_size"

    world.drive(world.app(file="dev"), script, LARGE)


def test_what_was_read_from_azure_is_no_answer_that_hides_an_unfinished_run(world: Harness) -> None:
    draft = Draft()
    draft.give("subscription.tenant", TENANT, "discovered")
    world.session.drafts.save(draft)
    world.session.resumable = "contoso-3"

    async def script(pilot: Pilot[int]) -> None:
        assert "Run contoso-3 is not finished" in screen_text(pilot)

    world.drive(world.app(), script)


def test_an_answers_file_opens_at_the_review(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        assert frame(pilot).page_key == "review"
        await press(pilot, "ctrl+b")
        assert frame(pilot).page_key == "flows"

    app = world.app(file="dev")
    app._first_page = "review"
    world.drive(app, script)


def test_the_device_code_stays_visible(world: Harness) -> None:
    world.session.show_message = print

    async def script(pilot: Pilot[int]) -> None:
        assert world.session.show_message is not None
        await asyncio.to_thread(
            world.session.show_message, "To sign in, open https://microsoft.com/devicelogin: ABCD-1234 [/x]"
        )
        await until(pilot, lambda: "ABCD-1234 [/x]" in screen_text(pilot), "the code")
        assert "Sign in to Azure" in screen_text(pilot)
        await press(pilot, "escape")
        assert "ABCD-1234" not in screen_text(pilot)

    world.drive(world.app(), script)


async def _nothing(_pilot: Pilot[int]) -> None:
    """Press no key."""


def test_an_empty_required_field_is_told_when_it_is_left(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        while here(pilot).key != "subscription.region":
            await press(pilot, "tab")
        assert "! required" not in screen_text(pilot)
        assert "required · " in screen_text(pilot)
        await press(pilot, "enter")
        assert "! required: the name or the display name" in screen_text(pilot)

    world.drive(world.app(), script)


def test_who_comes_back_to_a_page_sees_what_is_open(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await press(pilot, "ctrl+n", "ctrl+b")
        assert "! required: 2 to 10 lower-case letters and digits" in screen_text(pilot)

    world.drive(world.app(), script)


def test_the_review_is_not_done_with_open_decisions(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "review")
        await press(pilot, "ctrl+b")
        line = screen_text(pilot).splitlines()[1]
        assert line.rstrip().endswith(f"13 !{sum(app.problem_counts.values())}"), line

    app = world.app()
    world.drive(app, script)


@pytest.mark.parametrize(
    "pasted", ["a@contoso.com\nb@contoso.com\n", "- a@contoso.com\r\n- b@contoso.com", "a@contoso.com b@contoso.com"]
)
def test_all_lines_of_a_pasted_list_are_kept(world: Harness, pasted: str) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "monitoring")
        while here(pilot).key != "monitoring.emails":
            await press(pilot, "tab")
        await press(pilot, "ctrl+u")
        pilot.app.screen.post_message(Paste(pasted))
        await settled(pilot)

    app = world.drive(world.app(file="dev"), script)
    assert app.draft_store.draft.value("monitoring.emails") == ["a@contoso.com", "b@contoso.com"]


def test_f1_shows_the_whole_error_first(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "monitoring")
        while here(pilot).key != "monitoring.emails":
            await press(pilot, "tab")
        await press(pilot, "ctrl+u", *"a@contoso.com ops", "f1")
        shown = " ".join(screen_text(pilot).replace("│", " ").split())
        error, help_text = shown.index('! item 2 ("ops") is not valid; allowed: '), shown.index("Accepted: ")
        assert error < help_text

    world.drive(world.app(file="dev"), script, size=LARGE)


def test_a_first_installation_with_defaults_takes_few_keys(world: Harness) -> None:
    """From the first page to the start of the checks: the subscription, its region and the prefix are all that is asked for."""
    pressed: list[str] = []

    async def script(pilot: Pilot[int]) -> None:
        async def keys(*names: str) -> None:
            pressed.extend(names)
            await press(pilot, *names)

        await keys("down", "enter")  # the tenant is known
        await keys(*"sweden", "enter", "tab", "tab")
        assert here(pilot).key == "subscription.prefix"
        await keys(*"contoso", "f10")
        assert frame(pilot).page_key == "review"
        assert app.problem_counts == {}
        await keys("ctrl+n")
        assert frame(pilot).page_key == "checks"

    app = world.app()
    world.drive(app, script)
    assert app.draft_store.draft.value("subscription.region") == "swedencentral"
    assert len(pressed) < 25


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_the_address_plan_fits_every_width(world: Harness, size: tuple[int, int]) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "network")
        await settled(pilot)
        lines = [line for line in screen_text(pilot).splitlines() if "10.40.0.0/18" in line or "10.40.64.0/19" in line]
        assert len(lines) == 2
        assert all("% spare" in line for line in lines), "a network is one line with its bar"
        hub, dev = (sum(line.count(sign) for sign in "█▓▒░─") for line in lines)
        assert hub >= 1.7 * dev, "in proportion"

    world.drive(world.app(file="dev"), script, size)


def test_a_picture_fits_a_page_whose_size_has_changed_under_a_dialog(world: Harness) -> None:
    def picture(pilot: Pilot[int]) -> list[str]:
        lines = screen_text(pilot).splitlines()
        first = next(number for number, line in enumerate(lines) if "% spare" in line)
        return [line.partition("│")[2].partition("│")[0] for line in lines[first - 1 : first + 8]]

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "network")
        await press(pilot, "f1")
        await pilot.resize_terminal(*LARGE)
        await press(pilot, "escape")
        widened = picture(pilot)
        await press(pilot, "ctrl+b", "ctrl+n")
        assert picture(pilot) == widened

    world.drive(world.app(), script)
