"""Reads damaged files for a given time, from a seed: more than the tests do.

python -m tests.bench mutated [SECONDS] [SEED]
"""

import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from installer.runs.state_directory import StateDirectory
from installer.support_bundle import archive, contents
from installer.support_bundle.redaction import Redaction
from tests.fuzz import readers
from tests.support_bundle.sample_run import made_run

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 300.0


def main(arguments: list[str]) -> int:
    """Read damaged files and show each kind of unexpected error once. Returns 1 if there was one."""
    wanted = float(arguments[0]) if arguments else SECONDS
    seed = arguments[1] if len(arguments) > 1 else str(time.time())
    with tempfile.TemporaryDirectory() as folder:
        errors, fed = feed(Path(folder), wanted, seed)
    print(f"damaged files read from seed {seed}   {fed}, unexpected errors: {sum(errors.values())}")
    return 1 if errors else 0


def feed(folder: Path, seconds: float, seed: str) -> tuple[Counter[str], int]:
    """Unexpected errors by kind, and the number of files read."""
    made, state = made_run(folder / "made" / "runs"), StateDirectory.at(str(folder / "state"))
    entries = contents.entries(contents.read(made), Redaction(), None)
    bundle = folder / "b.zip"
    archive.write(bundle, [archive.manifest("contoso-1", entries, [], pseudonymised=False), *entries])
    kinds: dict[str, Callable[[random.Random], str]] = {
        "answers": readers.answers,
        "journal": lambda chance: readers.journal(chance, made, state),
        "refusal": lambda chance: readers.refusal(chance, folder),
        "recording": lambda chance: readers.recording(chance, bundle, folder),
    }
    errors: Counter[str] = Counter()
    fed, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for kind, take in kinds.items():
            fed += 1
            try:
                take(random.Random(f"{seed} {kind} {fed}"))  # noqa: S311  damage, not secrets
            except Exception as error:  # noqa: BLE001  finding unexpected errors is the purpose
                what = f"{kind}: {type(error).__name__}: {str(error)[:200]}"
                errors[what] += 1
                if errors[what] == 1:
                    print(f"{what} (number {fed})", file=sys.stderr)
                    traceback.print_exc(limit=-3)
    return errors, fed
