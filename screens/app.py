"""The wizard's app: which page is shown, the draft that they share, the run that they start.

The first frame is painted before the model is imported; everything slow happens on threads.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType

from installer.invocation import command
from screens.frame import Frame

if TYPE_CHECKING:
    from installer.answers.draft import Draft
    from installer.answers.questions import Question
    from installer.engine.events import Listener
    from installer.runs import Run
    from installer.session import Session

KEEP_SECONDS = 0.4


class Opening(Frame):
    """The frame alone, while the questions are being read."""

    place = "subscription"


class WizardApp(App[int]):
    """The wizard."""

    TITLE = "FlowForge Installer"
    CSS_PATH = "wizard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "leave", "leave", priority=True)]
    draft: "Draft"

    def __init__(
        self, session: "Session", draft: "Draft | None", listeners: "Sequence[Listener]", resume: str = ""
    ) -> None:
        super().__init__()
        self.session = session
        self.rehearsal = session.where.rehearsal
        self.seen_pages: set[str] = set()
        self.problem_counts: dict[str, int] = {}
        self._given_draft = draft
        self._listeners = listeners
        self._resume = resume
        self._labels: dict[str, dict[str, str]] = {}
        self._secrets: dict[str, str] = {}
        self._kept = True
        self._run: Run | None = None

    # -- beginning -----------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Paint the frame, then read the questions."""
        self.push_screen(Opening())
        self.set_interval(KEEP_SECONDS, self._write_draft)
        self.call_after_refresh(self._open)

    @work(thread=True)
    def _open(self) -> None:
        """Import what is heavy, and find out how to begin."""
        import screens.page  # noqa: F401  imports the model

        unfinished = None
        draft = self._given_draft
        if self._resume:
            draft = draft or self.session.saved_draft()
        elif draft is None:
            draft = self.session.saved_draft()
            unfinished = None if draft.given() else self.session.unfinished()
        self.call_from_thread(self._begin, draft, unfinished)

    def _begin(self, draft: "Draft", unfinished: str | None) -> None:
        self.draft = draft
        if self._resume:
            self.resume_run(self._resume)
            return
        self.show_place("subscription")
        if unfinished:
            from screens.windows import Window

            def decide(answer: str | None) -> None:
                if answer == "resume":
                    self.resume_run(unfinished)

            text = f"Run {unfinished} was not finished. Going on adopts what is done and follows what still runs."
            self.push_screen(
                Window("Go on with it?", text, [("resume", f"Go on with {unfinished}"), ("new", "New installation")]),
                decide,
            )

    # -- pages ---------------------------------------------------------------------------------------------------

    def show_place(self, place: str, focus: str = "") -> None:
        """Another page in the place of this one."""
        from screens.page import Page
        from screens.review import Review

        self.switch_screen(Review() if place == "review" else Page(place, focus))

    @property
    def working_on(self) -> str:
        """What the top line says: installation, tenant and subscription."""
        if self._run is not None:
            answers = self._run.facts.answers.subscription
            return f"{answers.prefix} · run {self._run.name} · subscription {self._short(answers.subscription)}"
        draft: Draft | None = getattr(self, "draft", None)
        if draft is None:
            return "starting"
        subscription = str(draft.value("subscription.subscription") or "")
        name = str(draft.value("subscription.prefix") or "new installation")
        return f"{name} · subscription {self._short(subscription)}" if subscription else name

    def _short(self, subscription: str) -> str:
        label = self._labels.get("subscriptions", {}).get(subscription, "")
        short = f"{subscription[:4]}…{subscription[-4:]}" if len(subscription) > 8 else subscription
        return f"{label} {short}".strip()

    def note_labels(self, source: str, labels: Mapping[str, str]) -> None:
        """Names of what can be chosen, for the top line and the review."""
        if labels:
            self._labels[source] = dict(labels)

    def label_of(self, key: str) -> str:
        """What a chosen value is called, with the value; "" when that is not known."""
        from installer.answers.questions import all_questions

        value = str(self.draft.value(key) or "")
        label = self._labels.get(all_questions()[key].ask.source or "", {}).get(value, "")
        return f"{label} {value}" if label else ""

    def count_problems(self, problems: Mapping[str, str]) -> None:
        """How many problems each page has, for the line that names the pages."""
        counts: dict[str, int] = {}
        for key in problems:
            page = key.partition(".")[0]
            counts[page] = counts.get(page, 0) + 1
        self.problem_counts = counts

    # -- answers -------------------------------------------------------------------------------------------------

    def take_secret(self, question: "Question", text: str) -> None:
        """A secret that was typed stays in memory; the draft gets the reference by which it is found."""
        if question.accepts(text):
            self._secrets.pop(question.key, None)
            self.draft.type(question.key, text)
        elif text:
            self._secrets[question.key] = text
            self.draft.give(question.key, self.session.secret_reference(self.draft, question.key))
        else:
            self._secrets.pop(question.key, None)
            self.draft.forget(question.key)

    def keep_draft(self) -> None:
        """The answers have changed; they are written in a moment."""
        self._kept = False

    def _write_draft(self) -> None:
        if not self._kept and self._run is None:
            self._kept = True
            self._save_now()

    @work(thread=True, exclusive=True, group="draft", exit_on_error=False)
    def _save_now(self) -> None:
        self.session.save_draft(self.draft)

    def action_save(self) -> None:
        """Write the answers now, and say so."""
        self._save_now()
        self.notify("Answers are kept for the next start.", timeout=3)

    @work(thread=True, exit_on_error=False)
    def export(self) -> None:
        """Write an answers file to the working directory."""
        from installer.answers.files import dump, save
        from installer.errors import InstallerError

        draft = self._run.facts.draft if self._run else self.draft
        path = Path.cwd() / f"flowforge-{draft.value('subscription.prefix') or 'answers'}.yaml"
        try:
            save(path, dump(draft))
            text = f"Answers written to {path}"
        except InstallerError as error:
            text = str(error)
        self.call_from_thread(self._notify_plainly, text)

    def _notify_plainly(self, text: str) -> None:
        self.notify(text, markup=False, timeout=6)

    # -- the run -------------------------------------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="run")
    def start_run(self) -> None:
        """Begin the installation."""
        from installer.errors import InstallerError

        try:
            for reference, text in self._secrets.items():
                self.session.keep_secret(self.draft, reference, text)
            run = self.session.begin(self.draft.answers(), self.draft, attended=True)
        except InstallerError as error:
            self.call_from_thread(self._notify_plainly, str(error))
            return
        self.call_from_thread(self._show_run, run)

    @work(thread=True, exclusive=True, group="run")
    def resume_run(self, name: str) -> None:
        """Go on with a run."""
        from installer.errors import InstallerError

        try:
            run = self.session.resume(name, attended=True)
        except InstallerError as error:
            self.call_from_thread(self._cannot_resume, str(error), error.exit_code)
            return
        self.rehearsal = self.session.where.rehearsal
        self.call_from_thread(self._show_run, run)

    def _cannot_resume(self, text: str, code: int) -> None:
        if self._resume and self._run is None:
            self.exit(code, message=text)
        else:
            self._notify_plainly(text)

    def _show_run(self, run: "Run") -> None:
        from screens.live import Live

        self._run = run
        for listener in self._listeners:
            run.listen(listener)
        self.switch_screen(Live(run))

    def run_is_over(self) -> None:
        """The last page."""
        from screens.done import Done

        if self._run is not None and not isinstance(self.screen, Done):
            self.switch_screen(Done(self._run))

    def tell_terminal(self, text: str) -> None:
        """State and per cent in the title of the terminal."""
        if self._driver is not None and self.is_headless is False:
            self._driver.write(f"\x1b]2;FlowForge {text}\x07")

    # -- leaving -------------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Ctrl+C and Ctrl+Q ask the same."""
        self.action_leave()

    def action_leave(self) -> None:
        """Leave; while Azure works, say what goes on and how to come back."""
        run = self._run
        if run is None or run.result is not None:
            self.exit(run.result.exit_code if run and run.result else 130 if run else 0)
            return
        from screens.leaving import LeaveWindow

        def decide(answer: str | None) -> None:
            if answer in ("leave", "cancel"):
                run.stop.request(cancel_deployments=answer == "cancel")
                self.exit(130, message=f"Go on with: {command(f'resume {run.name}')}")

        self.push_screen(LeaveWindow(run.name, self.screen, rehearsal=self.rehearsal), decide)


def run_wizard(session: "Session", draft: "Draft | None", listeners: "Sequence[Listener]") -> int:
    """Show the wizard until it is left. Returns the exit code."""
    return _shown(WizardApp(session, draft, listeners))


def run_resumed(session: "Session", name: str, listeners: "Sequence[Listener]") -> int:
    """Show a run that is resumed. Returns the exit code."""
    return _shown(WizardApp(session, None, listeners, resume=name))


def _shown(app: WizardApp) -> int:
    from screens.terminal import quiet_descriptors

    with quiet_descriptors(app.session.state.path / "screen.log"):
        code = app.run()
    if app.return_code not in (None, 0) and code is None:
        sys.exit(1)
    return code or 0
