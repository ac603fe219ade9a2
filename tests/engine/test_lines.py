"""Events as lines, one each whatever they contain, or as JSON; a reader that exits does not stop a run."""

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from installer.engine.events import KINDS, Event, Kind
from installer.engine.lines import WORDS, duration, events_file, json_lines, line, plain_lines
from installer.errors import UsageError
from installer.jsontypes import Json

AT = "2026-03-01T12:34:56.789Z"


def event(kind: Kind, text: str = "", step: str = "", resource: str = "", **data: Json) -> Event:
    return Event(1, AT, kind, step, resource, text, data)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "0:10"),
        (59.4, "0:59"),
        (59.6, "1:00"),
        (61, "1:01"),
        (3599.7, "60:00"),
        (7322, "122:02"),
    ],
)
def test_durations_are_readable(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_line_has_time_word_object_text_and_duration() -> None:
    done = event("resource.finished", "exists", "data", "stcontoso", seconds=75.2)
    assert line(done) == "12:34:56 done      data stcontoso: exists (1:15)"
    assert line(event("step.failed", "no quota")) == "12:34:56 FAILED    no quota"
    assert line(event("run.finished", "failed")) == "12:34:56 end       failed"


def test_of_a_failure_whose_text_follows_at_the_end_only_the_first_line_is_printed() -> None:
    failed = event("step.failed", "nothing was sent: no quota (and 1 more)\n- no quota: why\n- no rights: why")
    for brief, ends in ((True, "(and 1 more)"), (False, "no rights: why")):
        out = io.StringIO()
        plain_lines(out, brief=brief)(failed)
        assert out.getvalue().rstrip().endswith(ends)


def test_steps_that_wait_for_a_failed_one_are_left_to_the_end_unless_verbose() -> None:
    waits = event("step.skipped", "waits for Checks", "data", state="blocked")
    for brief, verbose, shown in ((True, False, False), (True, True, True), (False, False, True)):
        out = io.StringIO()
        plain_lines(out, brief=brief, verbose=verbose)(waits)
        assert ("waits for Checks" in out.getvalue()) is shown


def test_every_kind_has_a_word() -> None:
    assert WORDS.keys() == KINDS
    assert all(words and len(words) <= 9 for words in WORDS.values())


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", "a\x1b[2Jb", "a\u202eb", "a\u2028b", "a\x85b", "\x9b31m", "a\tb", "[bold]x[/x]", ""]
)
def test_any_text_stays_on_its_line(text: str) -> None:
    for told in (event("warning", text, "s", "r"), event("warning", text), event("log", "x", "s", text)):
        shown = line(told)
        assert len(shown.splitlines()) == 1
        assert shown.isprintable()
    assert "[bold]x[/x]" in line(event("log", "[bold]x[/x]"))  # no markup, no loss


@pytest.mark.parametrize("verbose", [True, False])
def test_the_progress_of_single_resources_is_verbose_output(verbose: bool) -> None:
    out = io.StringIO()
    show = plain_lines(out, verbose=verbose)
    for kind in sorted(KINDS):
        show(event(kind, kind))  # type: ignore[arg-type]
    shown = {told.split()[-1] for told in out.getvalue().splitlines()}
    hidden = set() if verbose else {"resource.progressed", "resource.started"}
    assert shown == KINDS - hidden


def test_json_lines_can_be_read_again() -> None:
    out = io.StringIO()
    told = [event("resource.failed", "a\nb“", "data", "x", error={"code": "X"}), event("log")]
    for one in told:
        json_lines(out)(one)
    assert [Event.from_json(text) for text in out.getvalue().split("\n")[:-1]] == told
    json_lines(out)(event("warning", "a\x1b[2Jb", data={"left": "\u202e"}))
    read = Event.from_json(out.getvalue().splitlines()[-1])
    assert (read.text, read.data) == ("a [2Jb", {"data": {"left": " "}}), "no terminal escapes from a file"


def test_a_file_is_complete_after_every_event(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("old\n" * 100, encoding="utf-8")
    show = events_file(path)
    show(event("log", "ä"))
    assert json.loads(path.read_text(encoding="utf-8"))["text"] == "ä"
    show(event("log", "\ud800"))
    assert Event.from_json(path.read_text(encoding="utf-8").splitlines()[1]).text == " "


def test_a_file_is_closed_at_the_end(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from installer.engine.lines import events_file
from installer.engine.events import Event
show = events_file(Path(sys.argv[1]))
show(Event(1, "2026-03-01T12:34:56.789Z", "log", text="last words"))
"""
    path = tmp_path / "events.jsonl"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program, str(path)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "last words" in path.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"--events {tmp_path}: cannot be written"):
        events_file(tmp_path)


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="no process reads this named pipe"):
        events_file(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    show = events_file(pipe)
    show(event("log", "x"))
    assert json.loads(os.read(reader, 9999))["text"] == "x"
    os.close(reader)


def test_a_terminal_that_knows_only_ascii_gets_ascii() -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="ascii")
    plain_lines(terminal)(event("log", "ä → “x”"))
    assert raw.getvalue() == b"12:34:56 note      \\xe4 \\u2192 \\u201cx\\u201d\n"


def test_a_closed_stream_is_harmless() -> None:
    out = io.StringIO()
    show = plain_lines(out)
    out.close()
    show(event("log", "x"))
    assert out.closed


def test_a_reader_that_exits_does_not_stop_the_run() -> None:
    program = """
import sys
from installer.cli.standard_streams import keep_writing
from installer.engine.lines import plain_lines
from installer.engine.events import Event
keep_writing()
show = plain_lines(sys.stdout)
sys.stdin.readline()
for number in range(3000):
    show(Event(number, "2026-03-01T12:34:56.789Z", "log", text="x" * 100))
print("reached the end", file=sys.stderr)
"""
    read, write = os.pipe()
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=write, stderr=subprocess.PIPE, text=True) as process:
        os.close(write)
        os.close(read)
        _, told = process.communicate("go\n", timeout=60)
    assert (process.returncode, told) == (0, "reached the end\n")


def test_a_line_names_its_resource_once() -> None:
    name = "block azure-blob-storage-container/dev-gold"
    made = Event(1, "2026-11-30T23:10:04", "resource.finished", "register-dev", name, f"{name} created")
    assert line(made) == f"23:10:04 done      register-dev {name}: created"


def test_a_new_file_of_events_is_readable_only_for_its_owner(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        events_file(tmp_path / "events.jsonl")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "events.jsonl").stat().st_mode) == 0o600
