"""Test harness for the screens: a session with tables instead of Azure, a run whose events the test emits, a manual clock."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import pytest
from rich.console import RenderableType
from textual._compositor import Compositor
from textual.dom import DOMNode
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Static

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.answers.model import Answers
from installer.answers.questions import all_questions
from installer.cloud.models import Choice
from installer.cloud.sign_in import ShowMessage
from installer.cost.live import LiveCost, live_cost
from installer.engine.events import Event, Listener
from installer.engine.runner import Result
from installer.engine.step import Question, Stop
from installer.engine.stream import Stream
from installer.errors import InstallerError, Verdict
from installer.planning.model import Plan
from installer.preflight.checks import CHECKS
from installer.preflight.model import Proof, Report
from installer.preflight.model import Result as CheckResult
from installer.runs.drafts import DraftStore
from installer.runs.purpose import INSTALLATION, Purpose
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from installer.secret_store import Secrets
from screens.base.background import THREAD_NAME
from screens.base.frame import Frame
from screens.run.app import RunApp
from screens.wizard.app import WizardApp
from tests.cost.made_up_prices import cost_of

ANSWERS: Final = Path(__file__).parent.parent / "answers"
START: Final = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
TENANT: Final = "7a1d1b7e-3c5f-4c62-9f0e-5a8c0f6f2d10"
PLATFORM: Final = "4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab"
SANDBOX: Final = "77aa1c5e-2b48-4e1d-9d66-1e3a7b8802c1"
MAX_POLLS: Final = 8000
IDLE_ITERATIONS: Final = 6
"""Iterations of the event loop without a pending message after which the app counts as idle."""
MAX_ITERATIONS: Final = 100_000
"""Iterations of the event loop after which the app is considered stuck."""
CHARACTERS: Final = {"space": " ", "enter": "\r", "tab": "\t"}

Script = Callable[[Pilot[int]], Awaitable[None]]
SMALL: Final = (80, 24)
LARGE: Final = (120, 40)
WIDE: Final = (200, 60)

LISTS: Final[dict[str, tuple[Choice, ...]]] = {
    "tenants": (Choice(TENANT, "Contoso Ltd"),),
    "subscriptions": (
        Choice(PLATFORM, "Contoso Data Platform", "enabled"),
        Choice(SANDBOX, "Contoso Sandbox", "enabled"),
        Choice("b0de0000-0000-4000-8000-000000007710", "Contoso Legacy", "disabled", usable=False),
    ),
    "regions": (
        Choice("swedencentral", "Sweden Central", "3 zones"),
        Choice("westeurope", "West Europe", "3 zones"),
        Choice("northeurope", "North Europe", "3 zones"),
        Choice("germanywestcentral", "Germany West Central", "3 zones"),
        Choice("usgovvirginia", "US Gov Virginia", "3 zones"),
    ),
}


PASSED: Final = Report(tuple(CheckResult(one.key, one.title, proofs=(Proof("as it should be"),)) for one in CHECKS))
"""Every check passes."""
AnyApp = TypeVar("AnyApp", bound=RunApp)


class Clock:
    """Manual clock: seconds since the start of the test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def date(self) -> datetime:
        """Current time as a date, for events."""
        return START + timedelta(seconds=self.seconds)

    def __call__(self) -> float:
        """Current time in seconds since the epoch, for the pages."""
        return self.date().timestamp()


class _Journal:
    def __init__(self, events: list[Event]) -> None:
        self._events = events

    def events(self) -> Iterable[Event]:
        """All events so far."""
        return tuple(self._events)

    def recall(self, _step: str) -> None:
        """No step has recorded anything."""

    def fact(self, _name: str) -> None:
        """No fact is kept."""


class _Facts:
    def __init__(self, answers: Answers, draft: Draft) -> None:
        self.answers = answers
        self.draft = draft
        self.target = {"kind": "rehearsal"}


