"""Files that ship with the installer beside its code: the only place that spells their paths.

A test checks that every function here finds its file in a checkout and that the wheel carries it.
"""

from importlib.resources import files
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parent
BICEP: Final = PACKAGE.parent / "bicep"
"""Beside the package, in a checkout and in an installed distribution alike."""


def compiled_template(stage: str) -> Path:
    """The compiled ARM template of a stage."""
    return BICEP / "compiled" / f"{stage}.json"


def compiled_templates() -> tuple[Path, ...]:
    """Every compiled ARM template, by name."""
    return tuple(sorted((BICEP / "compiled").glob("*.json")))


def reporter_program() -> Path:
    """The program that reports failed flow runs."""
    return BICEP / "reporter" / "reporter.py"


def durations() -> str:
    """Text of the table of usual durations, with the source of each."""
    return (files("installer") / "durations.json").read_text(encoding="utf-8")


def error_explanations() -> str:
    """Text of the explanations of Azure's error codes (TOML)."""
    return (files("installer.cloud") / "error_explanations.toml").read_text(encoding="utf-8")


def flow_project() -> Path:
    """The Prefect project that is deployed to every environment: `prefect.yaml` and its flows."""
    return Path(str(files("installer.prefect_setup") / "project"))
