"""Leaving during an installation: shows what continues in Azure and how to resume."""

from collections.abc import Sequence

from textual.screen import Screen

from installer.invocation import command
from screens.base.dialogs import Dialog
from screens.run.live import Live


class LeaveDialog(Dialog):
    """Asks before leaving; "Stay" has the focus. `screens` are the open ones, one of which shows the progress."""

    def __init__(self, run: str, screens: Sequence[Screen[object]], *, rehearsal: bool) -> None:
        live = next((screen for screen in screens if isinstance(screen, Live)), None)
        steps = live.progress.steps.values() if live else ()
        running = [step.title for step in steps if step.state == "running"]
        names = ", ".join(running) or "nothing"
        if rehearsal:
            text = f"In progress: {names}.\nThe embedded Azure stops with the installer and continues when you resume."
        else:
            text = f"Azure continues with: {names}.\nYou can leave; the remaining steps start when you resume."
        super().__init__(
            "Leave?",
            f"{text}\n\nResume with: {command(f'resume {run}')}",
            [
                ("stay", "Stay"),
                ("leave", "Leave" if rehearsal else "Leave it running"),
                ("cancel", "Cancel the deployments"),
            ],
        )
