"""`python -m tests.homes [HOME …]`: rehearses each home twice, and prints a table.

    python -m tests.homes --list             the names of the homes
    python -m tests.homes --kill aks-app-3   one home, with kills of its processes

Takes two to ten minutes for each home. Exit code 1 if a home does not pass; its files stay in the folder that is printed.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.homes.journey import Journey, Row
from tests.homes.matrix import HOMES


def main(arguments: Sequence[str]) -> int:
    """Print the table; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.homes", description=__doc__)
    parser.add_argument("homes", nargs="*", metavar="HOME", help="names of homes; all by default")
    parser.add_argument("--kill", action="store_true", help="kill each kind of process once in a third rehearsal")
    parser.add_argument("--rotate", action="store_true", help="rotate each secret, with an interruption, and run again")
    parser.add_argument("--list", action="store_true", help="print the names of the homes")
    parser.add_argument("--folder", type=Path, help="folder for the files of the homes; temporary by default")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.homes) - HOMES.keys()):
        parser.error(f"unknown: {', '.join(unknown)}; homes are {', '.join(HOMES)}")
    if given.list:
        print("\n".join(HOMES))
        return 0
    folder = given.folder or Path(tempfile.mkdtemp(prefix="homes-"))
    rows = [_row(name, folder, kill=given.kill, rotate=given.rotate) for name in given.homes or HOMES]
    failed = [row for row in rows if row.wrong]
    print(f"{len(rows) - len(failed)} of {len(rows)} homes pass", flush=True)
    if not failed and given.folder is None:
        shutil.rmtree(folder)
    return 1 if failed else 0


def _row(name: str, folder: Path, *, kill: bool, rotate: bool) -> Row:
    """Go the way of a home, print its row, and remove its files if it passes."""
    place = folder / name
    row = Row(HOMES[name])
    try:
        Journey(HOMES[name], place, row).go(kill=kill, rotate=rotate)
    except Exception as fault:  # noqa: BLE001  each fault is a line, and the other homes follow
        row.wrong.append(f"{type(fault).__name__}: {fault}")
    wall = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in row.seconds.items())
    kills = f"kills {row.killed}, {row.resumes} resumed" if kill else "kills -"
    rotations = f"rotated {row.rotated}; " if rotate else ""
    print(f"{name:<18} first {row.first}; second {row.second}; {kills}; {rotations}{wall}", flush=True)
    print(f"{'':<18} {row.memory}", flush=True)
    for wrong in row.wrong:
        print(f"{'':<18} WRONG {wrong}", flush=True)
    if row.wrong:
        print(f"{'':<18} its files: {place}", flush=True)
    else:
        shutil.rmtree(place)
    return row


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
