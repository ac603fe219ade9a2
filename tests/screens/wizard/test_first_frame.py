"""The first frame is painted before the questions are loaded: heavy modules are imported while it is shown."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

PROGRAM: Final = """
import json, sys
from types import SimpleNamespace
from installer.runs.state_directory import StateDirectory
from screens.wizard.app import WizardApp

class StopsAtFirstFrame(WizardApp):
    def _load_draft(self):
        rows = [strip.text for strip in self.screen._compositor.render_strips()]
        print(json.dumps([sorted(sys.modules), rows]))
        raise LookupError("seen enough")

    def exit_with_error(self, error):
        self.exit(0)

state = StateDirectory.at(sys.argv[1])
session = SimpleNamespace(state=state, options=SimpleNamespace(rehearsal=True), show_message=None)
StopsAtFirstFrame(session, None, ()).run(headless=True, size=(80, 24))
"""
UNNEEDED: Final = (
    *("pydantic", "ruamel.yaml", "sqlite3", "filelock", "hashlib", "webbrowser"),
    *("installer.answers.model", "installer.cost.model", "installer.engine.journal", "installer.engine.progress"),
)
"""What the first page of a machine without runs does not need; each costs more than a hundredth of its time."""
HEAVY: Final = ("pydantic", "pydantic_core", "ruamel", "prefect", "keyring", "cryptography", "sqlite3")


def test_the_frame_is_painted_before_the_model_and_its_library_are_imported(tmp_path: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    modules, rows = json.loads(done.stdout)
    assert "FlowForge Installer" in rows[0]
    assert "REHEARSAL" in rows[0]
    assert "1 Subscription" in rows[1]
    assert "installer.answers.model" not in modules
    assert [name for name in modules if name.partition(".")[0] in HEAVY] == []


def test_the_ways_to_begin_are_shown_without_the_questions(tmp_path: Path) -> None:
    program = (
        "import sys; from installer.runs.session import Session, TargetOptions;"
        "from installer.runs.state_directory import StateDirectory; import screens.wizard.app, screens.wizard.start;"
        "session = Session(StateDirectory.at(sys.argv[1]), TargetOptions(rehearsal=True));"
        "session.drafts.begun(); session.unfinished();"
        f"print([one for one in {UNNEEDED!r} if one in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
