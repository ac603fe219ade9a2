"""Text from outside is data: markup, escape sequences, line breaks and length have no effect on a page."""

import logging
from typing import TYPE_CHECKING, Final

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from installer.answers.draft import Draft, Given
from installer.cloud.models import Choice
from installer.engine.step import Question
from installer.errors import DeploymentFailed
from tests.screens import scripted_runs
from tests.screens.fake_session import TENANT, Harness, at_place, frame, press, screen_lines, screen_text, started
from tests.screens.run.test_live import drawn
from tests.screens.wizard.test_picker import to_field

if TYPE_CHECKING:
    from installer.engine.event_data import ResourceFacts
    from installer.jsontypes import Json

HOSTILE: Final = {
    "markup": "[bold]loud[/bold] [/x] [@click=app.quit]leave[/] [link=x]",
    "open": "[[[ [red on",
    "ansi": "\x1b[31mred\x1b[0m\x1b]0;title\x07 \x9b2J bell\x07",
    "lines": "one\ntwo\r\nthree\tfour\x0b\x0c",
    "long": "a" * 10_000,
    "wide": "東京のサブスクリプション" * 9,
    "emoji": "👩\u200d💻🚀🇸🇪 ok e\u0301",
    "bidi": "abc\u202egnp.exe\u2066x\u200b",
    "surrogate": "\udcff broken",
}
EVERY: Final = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
CONTROLS: Final = {chr(n) for n in (*range(32), *range(127, 160))} | set("\u202e\u2066\u200b")


def check(pilot: Pilot[int]) -> str:
    """Check the screen for control characters and for rows of the wrong width; returns its text."""
    lines = screen_lines(pilot)
    assert not CONTROLS & set("".join(lines))
    assert {cell_len(line) for line in lines} == {pilot.app.size.width}
    return screen_text(pilot)


@EVERY
def test_names_of_choices(world: Harness, text: str) -> None:
    world.session.lists["tenants"] = (Choice(TENANT, text, text),)
    world.session.lists["subscriptions"] = (Choice("a", text, text), Choice("b", "B"), Choice(text, "C", usable=False))

    async def script(pilot: Pilot[int]) -> None:
        check(pilot)
        await to_field(pilot, "subscription.subscription")
        check(pilot)
        await press(pilot, "down", "down", "up", "enter")
        check(pilot)
        await press(pilot, "f1", "escape")
        await at_place(pilot, "review")
        check(pilot)

    world.drive(world.app(), script)


@EVERY
def test_the_error_of_a_list(world: Harness, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        logging.getLogger("screens.base.background"), "disabled", True
    )  # xdist cannot transfer lone surrogates
    world.session.lists["regions"] = DeploymentFailed(text)
    world.session.lists["tenants"] = ValueError(text)

    async def script(pilot: Pilot[int]) -> None:
        await to_field(pilot, "subscription.tenant")
        check(pilot)

    world.drive(world.app(file="dev"), script)


@EVERY
def test_answers_of_a_file(world: Harness, text: str) -> None:
    keys = ("subscription.tenant", "subscription.prefix", "network.address_space", "platform.runtime", "sizing.preset")
    draft = Draft({key: Given(text, "file") for key in (*keys, "sizing.worker_nodes", "sign_on.method")})
    draft.give("subscription.environments", [text, "dev"], "file")

    async def script(pilot: Pilot[int]) -> None:
        for page_key in ("network", "platform", "sizing", "sign_on", "review"):
            check(pilot)
            await at_place(pilot, page_key)
        check(pilot)

    app = world.drive(world.app(draft), script)
    assert app.draft_store.draft.value("subscription.prefix") == text


@EVERY
def test_typed_text(world: Harness, text: str) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "network")
        await press(pilot, "ctrl+u", *text[:60])
        check(pilot)
        await press(pilot, "ctrl+n")
        check(pilot)

    world.drive(world.app(file="dev"), script)


def _resource(world: Harness, text: str) -> None:
    error: Json = {"code": text, "message": text, "details": [{"code": text, "message": text}]}
    facts: ResourceFacts = {"id": text, "type": f"{text}/{text}"}
    world.run.stream.emit("resource.started", text, step="data", resource=text, **facts)
    world.run.stream.emit("resource.failed", text, step="data", resource=text, error=error, **facts)


def _messages(world: Harness, text: str) -> None:
    world.run.stream.emit("log", text, step="data", resource=text)
    world.run.stream.emit("warning", text, step="data", resource=text)
    world.run.stream.emit("heartbeat", text, step="data", resource=text)
    world.run.stream.emit("not-checked", text, step="data", resource=text)
    world.run.stream.emit("step.failed", text, step="data")
    world.run.stream.emit("step.skipped", text, step="runtime-dev", state="blocked")


def _question(world: Harness, text: str) -> None:
    world.run.question = Question(text, text, (text, text), text[:200])
    world.run.stream.emit("question", text, step="data")


def _steps(world: Harness, text: str) -> None:
    steps: list[Json] = [{"key": text, "title": text, "needs": []}, {"key": "b", "title": text, "needs": [text]}]
    world.run.stream.emit("run.started", text, steps=steps)
    world.run.stream.emit("step.started", text, step=text)


@EVERY
def test_events_of_a_run(world: Harness, text: str) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        _steps(world, text)
        await drawn(pilot)
        check(pilot)
        scripted_runs.begin(world.run)
        scripted_runs.step(world.run, "data")
        for emit in (_resource, _messages):
            emit(world, text)
            await drawn(pilot)
            shown = check(pilot)
            if text.startswith("[bold]"):
                assert "[bold]loud[/bold] [/x]" in shown  # verbatim, not as markup
        await press(pilot, "a", "l")
        check(pilot)
        await press(pilot, "l", "enter")
        check(pilot)
        await press(pilot, "escape")
        _question(world, text)
        await drawn(pilot)
        check(pilot)
        await press(pilot, "ctrl+q")
        check(pilot)

    world.drive(world.resumed("contoso-7"), script)


@EVERY
def test_verified_results_and_flashed_errors(world: Harness, text: str) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await started(pilot)
        scripted_runs.begin(world.run)
        world.run.stream.emit("step.progressed", text, step="data", proof=text, ui=text)
        world.run.end()
        await drawn(pilot)
        while frame(pilot).page_key != "done":
            await press(pilot)
        check(pilot)
        frame(pilot).flash(text)
        await press(pilot)
        check(pilot)

    world.drive(world.resumed("contoso-7"), script)
