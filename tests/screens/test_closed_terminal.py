"""A terminal that is closed while a screen is shown: the screen ends in order, not by an error of its output."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, pty, sys
from pathlib import Path
from screens.base.terminal import redirect_descriptors
own, terminal = pty.openpty()
os.dup2(terminal, 2)
os.close(terminal)
with redirect_descriptors(Path(sys.argv[1])):
    print("shown", file=sys.__stderr__, flush=True)
    assert b"shown" in os.read(own, 99)
    os.close(own)
    for _ in range(100):
        sys.__stderr__.write("x" * 10_000)
    sys.__stderr__.flush()
    os.write(1, b"to the log")
os.write(1, b"done")
"""


def test_output_to_a_closed_terminal_is_no_error(tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(log)], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"done")
    assert log.read_bytes() == b"to the log"
