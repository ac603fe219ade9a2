"""The last lines of a run: findings once, whole, below what they block."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from installer.cli.watch import report
from installer.engine.runner import Result
from installer.errors import CheckBlocked


def test_findings_of_a_blocked_run_are_listed_once() -> None:
    text = "nothing was sent: no quota (and 1 more)\n- no quota: why. Ask for more\n- no rights: why"
    journal = SimpleNamespace(fact=lambda _name: None)
    run: Any = SimpleNamespace(name="contoso-1", exported=Path("answers.yaml"), journal=journal)
    said: list[str] = []
    waiting: dict[str, tuple[str, ...]] = {f"stage-{number}": ("preflight",) for number in range(9)}
    report(run, Result(failures={"preflight": CheckBlocked(text)}, blocked=waiting), said.append)
    lines = "\n".join(said).splitlines()
    assert lines[1:4] == ["preflight blocks, nothing was sent:", "- no quota: why. Ask for more", "- no rights: why"]
    assert sum("no quota" in line for line in lines) == 1
    assert "9 steps wait for preflight" in lines
    assert any(line.startswith("Resume with: ") for line in lines)
