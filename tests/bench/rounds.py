"""How often a benchmark measures: as its figures need, or once to see that it still runs (`--short`, in the test suite)."""

import os
from typing import Final, TypeVar

SHORT: Final = "BENCH_SHORT"
"""Environment variable that `--short` sets, also for the processes of a benchmark."""
T = TypeVar("T")


def measured(full: T, short: T) -> T:
    """The full extent of a benchmark, or the short one."""
    return short if os.environ.get(SHORT) else full
