"""Cost of Azure Policy in the embedded Azure: a corporate landing zone, as ratio to the work of ARM for the same stage."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from installer.estate.bodies import planned_bodies
from installer.estate.parameters import stages
from tests.bench.rounds import measured as extent
from tests.bicep.answers_matrix import MATRIX
from tests.emulator.asgi_client import local
from tests.emulator.governance.landing_zone import FOLDER, landing_zone
from tests.emulator.governance.test_landing_zone import bodies

ROUNDS: Final = extent(3, 1)
NAME: Final = "04"


def main() -> None:
    """Prints the figures; needs ../shared/policies."""
    if not FOLDER.is_dir():
        print("policies: skipped, ../shared/policies is missing")
        return
    answers = next(found for key, found in MATRIX.items() if key.startswith(NAME))
    begun = time.perf_counter()
    planned = sum(1 for _ in planned_bodies(answers))
    expansion = time.perf_counter() - begun
    resources = bodies(NAME)
    compiling, judging = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            policies = local(Path(folder), survey=landing_zone()).emulator.policies
            begun = time.perf_counter()
            rules = len(policies.book.rules)
            compiling.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            for resource in resources:
                policies.refusals(resource)
            judging.append(time.perf_counter() - begun)
    each = statistics.median(judging) / len({spec.key for spec in stages(answers)})
    print(f"policies: expansion of the templates       {expansion:.2f} s for {planned} resources")
    print(
        f"policies: {rules} rules compiled, once         {statistics.median(compiling):.2f} s, "
        f"{statistics.median(compiling) / expansion:.2f} times the expansion"
    )
    print(
        f"policies: all stages judged                {statistics.median(judging):.2f} s, "
        f"{statistics.median(judging) / expansion:.2f} times the expansion; {each:.3f} s a stage"
    )
