"""`python -m tests.every_change [FILE …]`: runs with changed answers, for each example file and each changeable answer.

Takes one to three minutes for each file. Prints a line for each fault; `--values` is how many values of each answer are
tried, `--step 4` tries a quarter of the answers.
The tests try a sample (tests/emulator/deployments/test_changed_runs.py).
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.answers.changed_answers import DRAFTS, KEYS, changed
from tests.emulator.deployments.changed_runs import installed


def main(arguments: list[str]) -> int:
    """The number of faults as exit code, at most 100."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE", help="names of example files without .yaml; all by default")
    parser.add_argument("--values", type=int, default=1, help="values of each answer")
    parser.add_argument("--step", type=int, default=1, help="try every Nth answer, beginning with another in each file")
    given = parser.parse_args(arguments)
    faults = 0
    for file in given.files or DRAFTS:
        place = list(DRAFTS).index(file)
        faults += _changes(file, KEYS[place % given.step :: given.step], given.values, place)
    print(f"{faults} faults", flush=True)
    return min(faults, 100)


def _changes(file: str, keys: Sequence[str], values: int, first: int) -> int:
    """Answers of a file; the values begin with another one in each file."""
    begun, counts, faults = time.monotonic(), Counter[str](), 0
    with TemporaryDirectory() as folder:
        try:
            base = installed(Path(folder) / "azure", DRAFTS[file].answers())
        except AssertionError as fault:
            print(f"{file}: {str(fault)[:2000]}", flush=True)
            return 1
        for key in keys:
            found = list(changed(file, key))
            for answers in islice(cycle(found), first % len(found), first % len(found) + values) if found else ():
                try:
                    counts[base.run_with(answers)] += 1
                except Exception as fault:  # noqa: BLE001  each fault is reported
                    faults += 1
                    text = str(fault) if isinstance(fault, AssertionError) else traceback.format_exc()
                    print(f"{file}: {key} = {_value(answers, key)}: {text[:1500]}", flush=True)
        base.estate.azure.database.close()
    print(f"{file}: {dict(counts)}, {faults} faults in {time.monotonic() - begun:.0f} s", flush=True)
    return faults


def _value(answers: object, key: str) -> object:
    page, _, name = key.partition(".")
    return getattr(getattr(answers, page), name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
