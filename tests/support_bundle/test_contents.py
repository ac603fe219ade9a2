"""A bundle holds what helps, no secret, on request no identifier, and is the same for the same run."""

import json
import sqlite3
import stat
import zipfile
from pathlib import Path

import pytest

from installer.support_bundle import archive, contents
from installer.support_bundle.pseudonyms import Pseudonyms
from installer.support_bundle.recording import load
from installer.support_bundle.redaction import Redaction
from tests.e2e.conftest import Ended, run
from tests.support_bundle.sample_run import PASSWORD, SUBSCRIPTION, made_run


def unpacked(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def bundled(folder: Path, *arguments: str) -> Ended:
    return run("support-bundle", *arguments, "-o", str(folder / "b.zip"), more={"FLOWFORGE_STATE_DIR": str(folder)})


def test_it_lists_what_it_writes_and_writes_it_for_its_owner_alone(tmp_path: Path) -> None:
    made_run(tmp_path / "runs")
    ended = bundled(tmp_path, "--yes")
    assert (ended.code, ended.err) == (0, "")
    found = unpacked(tmp_path / "b.zip")
    assert list(found) == [archive.MANIFEST, *archive.FILES]
    for name, text in found.items():
        assert f"{name:<14} {len(text.encode()):>9,} bytes" in ended.out
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    assert [json.loads(line)["kind"] for line in found["events.jsonl"].splitlines()][-1] == "run.finished"
    assert json.loads(found["plan.json"])["steps"][1] | {"usual": 0} == {
        "key": "network", "title": "Network", "needs": ["foundation"], "usual": 0, "state": "failed", "attempt": 1
    }  # fmt: skip
    assert "prefix: contoso" in found["answers.yaml"]
    assert json.loads(found["versions.json"])["packages"]["textual"]
    assert not [name for name, text in found.items() if PASSWORD in text]


def test_without_a_terminal_it_wants_a_yes(tmp_path: Path) -> None:
    made_run(tmp_path / "runs")
    ended = bundled(tmp_path)
    assert ended.code == 2
    assert "add --yes" in ended.err
    assert not (tmp_path / "b.zip").exists()


def test_the_same_run_gives_the_same_bytes_and_stand_ins_leave_nothing_of_the_customer(tmp_path: Path) -> None:
    made_run(tmp_path / "runs")
    assert bundled(tmp_path, "--yes", "--pseudonymise").code == 0
    first = (tmp_path / "b.zip").read_bytes()
    assert bundled(tmp_path, "--yes", "--pseudonymise").code == 0
    assert (tmp_path / "b.zip").read_bytes() == first
    found = unpacked(tmp_path / "b.zip")
    for word in ("contoso", "mercury", "pluto", "fabrikam", "ada@", "10.40.", SUBSCRIPTION, PASSWORD):
        assert not [name for name, text in found.items() if word in text.lower()], word
    assert load(tmp_path / "b.zip").run == "PREFIX1-1"
    (same,) = {word for word in found["events.jsonl"].split('"') if word.startswith("vnet-ff-")}
    assert same in found["plan.json"]


def test_what_cannot_be_read_is_named_and_the_rest_is_there(tmp_path: Path) -> None:
    directory = made_run(tmp_path / "runs")
    with sqlite3.connect(directory / "journal.sqlite") as database:
        database.execute("UPDATE events SET line = 'torn' WHERE number = 3")
        database.execute("UPDATE facts SET value = '{\"kind\": 7}' WHERE name = 'answers'")
    database.close()
    kept = contents.read(directory)
    assert [text.partition(":")[0] for text in kept.unreadable] == ["answers", "events"]
    entries = {it.name: it.content for it in contents.entries(kept, Redaction(), Pseudonyms("contoso"))}
    assert b'"ff-PREFIX1-network"' in entries["journal.jsonl"]
    numbers = [json.loads(line)["number"] for line in entries["events.jsonl"].splitlines()]
    assert 3 not in numbers
    assert numbers == sorted({*range(1, numbers[-1] + 1)} - {3})
    ended = bundled(tmp_path, "--yes", "--output", "json")
    assert ended.code == 0
    assert len(json.loads(ended.out)["unreadable"]) == 2


@pytest.mark.parametrize("name", ["nowhere-1", "../../etc"])
def test_a_run_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    ended = bundled(tmp_path, name, "--yes")
    assert ended.code == 2
    assert f"run {name} does not exist" in ended.err
