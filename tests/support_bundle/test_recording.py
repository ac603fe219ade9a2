"""A bundle from elsewhere is taken for nothing before it was checked; what is wrong is one clear line."""

import json
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from installer.engine.events import Event
from installer.errors import UsageError
from installer.support_bundle import archive
from installer.support_bundle.contents import Entry
from installer.support_bundle.recording import load
from tests.e2e.conftest import run

LINE = Event(1, "2026-03-01T12:34:56.789Z", "log", "", "", "hello").to_json()


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as told:
        load(path)
    text = str(told.value)
    assert len(text.splitlines()) == 1
    assert text.startswith(str(path))
    assert text.isprintable()
    assert len(text) < len(str(path)) + 200
    return text.removeprefix(str(path))


def bundle(path: Path, events: bytes = LINE.encode(), *, more: dict[str, bytes] | None = None, **about: object) -> Path:
    entry = Entry("events.jsonl", "events", events)
    first = json.loads(archive.manifest("x-1", [entry], [], pseudonymised=False).content)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(archive.MANIFEST, json.dumps(first | about))
        made.writestr("events.jsonl", events)
        for name, content in (more or {}).items():
            made.writestr(name, content)
    return path


def test_a_bundle_and_a_file_of_events_tell_the_same(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text(LINE + "\n", encoding="utf-8")
    assert load(events).events == load(bundle(tmp_path / "b.zip")).events
    assert load(tmp_path / "b.zip").run == "x-1"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"not json", "line 2 is not an event"),
        (b"\xff\xfe", "line 2 is not an event"),
        (b"[" * 200_000, "line 2 is not an event"),
        (b'{"number": 2, "at": "yesterday", "kind": "log"}', "line 2 is not an event"),
        (b'{"number": 2, "at": "2026-03-01T12:34:56Z", "kind": "shout"}', "line 2 is not an event"),
        (
            b'{"number": 2, "at": "2026-03-01T12:34:56Z", "kind": "log", "data": {"seconds": NaN}}',
            "line 2 is not an event",
        ),
        (b'{"number": 2, "at": "2026-03-01T12:34:56Z", "kind": "log", "data": {"seconds": 1e999}}', "not an event"),
        (b'{"number": 1e400, "at": "2026-03-01T12:34:56Z", "kind": "log"}', "line 2 is not an event"),
        (LINE.encode(), "the events are not in order"),
        (b"\x1b[2J[bold]" * 1000, "line 2 is not an event"),
    ],
)
def test_a_line_that_is_no_event_is_named(tmp_path: Path, line: bytes, says: str) -> None:
    content = LINE.encode() + b"\n" + line + b"\n"
    (tmp_path / "e.jsonl").write_bytes(content)
    assert says in refused(tmp_path / "e.jsonl")
    assert says in refused(bundle(tmp_path / "b.zip", content))


def test_hostile_texts_become_harmless(tmp_path: Path) -> None:
    event = Event(1, "2026-03-01T12:34:56Z", "log", "s\x1b[2J", "r\u202e", "\ud800[bold]", {"a\x00": ["\x9b"]})
    (tmp_path / "e.jsonl").write_text(json.dumps(json.loads(event.to_json())), encoding="utf-8")
    (found,) = load(tmp_path / "e.jsonl").events
    assert (found.step, found.resource, found.text, dict(found.data)) == ("s [2J", "r ", " [bold]", {"a ": [" "]})


@pytest.mark.parametrize("content", [b"", b"\n\n \n"])
def test_an_empty_file_has_no_event(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "e").write_bytes(content)
    assert "no events of a run" in refused(tmp_path / "e")


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    assert "cannot be read" in refused(tmp_path / "nowhere")
    assert "cannot be read" in refused(tmp_path)
    path.write_bytes(b"PK\x03\x04 torn")
    assert "damaged" in refused(path)
    whole = bundle(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refused(path)
    assert "unexpected files" in refused(bundle(path, more={"../../etc/passwd": b"x"}))
    assert "missing or changed" in refused(bundle(path, files=[]))
    assert "of another kind" in refused(bundle(path, kind="picture"))
    assert "install flowforge-installer 9.9 or newer" in refused(bundle(path, format=2, installer="9.9"))
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("x", "y")
    assert "bundle.json is missing" in refused(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = b"\n" * (archive.MAX_BYTES + 1)
    digest = sha256(bomb).hexdigest()
    path = bundle(tmp_path / "b.zip", more={"installer.log": bomb}, files=[{"name": "installer.log", "sha256": digest}])
    assert path.stat().st_size < 100_000
    assert "installer.log is larger than 64 MB" in refused(path)


def test_the_command_says_it_in_one_line_and_lines_are_those_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"nonsense\n")
    ended = run("replay", str(tmp_path / "bad"))
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
    path = bundle(tmp_path / "b.zip")
    assert run("replay", str(path), "--plain").out == "12:34:56 note      hello\n"
    assert run("replay", str(path), "--output", "json", "--events", str(tmp_path / "copy")).out == LINE + "\n"
    assert (tmp_path / "copy").read_text(encoding="utf-8") == LINE + "\n"
