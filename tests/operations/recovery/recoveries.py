"""Backups and restores in an embedded Azure of this process, whose clock runs on with each write."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from typing_extensions import override

from installer.cloud.rest import Method, Response
from installer.engine.runner import Result
from installer.engine.runner import run as run_steps
from installer.engine.step import Context, Step, Stop
from installer.engine.stream import Stream
from installer.errors import InstallerError
from installer.jsontypes import Json
from installer.preflight.subject import Subject
from tests.emulator.asgi_client import Local
from tests.operations.status.observed_estate import Seen
from tests.preflight.surveyed import LocalService
from tests.steps.step_context import StepMemory, no_answer

_CHANGES = frozenset({"PUT", "DELETE"})
_RUNNING = 202


class Killed(Exception):
    """The process of the installer ends here."""


class MovingService(LocalService):
    """An embedded Azure whose operations end at once; `left`: changes that it takes before the installer is killed."""

    left: int | None = None

    def __init__(self, azure: Local, prefix: str = "") -> None:
        super().__init__(azure, prefix)
        self._clock = threading.Lock()

    @override
    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        response = super().reply(method, path, body, doing)
        if response.status == _RUNNING and method == "GET":
            self.on_loop(self._azure.clock.advance(60.0))
        if method in _CHANGES or "/backup?" in path:
            with self._clock:
                self.on_loop(self._azure.done())
            if self.left is not None:
                self.left -= 1
                if self.left < 0:
                    raise Killed
        return response

    @property
    def changes(self) -> list[str]:
        """Names of what was changed, with the method."""
        return [
            f"{method} {path.partition('?')[0].rpartition('/')[2]}" for method, path in self.sent if method in _CHANGES
        ]


@dataclass
class Recovery:
    """A run that backs up or restores. `recorded`: results of proofs; `events`: kind and text of all events."""

    seen: Seen
    arm: MovingService
    recorded: list[dict[str, Json]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    memory: StepMemory = field(default_factory=StepMemory)

    @contextmanager
    def subject(self) -> Iterator[Subject]:
        """The installation with new reads."""
        with self.seen.observed() as observed:
            yield observed.subject

    def record(self, _context: Context, values: dict[str, Json]) -> None:
        """Keep the result of a proof."""
        self.recorded.append(values)

    def run(self, steps: Sequence[Step], kill_after: int | None = None) -> Result:
        """Run steps; with `kill_after`, the process ends after so many changes."""
        self.arm.left = kill_after
        stream, bugs = Stream(), list[BaseException]()
        stream.listen(lambda event: self.events.append(f"{event.kind} {event.text}"))

        def bug(error: BaseException) -> InstallerError:
            bugs.append(error)
            return InstallerError(repr(error))

        result = run_steps(
            steps, stream=stream, memory=self.memory, stop=Stop(), answering=no_answer, explain_bug=bug, patience=0
        )
        self.arm.left = None
        for one in bugs:
            if not isinstance(one, Killed):
                raise one
        return result


@contextmanager
def recovering(seen: Seen) -> Iterator[Recovery]:
    """Backups and restores of an installation."""
    arm = MovingService(seen.estate.azure)
    try:
        yield Recovery(seen, arm)
    finally:
        arm.close()
