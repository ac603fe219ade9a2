"""Streams that are closed, full or read by no one: a command completes what it does, and reports what it could not print."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import ANSWERS, command, environment

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")


def shell(redirected: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The result of a command whose streams a shell has redirected."""
    line = f"{shlex.join(command(*arguments))} {redirected}"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, env=environment(), check=False)
    for word in ("Traceback", "internal error", "Exception ignored"):
        assert word not in done.stdout + done.stderr
    return done


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("arguments", [("schema",), ("--output", "json", "validate"), ("validate",)])
def test_a_closed_stream_is_no_error(closed: str, arguments: tuple[str, ...]) -> None:
    file = (str(ANSWERS / "dev.yaml"),) if "validate" in arguments else ()
    assert shell(closed, *arguments, *file).returncode == 0


def test_a_closed_stream_is_not_the_descriptor_of_a_file(tmp_path: Path) -> None:
    """A journal that got the descriptor of standard error would get what is printed there."""
    program = (
        "import os, sys; from installer.cli import main as cli; "
        f"cli.cli.main = lambda **_: (open({str(tmp_path / 'journal')!r}, 'w'), os.write(1, b'out'), os.write(2, b'err')); cli.main()"
    )
    line = shlex.join([sys.executable, "-c", program])
    done = subprocess.run(["/bin/sh", "-c", f"{line} <&- >&- 2>&-"], check=False)
    assert (done.returncode, (tmp_path / "journal").read_text()) == (0, "")


@needs_full
@pytest.mark.parametrize("arguments", [("schema",), ("--output", "json", "validate"), ("validate",), ("--help",)])
def test_output_that_cannot_be_written_is_reported(arguments: tuple[str, ...]) -> None:
    file = (str(ANSWERS / "dev.yaml"),) if "validate" in arguments else ()
    done = shell(f">{FULL}", *arguments, *file)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "standard output could not be written, the rest of it is lost: No space left on device"
    )


@needs_full
def test_the_code_of_a_failure_stays(tmp_path: Path) -> None:
    assert shell(f"2>{FULL}", "validate", "/nowhere").returncode == 2
    assert shell(f"2>{FULL}", "explain", "SomethingUnheardOf").returncode == 3
    assert shell(f">{FULL} 2>{FULL}", "runs", "--state-dir", str(tmp_path)).returncode == 2


def body(text: str) -> str:
    """A program whose command is this text, printed to a pipe whose reader goes away first."""
    return f"import os, sys, time; from installer.cli import main as cli\ndef work(**_):\n    {text}\ncli.cli.main = work\ncli.main()"


@pytest.mark.parametrize("code", [0, 6])
def test_what_was_begun_is_completed_although_no_one_reads(tmp_path: Path, code: int) -> None:
    done = tmp_path / "done"
    text = f"sys.stdin.read(); [print('x' * 9000) for _ in range(50)]; open({str(done)!r}, 'w'); sys.exit({code})"
    with subprocess.Popen(
        [sys.executable, "-c", body(text)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.close()
        assert process.wait() == code
        assert process.stderr.read() == b""
    assert done.exists()


def test_a_pipe_that_was_made_non_blocking_gets_everything() -> None:
    text = "os.set_blocking(1, False); [print('x' * 999) for _ in range(500)]"
    with subprocess.Popen([sys.executable, "-c", body(text)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert len(process.stdout.read()) == 500 * 1000
        assert process.wait() == 0


def with_events(file: str, then: str, before: str = "reader = None") -> "subprocess.CompletedProcess[str]":
    """The result of a command that writes some events to a file, and then does something."""
    program = f"""
import sys; from pathlib import Path; from installer.cli import main as cli
from installer.engine.events import Event; from installer.engine.lines import events_file
def work(**_):
    {before}
    show = events_file(Path({file!r}))
    for number in range(9):
        if number == 1 and reader: os.close(reader)
        show(Event(number, "2026-03-01T12:34:56.789Z", "log", text="x" * 9000))
    {then}
cli.cli.main = work; cli.main()"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@needs_full
@pytest.mark.parametrize(("then", "code"), [("print('done')", 2), ("print('done'); sys.exit(6)", 6)])
def test_events_that_cannot_be_written_are_reported_once_at_the_end(then: str, code: int) -> None:
    done = with_events(str(FULL), then)
    assert (done.returncode, done.stdout) == (code, "done\n"), "what was begun is completed"
    assert done.stderr == f"--events {FULL} could not be written, the rest of it is lost: No space left on device\n"


def test_a_reader_of_events_that_goes_away_wanted_no_more(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # The reader is in the program itself: it opens the pipe first, and closes it after some events.
    done = with_events(
        str(pipe), "print('done')", before=f"import os; reader = os.open({str(pipe)!r}, os.O_RDONLY | os.O_NONBLOCK)"
    )
    assert (done.returncode, done.stderr) == (0, "")
