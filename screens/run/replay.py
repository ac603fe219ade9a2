"""A recorded run on the live page, played at any speed, without any effect."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from installer.durations import clock as minutes
from installer.errors import Verdict
from installer.support_bundle.replay_clock import Player
from screens.base.glyphs import glyph
from screens.run.launch import run_app
from screens.run.live import LivePage
from screens.run.viewer import ViewerApp

if TYPE_CHECKING:
    from installer.engine.events import Listener
    from installer.engine.runner import Result
    from installer.runs.session import Session
    from installer.support_bundle.recording import Recording


class RecordedRun:
    """A recorded run: emits the events that are played and accepts no answers."""

    result: "Result | None" = None

    def __init__(self, name: str) -> None:
        self.name = name
        self._listeners: list[Listener] = []

    def listen(self, listener: "Listener", *, past: bool = False) -> None:  # noqa: ARG002  as of every run
        """Call the listener with every event."""
        self._listeners.append(listener)

    def answer(self, text: str) -> None:
        """No step is waiting for an answer."""

    def may_retry(self, key: str) -> Verdict:
        """A recorded step cannot be retried."""
        return Verdict("never", f"{key} is part of a recording")

    def retry(self, key: str) -> None:
        """Does nothing."""

    def play(self, player: Player, clock: float) -> None:
        """Emit the events that are due."""
        for event in player.due(clock):
            for listener in self._listeners:
                listener(event)


class ReplayPage(LivePage):
    """The live page, fed by a player."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "pause"),
        Binding("plus,equals_sign", "speed(2.0)", "speed", key_display="+-"),
        Binding("minus", "speed(0.5)", "speed", show=False),
        Binding("e", "to_end", "skip to the end", show=False),
    ]
    answerable = False

    def __init__(self, run: RecordedRun, player: Player) -> None:
        super().__init__(run)
        self.recorded = run
        self.player = player

    def now(self) -> float:
        """The time of the recording."""
        return self.player.now

    def tick(self) -> None:
        """Play the events that are due, then update the page."""
        self.recorded.play(self.player, self.shell.clock())
        super().tick()
        self._show_position()

    def _show_position(self) -> None:
        player = self.player
        state = "end" if player.over else "paused" if player.paused else "playing"
        at = f"{minutes(player.position)} of {minutes(player.length)}"
        self.set_help(f"Replay at {player.speed:g}x speed {glyph('dot')} {at} {glyph('dot')} {state}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A retry is not available; the player's keys are not available at the end."""
        if action in ("retry", "change_answer"):
            return False
        if action in ("pause", "speed", "to_end"):
            return None if self.player.over else True
        return super().check_action(action, parameters)

    def action_pause(self) -> None:
        """Pause or continue."""
        self.player.paused = not self.player.paused
        self._show_position()

    def action_speed(self, factor: float) -> None:
        """Change the speed."""
        self.player.faster(factor)
        self._show_position()

    def action_to_end(self) -> None:
        """Skip to the end."""
        self.player.to_end()
        self.tick()


def replay_app(
    session: "Session",
    recording: "Recording",
    speed: float,
    listeners: "Sequence[Listener]" = (),
    clock: Callable[[], float] = time.monotonic,
) -> ViewerApp:
    """An app that plays a recording.

    Args:
        session: the session whose state directory takes the log.
        recording: the run to play.
        speed: seconds of the recording per second.
        listeners: called with every event when it is due.
        clock: current time of the player, in seconds.

    """
    page = ReplayPage(RecordedRun(recording.run), Player(recording, speed))
    title = f"replay of {recording.run}"
    return ViewerApp(session, page, title, badge="REPLAY", listeners=listeners, clock=clock)


def run_replay(session: "Session", recording: "Recording", speed: float, listeners: "Sequence[Listener]") -> int:
    """Show a recording until the user leaves. Returns the exit code."""
    return run_app(replay_app(session, recording, speed, listeners))
