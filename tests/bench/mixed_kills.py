"""Disturbs installations in every way at once, from a seed: kills, stops, proxies, errors of Azure, hostile answers and damaged files.

python -m tests.bench kills --mix [--seed 1] [--count 48] [--speed 500] [--keep]

Each life installs, promotes an image and uninstalls. An attempt is killed, is stopped by a signal, has proxies in its environment
that lead nowhere and is then killed, or gets answers on its way that Azure cannot have given; between two attempts a file is damaged.
Moments are drawn over the whole command, from when its work has begun. A hostile answer counts if some request got it. Prints how many
disturbances were right: the program ended as it should, without a traceback, what it printed is printable, no other host was asked,
and the command that was disturbed has ended right in the end.
"""

import argparse
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench.life import INSTALLATIONS, Chapter
from tests.bench.mixed_life import MixedLife
from tests.e2e.conftest import ANSWERS

PER_LIFE: Final = 48
MAX_WRONG: Final = 5
NEW_IMAGE: Final = f"flowforge/web@sha256:{'c' * 64}"


def _disturbed(speed: float, folder: Path) -> tuple[Chapter, ...]:
    """Installation, in which one environment has a newer image, promotion of that image, removal."""
    it = INSTALLATIONS["container-apps"]
    source, target = it.promoted
    answers = (ANSWERS / it.file).read_text(encoding="utf-8")
    prefix = f"  prefix: {it.prefix}\n"
    assert prefix in answers
    answers = answers.replace(prefix, f"{prefix}  differ: [{source}]\n") + f"\n{source}:\n  web_image: {NEW_IMAGE}\n"
    file = folder / "answers.yaml"
    file.write_text(answers, encoding="utf-8")
    return (
        Chapter(("rehearse", "--answers", str(file), "--yes", "--speed", f"{speed:g}"), shows="resources are in place"),
        Chapter(("promote", "--from", source, "--to", target, "--yes")),
        Chapter(("uninstall", "--confirm", it.prefix), shows="Removed"),
    )


def lives(options: argparse.Namespace, folder: Path) -> Iterator[MixedLife]:
    """Lives, one after another, until there were enough disturbances."""
    left, number = options.count, 0
    while left > 0:
        dice = random.Random(f"{options.seed} {number}")  # noqa: S311  no secret
        life = MixedLife(folder / f"{number:03d}", dice, min(left, PER_LIFE))
        for line in life.lived(_disturbed(options.speed, folder)):
            print(line, flush=True)
        life.judge()
        for one in life.wrong:
            print(f"WRONG life {number}: {one}", flush=True)
        yield life
        left, number = left - max(life.killed, 1), number + 1


def main(options: argparse.Namespace) -> int:
    """Disturb lives. Returns 1 if anything was wrong."""
    folder, begun = Path(tempfile.mkdtemp(prefix="mixed-")), time.monotonic()
    all_, right, wrong, kinds = 0, 0, list[str](), Counter[tuple[str, str]]()
    for life in lives(options, folder):
        all_ += life.killed
        right += 0 if life.wrong else life.killed
        wrong += life.wrong
        kinds += life.kinds
        print(f"right: {right} of {all_}", flush=True)
        if len(wrong) > MAX_WRONG:
            break
    print(f"seed {options.seed}, {(time.monotonic() - begun) / 60:.0f} minutes")
    for (command, kind), number in sorted(kinds.items()):
        print(f"  {command:<10} {kind:<28} {number}")
    print(f"right: {right} of {all_}; wrong: {len(wrong)}; logs: {folder}")
    if not wrong and not options.keep:
        shutil.rmtree(folder)
    return 1 if wrong else 0
