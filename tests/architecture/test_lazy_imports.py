"""Lazy imports: help is instant, and the first screen waits for no vendor library."""

import json
import subprocess
import sys
from typing import Final

import pytest

from tests.e2e.conftest import ANSWERS, environment

VENDORS: Final = ("prefect", "azure", "keyring")
CALL: Final = """
import json, sys
from installer.cli.main import main
sys.argv = ["flowforge-install", *json.loads(sys.argv[1])]
code = 0
try:
    main()
except SystemExit as ended:
    code = ended.code
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""
IMPORT: Final = """
import importlib, json, sys
importlib.import_module(json.loads(sys.argv[1])[0])
print(json.dumps([0, sorted(sys.modules)]), file=sys.stderr)
"""


def loaded(program: str, *arguments: str, state: str = "") -> set[str]:
    """Modules loaded at the end of a process, which must succeed."""
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(arguments)],
        capture_output=True,
        text=True,
        env=environment({"FLOWFORGE_STATE_DIR": state} if state else None),
        timeout=60,
        check=True,
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0
    return set(modules)


def of(modules: set[str], *packages: str) -> set[str]:
    """Modules of these packages; that a namespace has a name is not yet a module of it."""
    return {name for name in modules if name.partition(".")[0] in packages and name != "azure"}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_loads_nothing_heavy(option: str) -> None:
    heavy = ("pydantic", "pydantic_core", "textual", "rich", "ruamel", "cryptography", "sqlite3", "platformdirs")
    modules = loaded(CALL, option)
    assert "click" in modules
    assert of(modules, *VENDORS, *heavy) == set()


@pytest.mark.parametrize(
    "arguments",
    [("schema",), ("schema", "--starter"), ("validate", str(ANSWERS / "dev.yaml")), ("runs",)],
    ids=lambda arguments: " ".join(arguments[:2])[:20],
)
def test_reading_loads_no_vendor_and_no_screen(
    arguments: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    modules = loaded(CALL, *arguments, state=str(tmp_path_factory.mktemp("state")))
    assert of(modules, *VENDORS, "textual") == set()


@pytest.mark.parametrize(
    "module",
    ["screens.wizard.app", "screens.run.live", "installer.cli.commands.run", "installer.runs.started_runs"],
)
def test_what_the_first_frame_waits_for_loads_neither_vendor_nor_the_model(module: str) -> None:
    assert of(loaded(IMPORT, module), *VENDORS, "pydantic") == set()


BARE: Final = "import click, textual.app, textual.widgets._button, textual.widgets._static"
FIRST_FRAME: Final = "import installer.cli.main, installer.cli.commands.run, screens.wizard.app"
MODEL: Final = frozenset(
    {"answers", "arm_templates", "estate", "planning", "preflight", "steps", "flow_project", "emulator"}
)
"""Rooms of the installer that no page needs before it is shown; `python -m tests.bench start` has the time."""


def imported(program: str) -> set[str]:
    """Names of the modules that a program has imported at its end."""
    ends = f"{program}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", ends], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def test_the_first_frame_needs_textual_and_none_of_the_model() -> None:
    bare, found = imported(BARE), imported(FIRST_FRAME)
    more = {name.partition(".")[0] for name in found - bare} - sys.stdlib_module_names
    assert more <= {"installer", "screens", "textual", "rich", "click", "platformdirs"}, more
    rooms = {name.split(".")[1] for name in found if name.startswith("installer.")}
    assert "runs" in rooms
    assert rooms & MODEL == set()