class FakeRun:
    """A run as used by the screens; the test emits its events."""

    exported = Path("/home/ada/.local/state/flowforge-installer/runs/contoso-7/answers.yaml")
    directory = exported.parent

    def __init__(self, answers: Answers, draft: Draft, clock: Clock, name: str = "contoso-7") -> None:
        self.name = name
        self.facts = _Facts(answers, draft)
        self.clock = clock
        self.stream = Stream(clock=clock.date)
        self.events: list[Event] = []
        self.stream.listen(self.events.append)
        self.journal = _Journal(self.events)
        self.stop = Stop()
        self.result: Result | None = None
        self.question: Question | None = None
        self.answered: list[str] = []
        self.closed = False
        self.verdicts: dict[str, Verdict] = {}
        self.retried: list[str] = []

    def listen(self, listener: Listener, *, past: bool = False) -> None:  # noqa: ARG002  Run's signature
        """Call the listener with all events, past and future."""
        self.stream.listen(listener)

    def answer(self, text: str) -> None:
        """Record the answer to the open question."""
        self.answered.append(text)
        self.question = None
        self.stream.emit("answer", text, step="data", value=text)

    def may_retry(self, key: str) -> Verdict:
        """The verdict set by the test."""
        return self.verdicts[key]

    def retry(self, key: str) -> None:
        """Record the retry and start the step again."""
        self.retried.append(key)
        self.result = None
        self.stream.emit("step.started", "", step=key)

    def close(self) -> None:
        """Record that the run was closed."""
        self.closed = True

    def end(self, failures: dict[str, InstallerError] | None = None) -> None:
        """End the run."""
        self.result = Result(failures=failures or {})
        self.stream.emit("run.finished", self.result.state, state=self.result.state)


class FakeDrafts(DraftStore):
    """Drafts whose typed secrets are kept in memory instead of a keyring."""

    def __init__(self, state: StateDirectory, secrets: Secrets) -> None:
        super().__init__(state, secrets)
        self.kept: dict[str, str] = {}

    def keep_secret(self, draft: Draft, key: str, value: str) -> None:  # noqa: ARG002  DraftStore's
        """Keep the secret in memory instead of a keyring."""
        self.kept[key] = value


