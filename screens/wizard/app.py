"""The wizard's app: which page is shown, and the draft that the pages share.

The first frame is painted before the model is imported; everything slow happens aside.
"""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from screens.base import STYLESHEET
from screens.base.background import aside, hand
from screens.base.frame import ENVIRONMENT_PAGES, PAGE_TITLES, Frame
from screens.base.glyphs import cut, sign
from screens.base.sanitize_filter import Washing, speaks_unicode
from screens.wizard.draft import Keeping

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.engine.events import Listener
    from installer.runs.session import Session
    from screens.wizard.picker import Entry

KEEP_SECONDS = 0.4
LONGEST_NAME = 12


class Opening(Frame):
    """The frame alone, while the questions are being read."""

    place = "subscription"


class WizardApp(Keeping):
    """The wizard."""

    TITLE = "FlowForge Installer"
    CSS_PATH = STYLESHEET
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", "menu", priority=True),
        Binding("ctrl+q", "leave", "leave", priority=True),
        Binding("ctrl+c", "interrupt", "leave", show=False, priority=True),
    ]

    def __init__(
        self,
        session: "Session",
        draft: "Draft | None",
        listeners: "Sequence[Listener]",
        resume: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(session, listeners, clock)
        self.seen_pages: set[str] = set()
        self.problem_counts: dict[str, int] = {}
        self.lists: dict[str, tuple[Entry, ...]] = {}
        self._given_draft = draft
        self._resume = resume
        self._ascii_only = not speaks_unicode()
        self._washing = Washing((), ascii_only=self._ascii_only)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Every line is washed last."""
        before = tuple(super().get_line_filters())
        if before != self._washing.before:
            self._washing = Washing(before, ascii_only=self._ascii_only)
        return (self._washing,)

    # -- beginning -----------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The first page; and from now on what has to be done to sign in is told on the screen."""
        if self.session.tell is not None:
            self.session.tell = lambda text: hand(self, lambda: self._sign_in(text))
        self.show_first()  # a method of its own: Textual calls the handlers of all classes

    def show_first(self) -> None:
        """Paint the frame, then read the questions, or take up the run that is to be shown."""
        self.push_screen(Opening())
        if self._resume:
            self.call_after_refresh(lambda: self.resume_run(self._resume, alone=True))
            return
        self.set_interval(KEEP_SECONDS, self.write_draft)
        self.call_after_refresh(lambda: aside(self, self._open, self._begin, self._leave_with))

    def _open(self) -> "tuple[Draft, str | None]":
        """Import what is heavy, and find out how to begin: the draft, and a run that could be resumed."""
        import screens.wizard.edit_page
        import screens.wizard.review  # noqa: F401  both import the model, and all pages

        given = self._given_draft
        if given is not None:
            return given, None
        draft = self.session.saved_draft()
        return draft, None if draft.given() else self.session.unfinished()

    def _begin(self, opened: "tuple[Draft, str | None]") -> None:
        self.draft, unfinished = opened
        self.show_place("subscription")
        if unfinished:
            from screens.base.dialogs import Window

            text = f"Run {unfinished} was not finished. Going on adopts what is done and follows what still runs."
            self.push_screen(
                Window("Go on with it?", text, [("resume", f"Go on with {unfinished}"), ("new", "New installation")]),
                lambda answer: self.resume_run(unfinished) if answer == "resume" else None,
            )

    def _sign_in(self, text: str) -> None:
        """A code that has to be typed in a browser stays in sight until its window is closed."""
        from screens.base.dialogs import HelpWindow

        self.push_screen(HelpWindow("Sign in to Azure", text))

    # -- pages ---------------------------------------------------------------------------------------------------

    def show_place(self, place: str, focus: str = "", *, amend: bool = False) -> None:
        """Another page in the place of this one; to `amend` is to change one decision and come back to the review."""
        from screens.wizard.edit_page import Amending
        from screens.wizard.page import Page
        from screens.wizard.review import Review

        if place == "review":
            self.switch_screen(Review(focus))
        else:
            self.switch_screen(Amending(place, focus) if amend else Page(place, focus))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002  Textual's
        """What Ctrl+P offers: the pages, and what can be done on all of them."""
        if self.run_shown is None and hasattr(self, "draft"):
            for number, place in enumerate(self.places, 1):
                yield SystemCommand(
                    f"{number} {PAGE_TITLES[place]}", "Go to this page", partial(self.show_place, place)
                )
        if self.run_shown is not None or hasattr(self, "draft"):
            yield SystemCommand("Export answers", "Write them to a file in this directory", self.export)
        yield SystemCommand("Leave", "Leave the installer; nothing is lost", self.action_leave)
        yield SystemCommand("Theme", "Choose other colours", self.action_change_theme)

    @property
    def places(self) -> tuple[str, ...]:
        """The pages in their order; those of environments only where they differ from the rest."""
        given = [self.draft.value(f"subscription.{name}") for name in ("environments", "differ")]
        here = set.intersection(*(set(map(str, value)) if isinstance(value, list) else set() for value in given))
        return tuple(page for page in PAGE_TITLES if page not in ENVIRONMENT_PAGES or page in here)

    @property
    def working_on(self) -> str:
        """What the top line says: installation and subscription, the id first so that it is never cut."""
        if self.run_shown is not None:
            answers = self.run_shown.facts.answers.subscription
            return f"run {cut(self.run_shown.name, 2 * LONGEST_NAME)} {sign('dot')} {self._short(answers.subscription)}"
        if not hasattr(self, "draft"):
            return "starting"
        name = cut(str(self.draft.value("subscription.prefix") or "new installation"), LONGEST_NAME + 4)
        subscription = str(self.draft.value("subscription.subscription") or "")
        return f"{name} {sign('dot')} {self._short(subscription) if subscription else 'no subscription yet'}"

    def _short(self, subscription: str) -> str:
        short = f"{subscription[:4]}{sign('more')}{subscription[-4:]}" if len(subscription) > 9 else subscription
        return f"subscription {short} {self.name_in_list('subscriptions', subscription)}".rstrip()

    def name_in_list(self, source: str, value: str) -> str:
        """What Azure calls a value of a list, "" if that is not known."""
        return next((entry.label for entry in self.lists.get(source, ()) if entry.value == value), "")

    def label_of(self, key: str) -> str:
        """What a chosen value is called, with the value; "" when that is not known."""
        from installer.answers.questions import all_questions

        value = str(self.draft.value(key) or "")
        label = self.name_in_list(all_questions()[key].ask.source or "", value)
        return f"{label} {value}" if label else ""

    def count_problems(self, problems: Mapping[str, str]) -> None:
        """How many problems each page has, for the line that names the pages."""
        counts: dict[str, int] = {}
        for key in problems:
            page = key.partition(".")[0]
            counts[page] = counts.get(page, 0) + 1
        self.problem_counts = counts


def run_wizard(session: "Session", draft: "Draft | None", listeners: "Sequence[Listener]") -> int:
    """Show the wizard until it is left. Returns the exit code."""
    return shown(WizardApp(session, draft, listeners))


def run_resumed(session: "Session", name: str, listeners: "Sequence[Listener]") -> int:
    """Show a run that is resumed. Returns the exit code."""
    return shown(WizardApp(session, None, listeners, resume=name))


def shown(app: WizardApp) -> int:
    """Show an app until it is left; nothing else writes to the terminal meanwhile. Returns the exit code."""
    from screens.base.terminal import quiet_descriptors

    log = app.session.state.path / "screen.log"
    with quiet_descriptors(log):
        code = app.run()
    if app.return_code not in (None, 0) and code is None:
        app.last_words, code = f"the screen stopped at an error of its own; its trace is in {log}", 1
    if app.last_words:
        print(app.last_words, file=sys.stderr)
    return code or 0
