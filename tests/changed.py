"""`python -m tests.changed FILE ...`: runs the tests of the packages of these files, and the architecture tests."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
ALWAYS: Final = "tests/architecture"
SLOW: Final = ("tests/e2e", "tests/bench")
"""Left to continuous integration."""
OF_GROUND: Final = ("tests/conventions", "tests/estate", "tests/emulator/providers")
"""The rooms that use the ground modules and data that no test room mirrors, such as durations.json."""


def mirrored_tests(files: Iterable[str]) -> list[str]:
    """The narrowest folders (or files) of tests that mirror these files, in order; slow ones are left out."""
    paths = [Path(file) for file in files]
    found = {ALWAYS, *(mirrored for path in paths if (mirrored := _mirrored(path)))}
    if any(
        path.parent == Path("installer") and path.suffix in {".py", ".json"} and not _mirrored(path) for path in paths
    ):
        found |= {*OF_GROUND}
    return sorted(it for it in found if not any(str(parent) in found for parent in Path(it).parents))


def _mirrored(file: Path) -> str:
    top, *rest = file.parts
    if top == "tests":
        place = file if file.name.startswith("test_") else file.parent
    elif top == "installer":
        place = Path("tests", *rest[:-1]) if len(rest) > 1 else Path("tests", f"test_{file.stem}.py")
    elif top in ("screens", "bicep"):
        place = Path("tests", top)
    else:
        return ""
    while not (ROOT / place).exists():
        place = place.parent
    return "" if str(place).startswith(SLOW) or place == Path("tests") else str(place)


if __name__ == "__main__":
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", *mirrored_tests(sys.argv[1:])]
    sys.exit(subprocess.call(command, cwd=ROOT))
