"""Leaving while Azure works: what goes on, and how to come back."""

from collections.abc import Sequence

from textual.screen import Screen

from installer.invocation import command
from screens.base.dialogs import Dialog
from screens.run.live import Live


class LeaveDialog(Dialog):
    """Stay has the focus. `screens` are those that are open: one of them knows what is running."""

    def __init__(self, run: str, screens: Sequence[Screen[object]], *, rehearsal: bool) -> None:
        live = next((screen for screen in screens if isinstance(screen, Live)), None)
        steps = live.progress.steps.values() if live else ()
        running = [step.title for step in steps if step.state == "running"]
        names = ", ".join(running) or "nothing at this moment"
        if rehearsal:
            text = f"Running now: {names}.\nThe embedded Azure stops with the installer and goes on when the run is resumed."
        else:
            text = f"Azure goes on with: {names}.\nWhat was sent is finished there; what comes after waits for you."
        super().__init__(
            "Leave?",
            f"{text}\n\nCome back with: {command(f'resume {run}')}",
            [
                ("stay", "Stay"),
                ("leave", "Leave" if rehearsal else "Leave it running"),
                ("cancel", "Cancel the deployments"),
            ],
        )
