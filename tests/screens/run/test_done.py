"""The end of a run: the last page, what stays on the terminal after it, and how the user is notified."""

import pytest
from textual.pilot import Pilot
from textual.style import Style

from installer.errors import DeploymentFailed
from screens.base import links
from screens.base.links import linked
from screens.base.terminal_app import TerminalApp
from screens.run.done import DonePage
from screens.run.launch import run_app
from tests.screens import scripted_runs
from tests.screens.fake_session import (
    LARGE,
    Harness,
    frame,
    help_line,
    press,
    screen_lines,
    screen_text,
    settled,
    started,
)
from tests.screens.run.test_live import drawn


async def finished(world: Harness, pilot: Pilot[int]) -> None:
    """The last page is shown."""
    await started(pilot)
    scripted_runs.succeeded(world.run)
    await drawn(pilot)
    await settled(pilot)
    assert isinstance(frame(pilot), DonePage)


def test_no_command_of_a_rehearsal_builds_in_azure(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await finished(world, pilot)
        text = screen_text(pilot)
        assert " apply " not in text
        assert "After this rehearsal: nothing is in Azure yet" in text
        assert "flowforge-install plan /home/ada" in text
        assert "flowforge-install rehearse --answers /home/ada" in text
        await press(pilot, "ctrl+q")

    app = world.drive(world.resumed("contoso-7"), script, (160, 60))
    assert " apply " not in app.exit_message
    assert "nothing is in Azure yet" in app.exit_message
    assert "http://127.0.0.1:4200" not in app.exit_message  # Prefect has ended with the rehearsal


def test_addresses_next_steps_and_files_of_an_installation_stay_on_the_terminal(
    world: Harness, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.session.options = type(world.session.options)(rehearsal=False)

    async def script(pilot: Pilot[int]) -> None:
        await finished(world, pilot)
        assert "To repeat this installation without questions" in screen_text(pilot)
        await press(pilot, "ctrl+q")

    app = world.drive(world.resumed("contoso-7"), script, LARGE)
    monkeypatch.setattr(type(app), "run", lambda _app: 0)
    assert run_app(app) == 0
    left = capsys.readouterr().err
    assert left.startswith("FlowForge is installed: ")
    for part in ("Prefect              http://127.0.0.1:4200", "FlowForge · dev", "Next steps", "answers  /home/ada"):
        assert part in left


def announcements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Control sequences that the app sends, without those of the title."""
    sent: list[str] = []

    def write(_app: TerminalApp, sequence: str) -> None:
        if not sequence.startswith("\x1b]2;"):
            sent.append(sequence)

    monkeypatch.setattr(TerminalApp, "write_to_terminal", write)
    return sent


def test_the_end_and_a_question_are_announced_once_each(world: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = announcements(monkeypatch)

    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.asks(world.run)
        await drawn(pilot)
        await drawn(pilot)
        assert sent == ["\x07\x1b]9;FlowForge: needs you: Has an administrator consented?\x07"]
        world.run.stream.emit("answer", "yes", step="data", key="consent")
        world.run.end({"data": DeploymentFailed("no")})
        await drawn(pilot)
        await drawn(pilot)
        assert sent[1:] == ["\x07\x1b]9;FlowForge: run contoso-7 failed\x07"]

    world.drive(world.resumed("contoso-7"), script)


def test_a_user_who_has_switched_notifications_off_hears_none(world: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = announcements(monkeypatch)
    app = world.resumed("contoso-7")

    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        (command,) = (one for one in app.get_system_commands(app.screen) if "Notifications" in one.title)
        assert command.title == "Notifications off"
        command.callback()
        scripted_runs.failed(world.run)
        await drawn(pilot)
        assert sent == []

    world.drive(app, script)
    assert world.resumed("contoso-7").preferences.notify is False


def test_the_text_of_a_question_cannot_end_the_sequence(world: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = announcements(monkeypatch)

    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        world.run.stream.emit("question", "a\x07\x1b]0;owned\x07", step="data", key="q", form="text")
        await drawn(pilot)
        (sequence,) = sent
        assert sequence.count("\x07") == 2
        assert sequence.count("\x1b") == 1

    world.drive(world.resumed("contoso-7"), script)


@pytest.mark.parametrize(("keys", "kept"), [((), 0), (("enter",), 0), (("right", "enter"), 1), (("escape",), 0)])
def test_prefect_is_kept_only_after_a_question(
    world: Harness, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], kept: int
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(world.session, "keep_prefect", lambda: calls.append("kept"))

    async def script(pilot: Pilot[int]) -> None:
        await finished(world, pilot)
        await press(pilot, "k")
        assert "Keep Prefect running?" in screen_text(pilot)
        assert "rehearse stop" in screen_text(pilot)
        await press(pilot, *keys)
        assert ("rehearse stop ends it" in help_line(pilot)) is bool(kept)

    world.drive(world.resumed("contoso-7"), script)
    assert len(calls) == kept


def test_addresses_are_links_of_the_terminal_with_safe_characters_only() -> None:
    found = linked("https://app.example.com/a b\x1b\\")
    links = [span.style.link for span in found.spans if isinstance(span.style, Style)]
    assert links == ["https://app.example.com/a%20b%1B\\"]
    assert "\x1b" not in found.plain
    assert not [span for span in linked("left: call Ada").spans if isinstance(span.style, Style)]


def test_the_rest_of_a_long_line_hangs_below_its_text(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.until_data(world.run)
        left = "Not proved: " + "that the image of the web app holds what it needs, and that its server answers " * 2
        world.run.stream.emit("warning", "look", step="data", left=left.strip())
        for key, *_ in scripted_runs.STEPS[2:]:
            scripted_runs.step(world.run, key, "done")
        world.run.end()
        await drawn(pilot)
        await settled(pilot)
        lines = screen_lines(pilot)
        first = next(number for number, line in enumerate(lines) if "Not proved" in line)
        column = lines[first].index("Not proved")
        for line in lines[first + 1 : first + 3]:
            assert line[:column].strip() == ""
            assert line[column].strip()

    world.drive(world.resumed("contoso-7"), script)


@pytest.mark.parametrize("rehearsal", [True, False])
def test_c_copies_the_page_and_o_opens_what_exists(
    world: Harness, monkeypatch: pytest.MonkeyPatch, *, rehearsal: bool
) -> None:
    monkeypatch.setattr(links, "_has_desktop", lambda: False)
    app = world.resumed("contoso-7")

    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        app.rehearsal = rehearsal
        scripted_runs.succeeded(world.run)
        await drawn(pilot)
        await settled(pilot)
        await press(pilot, "c")
        assert "Prefect run in dev COMPLETED" in app.clipboard
        await press(pilot, "o")
        assert app.clipboard == (
            "http://127.0.0.1:4200" if rehearsal else "https://app-ff-contoso-dev.azurewebsites.net"
        )

    world.drive(app, script)
