"""The live page of a run executed by another process: shows its progress and answers its questions."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from installer.engine.inbox import post
from installer.engine.journal import Journal
from installer.errors import InstallerError, Verdict
from installer.invocation import command
from installer.runs.attach import JournalFollower
from installer.runs.facts import EXPORTED, read_facts
from screens.run.done import DonePage
from screens.run.launch import run_app
from screens.run.live import LivePage
from screens.run.viewer import ViewerApp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.answers.draft import Draft
    from installer.engine.events import Event, Listener
    from installer.engine.runner import Result
    from installer.runs.session import Session


class RemoteRun:
    """A run of another process, read from its journal on a separate thread."""

    result: "Result | None" = None

    def __init__(self, directory: Path) -> None:
        self.name = directory.name
        self.ended = ""
        self.journal = Journal(directory, write=False)
        self.facts = read_facts(self.journal)
        self._directory = directory
        self._listeners: list[Listener] = []
        self._question: Event | None = None
        self._follower = JournalFollower(directory, [self._on_event])

    @property
    def exit_code(self) -> int:
        """Exit code of the run; 0 if it has not ended yet, as leaving the page is no failure."""
        return self._follower.code or 0

    @property
    def rehearsal(self) -> bool:
        """Whether the embedded Azure is the target."""
        return self.facts.target.get("kind") == "rehearsal"

    @property
    def exported(self) -> Path:
        """Answers file that repeats the run."""
        return self._directory / EXPORTED

    @property
    def succeeded(self) -> bool:
        """Whether the run has ended with success."""
        return bool(self.ended) and self._follower.code == 0

    def start(self) -> None:
        """Start reading."""
        threading.Thread(target=self._follow, name=f"attached to {self.name}", daemon=True).start()

    def _follow(self) -> None:
        try:
            self._follower.follow(lambda: False)  # until the program ends
        except InstallerError as error:
            self.ended = str(error).splitlines()[0]
            return
        if self._follower.code is None:
            self.ended = f"its installer has stopped; resume it with {command(f'resume {self.name}')}"
        else:
            self.ended = f"ended with exit code {self._follower.code}"

    def _on_event(self, event: "Event") -> None:
        if event.kind == "question":
            self._question = event
        for listener in self._listeners:
            listener(event)

    def listen(self, listener: "Listener", *, past: bool = False) -> None:  # noqa: ARG002  as of every run
        """Call the listener with every event of the latest attempt."""
        self._listeners.append(listener)

    def answer(self, text: str) -> None:
        """Pass the answer to the process that executes the run."""
        if self._question is not None:
            post(self._directory, str(self._question.data.get("key", "")), text)

    def may_retry(self, key: str) -> Verdict:
        """Only the process that executes the run can retry."""
        return Verdict("never", f"{key} can be retried only by the process that runs it")

    def retry(self, key: str) -> None:
        """Only the process that executes the run can retry."""


class AttachPage(LivePage):
    """The live page of a run of another process."""

    run: RemoteRun

    def on_mount(self) -> None:
        """Start reading once the page has subscribed to the events."""
        self.call_after_refresh(self.run.start)

    @property
    def exit_code(self) -> int:
        """Exit code when the user leaves the page."""
        return self.run.exit_code

    def tick(self) -> None:
        """Update the page, and show whether the run still runs."""
        super().tick()
        if self.run.succeeded and not self.waiting and self.app.screen is self:
            self.shell.show_last_page()
            return
        state = self.run.ended or "it keeps running when you leave"
        self.set_help(f"Attached to {self.run.name}: {state}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A retry is not available here."""
        return False if action in ("retry", "change_answer") else super().check_action(action, parameters)


class AttachApp(ViewerApp):
    """Shows a run of another process, up to its last page."""

    def __init__(self, session: "Session", run: RemoteRun, listeners: "Sequence[Listener]" = ()) -> None:
        super().__init__(session, AttachPage(run), f"attached to {run.name}", listeners=listeners)
        self.attached = run
        self.rehearsal = run.rehearsal

    def show_last_page(self) -> None:
        """Show the last page."""
        self.switch_screen(DonePage(self.attached, self.page.progress, own=False))

    def draft_to_export(self) -> "Draft | None":
        """The answers of the run."""
        return self.attached.facts.draft


def run_attached(session: "Session", directory: Path, listeners: "Sequence[Listener]") -> int:
    """Show a run of another process until the user leaves. Returns the exit code."""
    return run_app(AttachApp(session, RemoteRun(directory), listeners))
