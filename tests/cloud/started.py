"""Starts an embedded Azure as the installer does, and stops it."""

from pathlib import Path

from installer.cloud.emulator_process import start


def launched(state: Path) -> dict[str, object]:
    """What it announced."""
    rehearsal = start(state)
    rehearsal.stop()
    return rehearsal.facts
