"""Delay and number of reads of the deployment follower on the embedded Azure.

python -m tests.bench following
"""

import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from installer.cloud.arm import Arm
from installer.cloud.emulator_process import start
from installer.engine.step import Context, Question, Record, Stop
from installer.engine.stream import Stream
from installer.steps.deployment_follower import Follower
from tests.bench.rounds import measured as extent
from tests.emulator.sample_templates import account, group, inside, nested, template
from tests.emulator.server_process import API

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.engine.events import Event

SIZES: Final = extent((50, 300, 1000), (50,))
IN_A_NEST: Final = 50
CHAIN: Final = 10
"""Length of the dependency chains, so that something changes from start to end."""
SPEED: Final = 30.0
STAGES: Final = 3
"""Number of deployments that are followed at the same time."""


class Forgetful:
    """A journal that stores nothing."""

    def remember(self, record: Record) -> None:
        """Discard the record."""

    def recall(self, step: str) -> Record | None:  # noqa: ARG002  the journal's
        """No record is stored."""
        return None


@dataclass(frozen=True)
class Figures:
    """Result of a measurement.

    Attributes:
        took: real seconds until the follower had finished.
        critical: real seconds of the critical path.
        reads: reads per simulated minute.
        reported: number of resources reported as finished.

    """

    took: float
    critical: float
    reads: float
    reported: int


def no_answer(question: Question, stop: Stop) -> None:
    """Give no answer."""


def stage(number: int, count: int) -> dict[str, object]:
    """A template with `count` storage accounts in nested deployments, in chains."""
    name = f"rg-bench-{number}"
    nests = []
    for first in range(0, count, IN_A_NEST):
        names = [f"stbench{number}{index:05d}" for index in range(first, min(first + IN_A_NEST, count))]
        accounts = [
            account(it, after=[] if at % CHAIN == 0 else [f"Microsoft.Storage/storageAccounts/{names[at - 1]}"])
            for at, it in enumerate(names)
        ]
        nests.append(nested(f"nest-{number}-{first}", inside(*accounts), into=name))
    return dict(template(group(name), *nests))


def measured(size: int) -> Figures:
    """Deploy `size` resources in several deployments at once and follow all of them."""
    with tempfile.TemporaryDirectory() as folder:
        rehearsal = start(Path(folder), speed=SPEED)
        try:
            arm = Arm(rehearsal.target, str(rehearsal.facts["subscription"]))
            finished: list[Event] = []
            stream = Stream()
            stream.listen(lambda event: finished.append(event) if event.kind == "resource.finished" else None)
            for number in range(STAGES):
                arm.begin(
                    f"bench-{number}",
                    location="westeurope",
                    template=stage(number, size // STAGES),  # type: ignore[arg-type]
                    parameters={},
                    tags={},
                )
            before, begun = arm.pacer.reads, time.perf_counter()
            threads = [threading.Thread(target=_follow(arm, stream, number)) for number in range(STAGES)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.perf_counter() - begun
            reads = (arm.pacer.reads - before) / (took * SPEED / 60)
            return Figures(took, _critical(arm), reads, len(finished))
        finally:
            rehearsal.stop()


def _follow(arm: Arm, stream: Stream, number: int) -> "Callable[[], None]":
    def follow() -> None:
        context = Context(f"stage-{number}", stream, Forgetful(), {}, Stop(), no_answer)
        ended = Follower(arm, context, f"bench-{number}").outcome()
        assert ended.state == "succeeded", ended

    return follow


def _critical(arm: Arm) -> float:
    from installer.cloud.rest import Service

    answer = Service.of_arm(arm.target).ask("GET", f"/rehearsal/timeline?api-version={API}").body
    found = answer.get("value")
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return max(float(str(row["criticalPathSeconds"])) for row in rows)


def main() -> None:
    """Print a line for each size."""
    for size in SIZES:
        it = measured(size)
        print(
            f"{size:5d} resources in {STAGES} deployments: {it.reported} reported in {it.took:.1f} s; critical path "
            f"{it.critical:.1f} s, {(it.took - 2) / it.critical:.3f} times it + 2 s; {it.reads:.0f} reads a minute"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
