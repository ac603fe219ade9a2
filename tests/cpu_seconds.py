"""Pytest plugin that prints the CPU seconds of the test files: `pytest -p tests.cpu_seconds`.

Durations depend on what else the machine does, CPU seconds hardly. They include processes that have ended and that were waited
for, with their own children. Those of a shared server count for the test that ends it, so the files are what to compare.
"""

import os
from collections import defaultdict
from collections.abc import Generator
from typing import Final

import pytest

_NAME: Final = "cpu_seconds"
_SHOWN: Final = 40
_before: list[float] = [0.0]
_files: defaultdict[str, float] = defaultdict(float)


def _used() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def pytest_sessionstart() -> None:
    """Begin to count after the start of the process."""
    _before[0] = _used()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note in the report of each phase what was used since the last one."""
    report = yield
    now = _used()
    report.user_properties = [(_NAME, now - _before[0])]
    _before[0] = now
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add it to the file, in the process that shows the results."""
    _files[report.location[0]] += sum(float(str(value)) for name, value in report.user_properties if name == _NAME)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the files that use most, and the sum of all."""
    terminalreporter.section("CPU seconds")
    for file, seconds in sorted(_files.items(), key=lambda one: -one[1])[:_SHOWN]:
        terminalreporter.write_line(f"{seconds:8.1f}  {file}")
    terminalreporter.write_line(f"{sum(_files.values()):8.1f}  all {len(_files)} files")
