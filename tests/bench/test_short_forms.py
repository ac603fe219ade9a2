"""Every benchmark still runs: its short form prints its figures."""

import subprocess
import sys

import pytest

from bicep.compile import find_compiler
from tests.e2e.conftest import ANSWERS, environment
from tests.emulator.governance.landing_zone import FOLDER as POLICIES

ROOT = ANSWERS.parent.parent
FIGURES = {
    "start": ("wizard, first page takes keys", "flowforge-install --help"),
    "following": ("50 resources in ", "reads a minute"),
    "checks": ("checks of four environments", "first result after"),
    "reads": ("reads",),
    "deployments": ("memory at the end", "0 outcomes differ"),
    "policies": ("rules compiled, once",),
    "templates": ("times the snapshot",),
    "live": ("repaint with 1000 rows, p95", "resume, until the live page is shown"),
    "keys": ("ms",),
    "rehearsal": ("times the critical path",),
}
WHOLE = ("live", "keys", "rehearsal")
"""Those that begin a rehearsal."""
MAX_SECONDS = 900


@pytest.mark.parametrize("name", [pytest.param(one, marks=pytest.mark.long if one in WHOLE else ()) for one in FIGURES])
def test_the_short_form_prints_its_figures(name: str) -> None:
    if name == "policies" and not POLICIES.is_dir():
        pytest.skip("needs ../shared/policies")
    if name == "templates" and find_compiler() is None:
        pytest.skip("no Bicep compiler found: set BICEP to one")
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--short", name],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    for words in FIGURES[name]:
        assert words in done.stdout, done.stdout
