"""The checks page: findings with their ways out; what blocks prevents the start, a way out removes it."""

import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, OptionList

from installer.cli.check_lines import result_lines
from installer.errors import DeploymentFailed
from installer.preflight.checks import CHECKS
from installer.preflight.model import NotChecked, Proof, Report, Result
from screens.wizard.check_lines import lines_of
from tests.screens.azure_answers import TAKEN, WARNED, report
from tests.screens.fake_session import SMALL, Harness, at_place, frame, press, screen_text, settled, until, wizard


async def to_checks(pilot: Pilot[int]) -> None:
    """Open the checks from the review."""
    await at_place(pilot, "review")
    await press(pilot, "ctrl+n")
    await settled(pilot)
    assert frame(pilot).page_key == "checks"


def test_without_findings_enter_starts_the_run(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_checks(pilot)
        assert "nothing blocks the start" in screen_text(pilot)
        await press(pilot, "enter")
        assert len(world.session.runs) == 1

    world.drive(world.app(file="dev"), script)


def test_a_finding_that_blocks_prevents_the_start_and_its_way_out_removes_it(world: Harness) -> None:
    world.session.reports = [report(TAKEN), report()]

    async def script(pilot: Pilot[int]) -> None:
        await to_checks(pilot)
        shown = screen_text(pilot)
        assert "1 finding blocks the start" in shown
        assert "the name kv-ff-contoso-dev (Key vault) is taken" in shown
        assert "not checked: quotas of Microsoft.Web: this account may not read it" in shown
        assert frame(pilot).query_one("#start", Button).disabled
        await press(pilot, "ctrl+n")
        assert "resolve what blocks" in screen_text(pilot)
        await press(pilot, "enter")  # the cursor is on the first way out
        assert world.session.runs == []
        assert "nothing blocks the start" in screen_text(pilot)
        assert pilot.app.draft_store.draft.value("governance.names") == [  # type: ignore[attr-defined]  # the wizard's app
            "key_vault.dev=kv-ff-contoso-dev2"
        ]
        await press(pilot, "ctrl+n", "enter")
        assert len(world.session.runs) == 1

    world.drive(world.app(file="dev"), script, SMALL)


def test_warnings_are_acknowledged_once(world: Harness) -> None:
    world.session.reports = [report(WARNED)]

    async def script(pilot: Pilot[int]) -> None:
        await to_checks(pilot)
        assert "1 to acknowledge at the start" in screen_text(pilot)
        await press(pilot, "ctrl+n", "enter")
        assert world.session.runs == []
        start = frame(pilot).query_one("#start")
        await until(pilot, lambda: not start.has_class("-active"), "the button to be released")
        await press(pilot, "enter")
        assert len(world.session.runs) == 1

    world.drive(world.app(file="dev"), script)


def test_f1_shows_the_whole_finding_and_r_checks_again(world: Harness) -> None:
    world.session.reports = [report(TAKEN), report()]

    async def script(pilot: Pilot[int]) -> None:
        await to_checks(pilot)
        await press(pilot, "f1")
        assert "Azure refuses this resource" in screen_text(pilot)
        await press(pilot, "escape", "r")
        assert world.session.forgotten == 1
        assert "nothing blocks the start" in screen_text(pilot)

    world.drive(world.app(file="dev"), script)


def test_when_azure_cannot_be_reached_the_page_says_so_and_returns_to_the_review(world: Harness) -> None:
    world.session.reports = [DeploymentFailed("Azure cannot be reached")]

    async def script(pilot: Pilot[int]) -> None:
        await to_checks(pilot)
        assert "Azure cannot be reached" in screen_text(pilot)
        assert frame(pilot).query_one("#start", Button).disabled
        await press(pilot, "ctrl+b")
        assert frame(pilot).page_key == "review"

    world.drive(world.app(file="dev"), script)


def test_the_list_keeps_a_line_for_every_check(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_checks(pilot)
        listed = frame(pilot).query_one("#checks", OptionList)
        assert listed.option_count >= 8

    world.drive(world.app(file="dev"), script)


def test_enter_on_a_check_shows_everything_that_it_proved(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_checks(pilot)
        await press(pilot, "shift+tab", "home", "enter")
        assert "as it should be" in screen_text(pilot)

    world.drive(world.app(file="dev"), script)


def test_a_finding_is_shown_while_other_checks_still_run(world: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of events: the first result arrives, the page shows it, and only then do the others continue."""
    seen, found = threading.Event(), report(TAKEN)

    def check(_answers: object, ended: Callable[[Result], None], _survey: object = None) -> Report:
        ended(found.results[0])
        seen.wait()
        for one in found.results[1:]:
            ended(one)
        return found

    monkeypatch.setattr(world.session, "check", check)

    async def script(pilot: Pilot[int]) -> None:
        wizard(pilot).seen_pages.add("review")
        wizard(pilot).show_page("checks")
        await until(pilot, lambda: TAKEN.what[:40] in screen_text(pilot), "the first finding")
        shown = screen_text(pilot)
        assert "● Quota" in shown
        assert f"1 of {len(CHECKS)} checks" in shown
        assert "→ use the name kv-ff-contoso-dev2" in shown
        seen.set()
        await settled(pilot)
        assert "1 finding blocks the start" in screen_text(pilot)

    world.drive(world.app(file="dev"), script)


def test_c_copies_a_finding_with_its_ways_out_and_o_opens_what_it_is_about(
    world: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(sys, "platform", "darwin")

    def browser(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", browser)
    world.session.reports = [report(TAKEN)]
    app = world.app(file="dev")
    app.rehearsal = False

    async def script(pilot: Pilot[int]) -> None:
        await to_checks(pilot)
        await press(pilot, "c")
        assert app.clipboard.startswith(TAKEN.what)
        assert "choose another prefix" in app.clipboard
        await press(pilot, "o")
        await settled(pilot)
        await press(pilot, "home", "down", "down", "c")
        assert "88 actions at 1 scope" in app.clipboard
        await press(pilot, "o")
        await settled(pilot)
        await press(pilot, "escape")
        assert frame(pilot).page_key == "review"

    world.drive(app, script)
    finding, passed = opened
    assert finding.endswith(f"/resource{TAKEN.where}")
    assert passed.endswith(f"/resource/subscriptions/{app.draft_store.draft.value('subscription.subscription')}")


def test_a_check_that_could_not_see_one_part_shows_what_is_proved_of_the_rest() -> None:
    unseen = NotChecked("routes of vnet-hub", "this account may not read them")
    partly = Result("network", "Network", not_checked=(unseen,), proofs=(Proof("2 resources exist"),))
    first, second = lines_of("Network", partly)
    assert first.text.endswith(" 1 not checked; 2 resources exist")
    assert "routes of vnet-hub" in second.text
    nothing = next(lines_of("Network", replace(partly, proofs=())))
    assert nothing.text.endswith(" not checked")
    plain, *_ = result_lines(partly)
    assert plain.split() == ["?", "Network", "2", "resources", "exist"]
