"""The live page of a run executed by another process: shows its progress and answers its questions."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from installer.engine.inbox import post
from installer.errors import InstallerError, Verdict
from installer.invocation import command
from installer.runs.attach import JournalFollower
from screens.run.launch import run_app
from screens.run.live import LivePage
from screens.run.viewer import ViewerApp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.engine.events import Event, Listener
    from installer.engine.runner import Result
    from installer.runs.session import Session


class RemoteRun:
    """A run of another process, read from its journal on a separate thread."""

    result: "Result | None" = None

    def __init__(self, directory: Path) -> None:
        self.name = directory.name
        self.ended = ""
        self._directory = directory
        self._listeners: list[Listener] = []
        self._question: Event | None = None
        self._follower = JournalFollower(directory, [self._on_event])

    @property
    def exit_code(self) -> int:
        """Exit code of the run; 0 if it has not ended yet, as leaving the page is no failure."""
        return self._follower.code or 0

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
        state = self.run.ended or "it keeps running when you leave"
        self.set_help(f"Attached to {self.run.name}: {state}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A retry is not available here."""
        return False if action in ("retry", "change_answer") else super().check_action(action, parameters)


def run_attached(session: "Session", directory: Path, listeners: "Sequence[Listener]") -> int:
    """Show a run of another process until the user leaves. Returns the exit code."""
    page = AttachPage(RemoteRun(directory))
    return run_app(ViewerApp(session, page, f"attached to {directory.name}", listeners=listeners))