class FakeSession(Session):
    """A session without Azure. `lists` has the choices per source; an exception in place of a list is raised."""

    def __init__(self, path: Path, clock: Clock, *, rehearsal: bool = True) -> None:
        super().__init__(StateDirectory.at(str(path)), TargetOptions(rehearsal=rehearsal))
        self.clock = clock
        self.lists: dict[str, tuple[Choice, ...] | Exception] = dict(LISTS)
        self.asked: list[str] = []
        self.drafts = self.fake_drafts = FakeDrafts(self.state, self.secrets)
        self.runs: list[FakeRun] = []
        self.changed: list[dict[str, str]] = []
        self.resumable: str | None = None
        self.prices: dict[str, str] = {}
        self.installed: tuple[str, Answers] | None = None
        self.finished: tuple[str, Path] | None = None
        """The newest run that has installed, and its answers."""
        self.cannot: Exception | None = None
        self.reports: list[Report | Exception] = []
        """Results of the next checks; without one, every check passes."""
        self.planned: Plan | None = None
        self.forgotten = 0
        self.gate = threading.Event()
        self.gate.set()

    @property
    def account(self) -> str:
        """The signed-in account."""
        return "ada@contoso.com" if self.asked else ""

    def choices(self, source: str, draft: Draft) -> list[Choice]:  # noqa: ARG002  Session's
        """The choices in the table."""
        self.asked.append(source)
        self.gate.wait()
        found = self.lists.get(source, ())
        if isinstance(found, Exception):
            raise found
        return list(found)

    def plan(
        self,
        answers: Answers,
        progress: ShowMessage = print,  # noqa: ARG002  Session's
        *,
        draft: Draft | None = None,  # noqa: ARG002  Session's
        checks: bool = False,  # noqa: ARG002  Session's
        kept: Sequence[str] = (),  # noqa: ARG002  Session's
    ) -> Plan:
        """The plan of the test, or one that creates everything."""
        return self.planned or Plan(answers.subscription.subscription, "public", 0.0, (), (), {"create": 70})

    def check(
        self,
        answers: Answers,  # noqa: ARG002  Session's
        ended: Callable[[CheckResult], None] = lambda _result: None,
        survey: Path | None = None,  # noqa: ARG002  Session's
    ) -> Report:
        """The next report set by the test."""
        found = self.reports.pop(0) if self.reports else PASSED
        if isinstance(found, Exception):
            raise found
        for one in found.results:
            ended(one)
        return found

    def live_cost(self, draft: Draft, key: str = "") -> LiveCost:
        """Made-up costs, marked as those of a rehearsal."""
        return live_cost(draft, all_questions().get(key), partial(cost_of, rehearsal=True))

    def size_prices(self, draft: Draft) -> dict[str, str]:  # noqa: ARG002  Session's
        """The prices set by the test."""
        return self.prices

    def forget_prices(self) -> None:
        """Nothing was read."""

    def forget_checks(self) -> None:
        """Count the call."""
        self.forgotten += 1

    def unfinished(self) -> str | None:
        """The run set by the test."""
        return self.resumable

    def completed(self) -> tuple[str, Path] | None:
        """The run set by the test."""
        return self.finished

    def applied(self, draft: Draft, *, certain: bool = False) -> tuple[str, Answers] | None:  # noqa: ARG002  Session's
        """The run set by the test."""
        return self.installed

    def begin(
        self,
        answers: Answers,
        draft: Draft,
        *,
        attended: bool,  # noqa: ARG002  Session's
        purpose: Purpose = INSTALLATION,  # noqa: ARG002  Session's
    ) -> Run:
        """A new fake run."""
        return self.new_run(answers, draft, f"{answers.subscription.prefix}-7")

    def resume(
        self,
        name: str,
        *,
        attended: bool,  # noqa: ARG002  Session's
        only: str | None = None,  # noqa: ARG002  Session's
        changes: Mapping[str, str] | None = None,
    ) -> Run:
        """A new fake run; changes are recorded."""
        self.changed.append(dict(changes or {}))
        loaded = load(ANSWERS / "dev.yaml")
        return self.new_run(loaded.answers, loaded.draft, name)

    def new_run(self, answers: Answers, draft: Draft, name: str) -> Run:
        """A run without events; raises the error set by the test."""
        if self.cannot is not None:
            raise self.cannot
        self.runs.append(FakeRun(answers, draft, self.clock, name))
        return cast("Run", self.runs[-1])


class Harness:
    """Clock, session and app of a test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = Clock()
        self.session = FakeSession(path, self.clock)

    def app(self, draft: Draft | None = None, *, file: str = "") -> WizardApp:
        """A wizard, empty or with the answers of a file in tests/answers."""
        given = load(ANSWERS / f"{file}.yaml").draft if file else draft
        return WizardApp(self.session, given, clock=self.clock)

    def resumed(self, name: str) -> RunApp:
        """An app that resumes a run immediately."""
        return RunApp(self.session, resume=name, clock=self.clock)

    def drive(self, app: AnyApp, script: Script, size: tuple[int, int] = SMALL) -> AnyApp:
        """Run the app without a terminal; the script presses the keys.

        The screen is rendered when a test reads it and at the end, not after every key.
        """

        async def go() -> None:
            async with app.run_test(size=size, notifications=True) as pilot:
                await until(
                    pilot,
                    lambda: (isinstance(app, WizardApp) and app.opened) or app.run_shown is not None or app._exit,
                    "the wizard to open or exit",
                )
                await settled(pilot)
                await script(pilot)
                if not app._exit:
                    screen_lines(pilot)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Compositor, "render_update", _send_nothing)
            asyncio.run(go())
        return app

    @property
    def run(self) -> FakeRun:
        """The newest run."""
        return self.session.runs[-1]


RENDER: Final = Compositor.render_update


def _send_nothing(compositor: Compositor, *, full: bool = False, **given: Any) -> RenderableType | None:
    """Discard partial updates; render only full screenshots."""
    compositor._dirty_regions.clear()
    return RENDER(compositor, full=True, **given) if full else None


# -- steps of scripts -------------------------------------------------------------------------------------------------


async def until(pilot: Pilot[int], condition: Callable[[], bool], what: str) -> None:
    """Let the app run until the condition holds; `what` names it in the error message."""
    for _ in range(MAX_POLLS):
        if condition():
            return
        await pilot.pause(0.005)
    raise AssertionError(f"waited too long for {what}; the screen shows:\n{screen_text(pilot)}")


async def settled(pilot: Pilot[int]) -> None:
    """Wait until all background work, messages and repaints are done."""
    await until(pilot, lambda: not any(t.name == THREAD_NAME for t in threading.enumerate()), "background work")
    await _quiet(pilot)
    pilot.app.screen._on_timer_update()
    await _quiet(pilot)


async def _quiet(pilot: Pilot[int]) -> None:
    """Wait until no queue holds a message. Pilot waits for an idle processor instead, tens of milliseconds per key."""
    app, idle = pilot.app, 0
    for _ in range(MAX_ITERATIONS):
        if idle >= IDLE_ITERATIONS or app._exception is not None:
            return
        await asyncio.sleep(0)
        idle = 0 if any(map(_is_busy, (app, *app._registry))) else idle + 1
    raise AssertionError(f"never idle: {[node for node in (app, *app._registry) if _is_busy(node)]}")


def _is_busy(node: DOMNode) -> bool:
    """Whether a node has unprocessed messages; a closing node processes none."""
    return node._message_queue.qsize() > 0 and not (node._closing or node._closed)


async def keys(pilot: Pilot[int], *names: str) -> None:
    """Send key presses as the terminal's driver does."""
    driver = pilot.app._driver
    assert driver is not None
    for name in names:
        key = _character_to_key(name) if len(name) == 1 and not name.isalnum() else name
        char = name if len(name) == 1 else CHARACTERS.get(name)
        driver.send_message(Key(key, char).set_sender(pilot.app))
        await _quiet(pilot)


