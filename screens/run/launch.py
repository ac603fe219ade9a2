"""Runs an app on the terminal until the user leaves."""

import sys
from typing import TYPE_CHECKING

from screens.run.app import RunApp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from installer.engine.events import Listener
    from installer.runs.session import Session


def run_app(app: RunApp) -> int:
    """Show an app until the user leaves; nothing else writes to the terminal meanwhile. Returns the exit code."""
    from screens.base.terminal import redirect_descriptors

    log = app.session.state.path / "screen.log"
    with redirect_descriptors(log):
        code = app.run()
    if app.return_code not in (None, 0) and code is None:
        app.exit_message, code = f"the screen stopped because of an internal error; the traceback is in {log}", 1
    if app.exit_message:
        print(app.exit_message, file=sys.stderr)
    return code or 0


def run_resumed(
    session: "Session", name: str, listeners: "Sequence[Listener]", changes: "Mapping[str, str] | None" = None
) -> int:
    """Resume a run, with changed answers if there are any, and show it until the user leaves. Returns the exit code."""
    return run_app(RunApp(session, listeners, resume=name, changes=changes))
