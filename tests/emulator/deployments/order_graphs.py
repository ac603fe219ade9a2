"""Graphs of resources, and the order, batches and extent in which Microsoft's engine deployed them.

The golden file was recorded with ``bicep local-deploy`` and the probe extension of probe/, which sleeps or fails as a
resource requests, and logs start and end of each. ``python -m tests.emulator.deployments.order_graphs FOLDER`` records it
again; FOLDER contains the probe, published as ``probe.tgz``.
"""

import json
import os
import random
import subprocess
import sys
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, cast

from bicep.compile import find_compiler

GOLDEN: Final = Path(__file__).parent / "data" / "order.json"
GRAPHS: Final = 44
_APART: Final = 130  # milliseconds between any two events, so that the engine's own slowness decides nothing
_LENGTHS: Final = range(150, 1600, 50)


@dataclass(frozen=True)
class Part:
    """A resource, or a loop of them: how long each instance takes, what it waits for, what fails."""

    name: str
    lengths: tuple[int, ...]
    after: tuple[str, ...]
    failing: tuple[int, ...]
    batch: int = 0

    @property
    def loop(self) -> bool:
        """Whether it is a loop."""
        return len(self.lengths) > 1

    def instances(self) -> list[str]:
        """The names of its resources."""
        return [f"{self.name}{index}" for index in range(len(self.lengths))] if self.loop else [self.name]


def timeline(parts: list[Part]) -> dict[str, tuple[int, int, bool]]:
    """Begin, end and success of every resource that begins, as the documentation has it; a failure stops what waits."""
    done: dict[str, tuple[int, int, bool]] = {}
    ended: dict[str, tuple[int, bool]] = {}
    for part in parts:
        waits = [ended[name] for name in part.after]
        begin, fine = max((end for end, _ in waits), default=0), all(ok for _, ok in waits)
        latest = begin
        size = part.batch or len(part.lengths)
        for first in range(0, len(part.lengths), size):
            if not fine:
                break
            for index in range(first, min(first + size, len(part.lengths))):
                end, works = begin + part.lengths[index], index not in part.failing
                done[part.instances()[index]] = (begin, end, works)
                latest = max(latest, end)
            fine = all(done[name][2] for name in part.instances()[first : first + size])
            begin = latest
        ended[part.name] = (latest, fine)
    return done


def _graph(chance: random.Random) -> list[Part]:
    parts: list[Part] = []
    for number in range(chance.randint(4, 7)):
        count = chance.choice([1, 1, 1, 2, 3, 4])
        names = [part.name for part in parts]
        after = tuple(sorted(chance.sample(names, min(len(names), chance.choice([0, 1, 1, 2])))))
        failing = tuple(index for index in range(count) if chance.random() < 0.12)
        lengths = tuple(chance.choice(_LENGTHS) for _ in range(count))
        batch = chance.choice([0, 1, 2]) if count > 1 else 0
        parts.append(Part("abcdefgh"[number], lengths, after, failing, batch))
    return parts


def graphs() -> list[list[Part]]:
    """Random graphs, always the same, in which no two events come too close to each other."""
    chance = random.Random(20261124)  # noqa: S311 - repeatable, not secret
    found: list[list[Part]] = []
    while len(found) < GRAPHS:
        parts = _graph(chance)
        times = {time for begin, end, _ in timeline(parts).values() for time in (begin, end)}
        apart = all(later - earlier >= _APART for earlier, later in pairwise(sorted(times)))
        if apart and max(times) < 6000:
            found.append(parts)
    return found


def _bicep(parts: list[Part]) -> str:
    lines = ["targetScope = 'local'", "extension probe"]
    for part in parts:
        after = f"dependsOn: [{', '.join(part.after)}]"
        if part.loop:
            lengths = f"[{', '.join(map(str, part.lengths))}]"
            failing = f"[{', '.join(map(str, part.failing))}]"
            lines += [f"@batchSize({part.batch})"] if part.batch else []
            lines.append(
                f"resource {part.name} 'Node' = [for (ms, i) in {lengths}: "
                f"{{ name: '{part.name}${{i}}', ms: ms, fail: contains({failing}, i), {after} }}]"
            )
        else:
            fail = str(bool(part.failing)).lower()
            lines.append(
                f"resource {part.name} 'Node' = {{ name: '{part.name}', ms: {part.lengths[0]}, fail: {fail}, {after} }}"
            )
    return "\n".join(lines).replace("dependsOn: [],", "").replace(", dependsOn: []", "") + "\n"


def _observed(folder: Path, parts: list[Part]) -> list[list[str]]:
    """Events of the engine in order: `begin`, `end` or `fail` with a name."""
    compiler, log = find_compiler(), folder / "log.jsonl"
    assert compiler is not None, "no Bicep compiler found"
    (folder / "graph.bicep").write_text(_bicep(parts), encoding="utf-8")
    (folder / "graph.bicepparam").write_text("using 'graph.bicep'\n", encoding="utf-8")
    log.unlink(missing_ok=True)
    subprocess.run(
        [str(compiler), "local-deploy", str(folder / "graph.bicepparam"), "--format", "Json"],
        check=False,
        capture_output=True,
        env={**os.environ, "PROBE_LOG": str(log)},
    )
    entries = sorted((json.loads(line) for line in log.read_text().splitlines()), key=lambda entry: float(entry["at"]))
    return [["fail" if entry.get("fail") else str(entry["what"]), str(entry["name"])] for entry in entries]


def _part(item: dict[str, Any]) -> Part:
    """A part as it was written down; the file is our own."""
    return Part(item["name"], tuple(item["lengths"]), tuple(item["after"]), tuple(item["failing"]), item["batch"])


def golden() -> list[tuple[list[Part], list[tuple[str, str]]]]:
    """Every graph with what was observed."""
    found = []
    for entry in json.loads(GOLDEN.read_text(encoding="utf-8")):
        parts = [_part(item) for item in entry["parts"]]
        found.append((parts, cast("list[tuple[str, str]]", [tuple(event) for event in entry["events"]])))
    return found


def regenerate(folder: Path) -> None:
    """Run every graph through the engine: a line for each."""
    lines = []
    for parts in graphs():
        entry = {"parts": [asdict(part) for part in parts], "events": _observed(folder, parts)}
        lines.append(json.dumps(entry))
    GOLDEN.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    regenerate(Path(sys.argv[1]))
