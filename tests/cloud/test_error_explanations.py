"""Explained errors: every entry is whole, the fitting one is found, hostile text is only text."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from installer.cli.commands import answers_file
from installer.cloud.error_causes import Cause
from installer.cloud.error_explanations import RETRY_WORDS, explained, explanation, explanations, meanings, nearest
from installer.cloud.errors import refused_by
from tests.required_error_codes import PROMISED

ACTION = re.compile(
    r"\b(accept|add|allow|ask|change|check|delegate|delete|deploy|enable|go|link|list|lock|no action is needed|open|push"
    r"|reactivate|read|recover|register|remove|report|resolve|restore|resume|retry|revert|see the message|select|set|sign in"
    r"|start|stop|switch off|upgrade|use|wait|work from|write)\b",
    re.IGNORECASE,
)
"""Actions in remedies."""


def test_there_are_enough_and_each_is_whole() -> None:
    entries = explanations()
    assert len(entries) >= 250
    assert len({entry.code for entry in entries if entry.code.startswith("AADSTS")}) >= 50
    for entry in entries:
        assert entry.retry in RETRY_WORDS
        assert entry.cause.endswith(".")
        assert entry.remedy.endswith(".")
        assert entry.remedy != entry.cause
        assert ACTION.search(entry.remedy), entry.remedy
        re.compile(entry.pattern)
        re.compile(entry.sentence)
        assert entry.code or entry.sentence
    keys = [(entry.code.lower(), entry.pattern, "" if entry.code else entry.sentence) for entry in entries]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("code", PROMISED)
def test_what_is_promised_is_explained(code: str) -> None:
    assert explanation(code, "purge of a deleted vault that can be recovered") is not None


def test_the_message_decides_between_entries_of_one_code() -> None:
    grants = explanation("AuthorizationFailed", "no right for 'Microsoft.Authorization/roleAssignments/write'")
    plain = explanation("authorizationfailed", "no right for 'Microsoft.Network/virtualNetworks/write'")
    assert grants is not None
    assert plain is not None
    assert "Role Based Access Control Administrator" in grants.remedy
    assert grants != plain


def test_a_refusal_tells_cause_and_remedy_below_what_azure_said() -> None:
    error = {"error": {"code": "DeploymentFailed", "details": [{"code": "SkuNotAvailable", "message": "no D4 here"}]}}
    lines = str(refused_by(error, "deployment x")).splitlines()  # type: ignore[arg-type]  # a literal of nested dicts
    assert lines[0] == "SkuNotAvailable: no D4 here"
    known = explanation("SkuNotAvailable")
    assert known is not None
    assert lines[1:3] == [f"  Cause: {known.cause}", f"  Remedy: {known.remedy}"]


def test_an_unknown_code_is_reported_as_azure_said_it() -> None:
    assert explained(Cause("NeverHeardOf", "[bold]x[/bold]")) == ["NeverHeardOf: [bold]x[/bold]"]
    assert nearest("SkuNotAvailible")[0] == "SkuNotAvailable"


def explain(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "installer", "explain", *arguments], input=stdin, capture_output=True, check=False
    )


def test_the_command_explains_a_code_a_file_and_standard_input(tmp_path: Path) -> None:
    code = explain("QuotaExceeded")
    assert code.returncode == 0
    assert b"Quotas in the portal" in code.stdout
    error = {
        "error": {"code": "Conflict", "message": json.dumps({"error": {"code": "ServerIsBusy", "message": "later"}})}
    }
    file = tmp_path / "error.json"
    file.write_text(json.dumps(error), encoding="utf-8")
    for done in (explain(str(file)), explain("-", stdin=file.read_bytes())):
        assert done.returncode == 0
        assert done.stdout.startswith(b"ServerIsBusy: later")
    (row,) = json.loads(explain("-", "--output", "json", stdin=file.read_bytes()).stdout)
    assert row["code"] == "ServerIsBusy"
    assert row["retry"] == "now"


def test_the_command_names_the_nearest_code() -> None:
    done = explain("SkuNotAvailible")
    assert done.returncode == 3
    assert b"did you mean SkuNotAvailable" in done.stderr


@pytest.mark.parametrize(
    "hostile",
    [
        b"\xff\xfe\x00",
        b"\x1b[2J[bold]",
        b"[" * 100_000,
        b'{"error":' * 5_000,
        b"",
        b"null",
        b'{"code": 7, "message": []}',
    ],
)
def test_hostile_input_is_shown_as_text(hostile: bytes) -> None:
    done = explain("-", stdin=hostile)
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stdout


def test_every_code_is_known_without_its_message() -> None:
    for code in {entry.code for entry in explanations() if entry.code}:
        first, *lines = explained(Cause(code, ""))
        assert first in (code, f"{code}, one of these: its message decides")
        assert sum(line.startswith("  Remedy: ") for line in lines) == len(meanings(Cause(code, ""))) > 0


def test_a_code_that_its_message_decides_has_all_of_its_meanings(capsys: pytest.CaptureFixture[str]) -> None:
    assert answers_file.explain({}, "conflicterror") == 0
    assert capsys.readouterr().out.count("  Cause: ") == 2
    assert answers_file.explain({"output": "json"}, "ConflictError") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert len(row["meanings"]) == 2
    assert explanation("ConflictError", "of another kind") is None


def explain_output(
    raw: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, code: int = 0, **settings: str
) -> str:
    """Output of the command for a file, in this process."""
    file = tmp_path / "error.json"
    file.write_bytes(raw)
    assert answers_file.explain(dict(settings), str(file)) == code
    out = capsys.readouterr().out
    assert all(char.isprintable() or char == "\n" for char in out)
    return out


def test_every_leaf_is_reported_with_its_own_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = {"error": {"code": "DeploymentFailed", "details": [{"code": "QuotaExceeded", "message": "4 more cores"}]}}
    error = {
        "code": "DeploymentFailed",
        "details": [
            {"code": "Conflict", "message": f"It said: {json.dumps(inner)}", "target": "/x/aks-contoso"},
            {"code": "RequestDisallowedByPolicy", "message": "no public addresses"},
            {"code": "NeverHeardOf", "message": "odd"},
        ],
    }
    told = explain_output(json.dumps(error).encode(), tmp_path, capsys).split("\n\n")
    assert [text.splitlines()[0] for text in told] == [
        "QuotaExceeded (aks-contoso): 4 more cores",
        "RequestDisallowedByPolicy: no public addresses",
        "NeverHeardOf: odd",
    ]
    for text, code in zip(told, ("QuotaExceeded", "RequestDisallowedByPolicy"), strict=False):
        known = explanation(code)
        assert known is not None
        assert f"  Remedy: {known.remedy}" in text.splitlines()
    assert "Remedy: " not in told[2]


def test_markup_escapes_and_bad_bytes_are_shown_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = b'{"code": "QuotaExceeded", "message": "[/bold] \\u001b[2J \\ud800 \xff\xfe <b>"}'
    out = explain_output(raw, tmp_path, capsys)
    assert out.startswith("QuotaExceeded: [/bold] [2J")
    assert "<b>" in out
    (row,) = json.loads(explain_output(raw, tmp_path, capsys, output="json"))
    assert row["code"] == "QuotaExceeded"
    assert row["remedy"]


def test_an_unknown_error_is_said_to_be_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("nothing of Azure", encoding="utf-8")
    assert answers_file.explain({}, str(file)) == 3
    captured = capsys.readouterr()
    assert captured.err == f"{file}: this error is not known\n"
    assert "nothing of Azure" in captured.out


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps({"code": "X", "message": "y" * 4_000_000}).encode(),
        json.dumps({"code": "X", "message": "z" * 9_000_000}).encode(),
        json.dumps({"details": [{"code": f"C{n}", "message": "m"} for n in range(20_000)]}).encode(),
        json.dumps({"code": "X", "message": '{"code": ' * 100_000}).encode(),
        b'{"message": "' + b"\xf0\x9f" * 500_000 + b'"}',
    ],
    ids=["megabytes", "more than is read", "many leaves", "braces", "torn characters"],
)
def test_megabytes_are_reported_in_a_moment(raw: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(explain_output(raw, tmp_path, capsys, code=3)) < 1_000_000


def test_a_deleted_secret_is_recovered_and_not_tried_again() -> None:
    message = "Secret prefect-tls-key is currently in a deleted but recoverable state, and its name cannot be reused"
    found = explanation("Conflict", message)
    assert found is not None
    assert found.retry == "after"
    assert "az keyvault secret recover" in found.remedy
    other = explanation("Conflict", "Another operation is in progress.")
    assert other is not None
    assert other.retry == "now"
