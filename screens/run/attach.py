"""The live page by itself: of a run that another process works on. One can look, and answer what it asks."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from installer.engine.inbox import post
from installer.errors import InstallerError, Verdict
from installer.invocation import command
from installer.runs.attach import JournalFollower
from screens.run.app import run_app
from screens.run.live import Live
from screens.run.viewer import ViewerApp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.engine.events import Event, Listener
    from installer.engine.runner import Result
    from installer.runs.session import Session


class RemoteRun:
    """A run of another process, read from its journal on a thread of its own."""

    result: "Result | None" = None

    def __init__(self, directory: Path) -> None:
        self.name = directory.name
        self.ended = ""
        self._directory = directory
        self._gone = threading.Event()
        self._listeners: list[Listener] = []
        self._question: Event | None = None
        self._onlooker = JournalFollower(directory, [self._tell])

    @property
    def exit_code(self) -> int:
        """That of the run, if it has ended; leaving before is no failure."""
        return self._onlooker.code or 0

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._follow, name=f"looking on at {self.name}", daemon=True).start()

    def _follow(self) -> None:
        try:
            self._onlooker.follow(self._gone.is_set)
        except InstallerError as error:
            self.ended = str(error).splitlines()[0]
            return
        if self._onlooker.code is None:
            self.ended = f"nobody works on it any more; go on with {command(f'resume {self.name}')}"
        else:
            self.ended = f"it has ended with code {self._onlooker.code}"

    def _tell(self, event: "Event") -> None:
        if event.kind == "question":
            self._question = event
        for listener in self._listeners:
            listener(event)

    def listen(self, listener: "Listener", *, past: bool = False) -> None:  # noqa: ARG002  as of every run
        """Hear every event of the newest sitting."""
        self._listeners.append(listener)

    def answer(self, text: str) -> None:
        """Whoever works on the run finds it."""
        if self._question is not None:
            post(self._directory, str(self._question.data.get("key", "")), text)

    def may_retry(self, key: str) -> Verdict:
        """Only whoever works on it can."""
        return Verdict("never", f"{key} is tried again where the run is worked on")

    def retry(self, key: str) -> None:
        """Only whoever works on it can."""


class AttachPage(Live):
    """The live page of a run of another process."""

    run: RemoteRun

    def on_mount(self) -> None:
        """Read, once the page listens."""
        self.call_after_refresh(self.run.start)

    @property
    def exit_code(self) -> int:
        """Of the program, when the page is left."""
        return self.run.exit_code

    def tick(self) -> None:
        """As always; and that nothing more will come."""
        super().tick()
        state = self.run.ended or "leaving stops nothing"
        self.say(f"Looking on at {self.run.name}: {state}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What failed is tried again elsewhere."""
        return False if action == "again" else super().check_action(action, parameters)


def run_attached(session: "Session", directory: Path, listeners: "Sequence[Listener]") -> int:
    """Look on at a run until the page is left. Returns the exit code."""
    page = AttachPage(RemoteRun(directory))
    return run_app(ViewerApp(session, page, f"attached to {directory.name}", listeners=listeners))
