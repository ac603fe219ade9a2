"""The wizard's app: shows the pages of questions and holds the draft they share.

The first frame is painted before the answers model is imported; everything slow runs in the background.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.screen import Screen

from installer.conventions.subscription_names import named
from installer.invocation import state_options
from installer.python_program import python_program
from screens.base.background import in_background
from screens.base.frame import ENVIRONMENT_PAGES, PAGE_TITLES, Frame
from screens.base.glyphs import glyph, truncate
from screens.run.app import RunApp
from screens.run.launch import run_app
from screens.wizard.draft import DraftStore, problems_by_page
from screens.wizard.shell import ReviewState

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.engine.events import Listener
    from installer.runs.session import Session
    from screens.wizard.picker import Entry
    from screens.wizard.shell import WizardShell

SAVE_SECONDS = 0.4
MAX_NAME = 16


class LoadingPage(Frame):
    """The frame alone, while the questions are being imported."""

    page_key = "subscription"


class WizardApp(RunApp):
    """Asks the questions, then shows the run.

    Args:
        session: the session that begins the run.
        draft: initial answers; None loads the saved draft, and offers to resume an unfinished run.
        listeners: called with every event of the run, beside the screen.
        clock: the current time in seconds since the epoch.
        first_page: the page that is shown first.

    """

    draft_store: DraftStore

    def __init__(
        self,
        session: "Session",
        draft: "Draft | None",
        listeners: "Sequence[Listener]" = (),
        clock: Callable[[], float] = time.time,
        first_page: str = "subscription",
    ) -> None:
        super().__init__(session, listeners, clock=clock)
        self._first_page = first_page
        self.lists: dict[str, tuple[Entry, ...]] = {}
        self._saved_names: dict[str, str] = {}
        self.review = ReviewState()
        self.prices_opened = False
        self.next_command = ""
        """Command that continues when the app has ended."""
        self._waiting: list[Callable[[], None]] = []
        self.opened = False
        """Whether the draft is open: from then on `draft_store` exists."""
        self._given_draft = draft

    # -- the first page ------------------------------------------------------------------------------------------

    def show_first_page(self) -> None:
        """Paint a page, then import the questions; the page with the ways to begin needs none of them."""
        shown = self._show_questions
        if self._first_page == "start" and self._given_draft is None:
            from screens.wizard.start import StartPage

            drafts = self.session.drafts
            begun = drafts.begun()
            unfinished = "" if begun else self.session.unfinished() or ""
            done = None if begun or unfinished else self.session.completed()
            self.push_screen(
                StartPage(unfinished, begun=begun, prefix=drafts.prefix(), aside=drafts.has_aside(), completed=done)
            )
            shown = self._open_store
        else:
            self.push_screen(LoadingPage())
        self.call_after_refresh(lambda: in_background(self, self._load_draft, shown, self.exit_with_error))

    def _load_draft(self) -> "tuple[Draft, str | None]":
        """Import the modules of the first page, and find the initial draft and a run that can be resumed."""
        import screens.wizard.edit_page  # noqa: F401  it imports the model

        given = self._given_draft
        if given is not None:
            return given, None
        draft = self.session.drafts.saved()
        self._saved_names = self.session.drafts.names()
        return draft, None if draft.begun else self.session.unfinished()

    def _open_store(self, opened: "tuple[Draft, str | None]") -> None:
        """The questions can be shown from now on."""
        self.draft_store = DraftStore(self, self.session, opened[0], self.flash, self._names)
        self.opened = True
        self.set_interval(SAVE_SECONDS, self.draft_store.write)
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()
        self.call_after_refresh(
            lambda: in_background(self, _import_other_pages, lambda _nothing: None, self.exit_with_error)
        )

    def when_open(self, call: Callable[[], None]) -> None:
        """Call once the questions can be shown: at once, unless they are still being imported."""
        if self.opened:
            call()
        else:
            self._waiting.append(call)
            self.flash(f"loading the questions {glyph('more')}")

    def _show_questions(self, opened: "tuple[Draft, str | None]") -> None:
        self._open_store(opened)
        unfinished = opened[1]
        self.show_page("subscription" if self._first_page == "start" else self._first_page)
        if unfinished:
            from screens.base.dialogs import Dialog

            text = f"Run {unfinished} is not finished. Resuming keeps completed steps and follows running deployments."
            self.push_screen(
                Dialog("Resume the run?", text, [("resume", f"Resume {unfinished}"), ("new", "New installation")]),
                lambda answer: self.resume_run(unfinished) if answer == "resume" else None,
            )

    def open_draft(self, draft: "Draft") -> None:
        """Continue with the answers of a file, at the review."""

        def show() -> None:
            self.draft_store.draft = draft
            self.draft_store.changed()
            self.show_page("review")

        self.when_open(show)

    def start_over(self) -> None:
        """Begin with empty answers, after a question; those so far are kept aside."""
        from screens.wizard.start_over import start_over

        start_over(self)

    def take_back(self) -> None:
        """Continue with the answers that were kept aside last; the present ones are kept aside in their place."""
        from screens.wizard.start_over import take_back

        take_back(self)

    def leave_for(self, command: str) -> None:
        """Leave, and continue with another command of the installer."""
        self.next_command = command
        self.exit(0)

    # -- pages ---------------------------------------------------------------------------------------------------

    def show_page(self, page_key: str, focus: str = "", *, amend: bool = False) -> None:
        """Show another page; `amend` changes one decision and returns to the review."""
        if page_key == "review":
            from screens.wizard.review import ReviewPage

            self.switch_screen(ReviewPage(focus))
        elif page_key == "checks":
            from screens.wizard.checks import ChecksPage

            self.switch_screen(ChecksPage())
        elif page_key == "plan":
            from screens.wizard.plan import PlanPage

            self.switch_screen(PlanPage(focus or "checks"))
        else:
            from screens.wizard.edit_page import EditPage
            from screens.wizard.page import Page

            self.switch_screen(EditPage(page_key, focus) if amend else Page(page_key, focus))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Commands of the palette: every page, and the commands of the app."""
        if self.run_shown is None and self.opened:
            from screens.wizard.menu import wizard_commands

            yield from wizard_commands(self)
        yield from super().get_system_commands(screen)

    def words_of(self, title: str) -> str:
        """Words by which the menu finds a command beside its title: the help, key and choices of a question."""
        if not self.opened:
            return ""
        from screens.wizard.menu import words_by_title

        return words_by_title().get(title, "")

    @property
    def page_keys(self) -> tuple[str, ...]:
        """The pages of questions, in order; an environment's page only if it has its own settings."""
        if not self.opened:
            return super().page_keys
        given = [self.draft_store.draft.value(f"subscription.{name}") for name in ("environments", "differ")]
        here = set.intersection(*(set(map(str, value)) if isinstance(value, list) else set() for value in given))
        return tuple(page for page in PAGE_TITLES if page not in ENVIRONMENT_PAGES or page in here)

    @property
    def subtitle_text(self) -> str:
        """Installation and subscription."""
        if self.run_shown is not None or not self.opened:
            return super().subtitle_text
        draft = self.draft_store.draft
        name = truncate(str(draft.value("subscription.prefix") or "new installation"), MAX_NAME)
        subscription = str(draft.value("subscription.subscription") or "")
        if not subscription:
            return f"{name} {glyph('dot')} no subscription yet"
        return self.with_subscription(name, subscription)

    def name_in_list(self, source: str, value: str) -> str:
        """Display name of a value in a list from Azure, "" if unknown; in a reopened draft that of the last time."""
        found = next((entry.label for entry in self.lists.get(source, ()) if entry.value == value), "")
        return found or self._saved_names.get(value, "")

    def _names(self) -> dict[str, str]:
        """Display names of the answers that have one."""
        from installer.answers.questions import all_questions

        values = {str(self.draft_store.draft.value(key) or ""): one.ask.source for key, one in all_questions().items()}
        found = {value: self.name_in_list(source, value) for value, source in values.items() if source and value}
        return {value: name for value, name in found.items() if name}

    def label_of(self, key: str) -> str:
        """Name of an answer with its value; "" if the name is unknown."""
        from installer.answers.questions import all_questions

        value = str(self.draft_store.draft.value(key) or "")
        label = self.name_in_list(all_questions()[key].ask.source or "", value)
        return named(label, value) if label else ""

    def problems(self) -> dict[str, str]:
        """Message by key for each answer that is invalid, or that Azure does not offer."""
        from installer.answers.offered import REGIONS, SIZES, not_offered, sizes_not_offered

        draft = self.draft_store.draft
        labels = {entry.value: entry.label for entry in self.lists.get(REGIONS, ())}
        sizes = {source: [entry.value for entry in self.lists.get(source, ())] for source in SIZES}
        found = {**dict(not_offered(draft, labels)), **dict(sizes_not_offered(draft, sizes))}
        return {**found, **{one.key: one.message for one in draft.problems()}}

    def count_problems(self, problems: Mapping[str, str]) -> None:
        """Update the number of problems of each page."""
        self.problem_counts = problems_by_page(problems)

    # -- answers -------------------------------------------------------------------------------------------------

    def start_run(self) -> None:
        """Start the installation."""
        self.start(self.draft_store.start_job(), self.show_start_error)

    def draft_to_export(self) -> "Draft | None":
        """The answers that `export` writes: those of the run, or else the draft."""
        return super().draft_to_export() or (self.draft_store.snapshot() if self.opened else None)

    def save_before_leaving(self) -> None:
        """Write the draft."""
        if self.opened:
            self.draft_store.save_before_leaving()

    def action_save(self) -> None:
        """Save the draft now and confirm it."""
        if self.opened:
            self.draft_store.save_and_announce()


def _import_other_pages() -> None:
    """Import the pages that follow, while the user reads the first one."""
    import screens.wizard.checks
    import screens.wizard.plan
    import screens.wizard.review  # noqa: F401  they are imported once, and then known


if TYPE_CHECKING:
    _shell: type[WizardShell] = WizardApp  # the pages' view of this class is checked here


def run_wizard(session: "Session", draft: "Draft | None", listeners: "Sequence[Listener]") -> int:
    """Show the wizard until the user leaves. Returns the exit code."""
    # A file has its answers: they are reviewed, and every page is one key away.
    app = WizardApp(session, draft, listeners, first_page="start" if draft is None else "review")
    code = run_app(app)
    if app.next_command:
        session.close()
        words = python_program("installer", *state_options(), app.next_command)
        os.execv(words[0], words)  # noqa: S606  this program again
    return code
