"""The audit of packages: what was not asked is never reported as safe."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.audit import LOCKS, NOT_PROVED, ROOT, main

SAFE = {"name": "click", "version": "8.1", "vulns": []}
WEAK = {
    "name": "jinja2",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-2019-217", "aliases": ["CVE-2019-10906"], "fix_versions": ["2.10.1"]}],
}
UNKNOWN = {"name": "own", "skip_reason": "not found on PyPI"}


def answered(*packages: dict[str, Any], code: int = 0, errors: str = "") -> "subprocess.CompletedProcess[str]":
    out = json.dumps({"dependencies": list(packages)}) if packages else ""
    return subprocess.CompletedProcess([], code, out, errors)


@pytest.mark.parametrize(
    ("answer", "code", "shown"),
    [
        (answered(SAFE), 0, "1 packages audited, 0 known vulnerabilities"),
        (answered(SAFE, WEAK, code=1), 1, "jinja2 2.0: PYSEC-2019-217, CVE-2019-10906, fixed in 2.10.1"),
        (answered(SAFE, UNKNOWN), NOT_PROVED, "NOT AUDITED: pypi does not know 1 packages: own"),
        (answered(WEAK, UNKNOWN, code=1), 1, "NOT AUDITED"),
        (
            answered(code=1, errors="x\nConnectionError: no route\n"),
            NOT_PROVED,
            "was not reached: ConnectionError: no route",
        ),
        (answered(code=1), NOT_PROVED, "pip-audit ended with 1"),
    ],
)
def test_what_is_known_decides(
    answer: "subprocess.CompletedProcess[str]", code: int, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], lambda _lock, _service: answer) == code
    assert shown in capsys.readouterr().out


def test_every_lock_file_is_audited() -> None:
    listed = subprocess.run(["git", "ls-files", "*.lock"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert set(listed.split()) <= set(LOCKS)
    assert all(Path(ROOT, name).exists() for name in LOCKS)
