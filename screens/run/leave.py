"""Dialog for leaving during an installation: lists the deployments that continue, and the command that resumes."""

from collections.abc import Sequence

from textual.screen import Screen

from installer.invocation import command
from screens.base.dialogs import Dialog
from screens.run.live import LivePage


class LeaveDialog(Dialog):
    """Asks for confirmation; "Stay" has the focus.

    Args:
        again: the command that continues the run.
        screens: the open screens; the progress is read from the live page among them.
        rehearsal: whether the embedded Azure, which stops with the installer, is the target.

    """

    def __init__(self, again: str, screens: Sequence[Screen[object]], *, rehearsal: bool) -> None:
        live = next((screen for screen in screens if isinstance(screen, LivePage)), None)
        steps = live.progress.steps.values() if live else ()
        running = [step.title for step in steps if step.state == "running"]
        names = ", ".join(running) or "nothing"
        if rehearsal:
            text = f"In progress: {names}.\nThe embedded Azure stops with the installer, and continues when you resume."
        else:
            text = f"In progress: {names}.\nDeployments in Azure continue after you leave; the remaining steps start when you resume."
        super().__init__(
            "Leave?",
            f"{text}\n\nResume with: {command(again)}",
            [
                ("stay", "Stay"),
                ("leave", "Leave" if rehearsal else "Leave it running"),
                ("cancel", "Cancel the deployments"),
            ],
        )
