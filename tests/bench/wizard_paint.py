"""Runs the wizard until its first page takes keys, or the first questions do, like bare_textual.py."""

import os
import sys
import time
from pathlib import Path

from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from screens.wizard.app import WizardApp


class Measured(WizardApp):
    """A wizard that records the time of its first paint and exits."""

    def _mark(self) -> None:
        Path(os.environ["FIRST_PAINT"]).write_text(str(time.time()), encoding="utf-8")
        self.exit(0)

    def on_ready(self) -> None:
        """The first page is on the screen, with the focus on its list."""
        if sys.argv[1] == "page":
            self.call_after_refresh(self._mark)

    def show_page(self, page_key: str, focus: str = "", *, amend: bool = False) -> None:
        """Show a page of questions; the first one ends the measurement."""
        super().show_page(page_key, focus, amend=amend)
        if sys.argv[1] == "questions":
            self.call_after_refresh(self._mark)


if __name__ == "__main__":
    session = Session(StateDirectory.at(sys.argv[2]), TargetOptions(rehearsal=True))
    Measured(session, None, [], first_page="subscription" if sys.argv[1] == "questions" else "start").run()
    session.close()