async def type_ahead(pilot: Pilot[int], text: str) -> None:
    """Type a text faster than the screen is repainted."""
    driver = pilot.app._driver
    assert driver is not None
    for char in text:
        key = _character_to_key(char) if not char.isalnum() else char
        driver.send_message(Key(key, char).set_sender(pilot.app))
    await _quiet(pilot)


async def press(pilot: Pilot[int], *names: str) -> None:
    """Press keys and wait for everything they trigger."""
    await keys(pilot, *names)
    await settled(pilot)


async def at_place(pilot: Pilot[int], page_key: str) -> None:
    """Open a page as if coming from the previous one. (Navigation by keys has its own tests.)"""
    if frame(pilot).page_key != page_key:
        wizard(pilot).seen_pages.add(frame(pilot).page_key)
        wizard(pilot).show_page(page_key)
        await settled(pilot)


async def started(pilot: Pilot[int]) -> None:
    """Go to the live page: through the review and the checks, unless a run is being resumed."""
    if frame(pilot).page_key not in ("live", ""):
        await at_place(pilot, "review")
        await press(pilot, "ctrl+n", "enter")
    await until(pilot, lambda: frame(pilot).page_key == "live", "the live page")


def frame(pilot: Pilot[int]) -> Frame:
    """The current page, below any dialog."""
    return next(screen for screen in reversed(pilot.app.screen_stack) if isinstance(screen, Frame))


def wizard(pilot: Pilot[int]) -> WizardApp:
    """The app as a wizard."""
    assert isinstance(pilot.app, WizardApp)
    return pilot.app


def screen_lines(pilot: Pilot[int]) -> list[str]:
    """Rows of the screen."""
    strips = pilot.app.screen._compositor.render_strips()
    return [strip.text for strip in strips]


def screen_line(pilot: Pilot[int], number: int) -> str:
    """One row of the screen, counted from 0."""
    compositor = pilot.app.screen._compositor
    chops = compositor._render_chops(compositor.size.region, lambda y: y == number)
    return Strip.join(chops[number].values()).text


def screen_text(pilot: Pilot[int]) -> str:
    """Text of the screen."""
    return "\n".join(line.rstrip() for line in screen_lines(pilot))


def help_line(pilot: Pilot[int]) -> str:
    """Text of the help line."""
    return str(frame(pilot).query_one("#help", Static).render())
