"""Modules of the current folder and of PYTHONPATH, whatever their names, are not run by the installer or its processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from installer.cloud.emulator_process import DEFAULT_SPEED, Seed, command

ROOT = Path(__file__).parents[2]
DEV = str(ROOT / "tests" / "answers" / "dev.yaml")
FOREIGN = "import os, sys\nos.write(2, b'foreign code was run')\nsys.exit(99)\n"
ENTRY = "import sys; sys.path.remove(''); from installer.cli.entry import main; main()"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder with modules that have the names of the installer and of the standard library."""
    for name in ("installer", "logging", "json", "click", "keyring", "ssl"):
        (tmp_path / f"{name}.py").write_text(FOREIGN)
    package = tmp_path / "package"
    (package / "installer").mkdir(parents=True)
    (package / "installer" / "__init__.py").write_text(FOREIGN)
    return tmp_path


def run(folder: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLOWFORGE_", "PYTHON"))}
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        env={**kept, **more},
        cwd=folder,
        timeout=120,
        check=False,
    )


def test_isolated_as_the_command_starts_it(foreign: Path) -> None:
    path = os.pathsep.join([str(foreign), str(foreign / "package")])
    for folder in (foreign, foreign / "package"):
        done = run(folder, "-I", "-m", "installer", "validate", DEV, PYTHONPATH=path)
        assert (done.returncode, done.stderr) == (0, ""), done
        assert "all valid" in done.stdout
    assert "foreign code" in run(foreign, "-m", "installer", "validate", DEV).stderr, "the folder would have been found"


def test_the_installed_command_starts_python_again(foreign: Path) -> None:
    done = run(ROOT, "-c", ENTRY, "validate", DEV)
    assert (done.returncode, done.stderr) == (0, ""), done
    # Its module is found first, as in an installed environment; what it would import next is foreign.
    late = f"import sys; sys.path[:0] = [{str(ROOT)!r}]; import installer.cli.entry as entry; entry.main()"
    done = run(foreign, "-P", "-c", late, "validate", DEV, PYTHONPATH=str(foreign))
    assert "foreign code" not in done.stderr
    assert done.returncode == 0, done


def test_so_do_the_processes_of_an_isolated_installer(foreign: Path) -> None:
    words = "from installer.python_program import python_program; print(*python_program('installer.emulator', '-h'))"
    isolated = run(foreign, "-I", "-c", words, PYTHONPATH=str(foreign))
    assert isolated.stdout.split()[1:] == ["-I", "-m", "installer.emulator", "-h"], isolated
    done = run(foreign, *isolated.stdout.split()[1:], PYTHONPATH=str(foreign))
    assert (done.returncode, done.stderr) == (0, ""), done
    assert command(foreign, DEFAULT_SPEED, Seed())[1:3] == ["-m", "installer.emulator"], "not isolated, as these tests"
