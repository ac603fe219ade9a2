"""Entry point of the installed command: starts Python again, isolated from the current folder and PYTHONPATH."""

import os
import sys


def main() -> None:
    """Run the command line in an isolated Python. Imports nothing of the installer: a foreign module may have its name."""
    if not sys.flags.isolated:
        os.execv(sys.executable, [sys.executable, "-I", "-m", "installer", *sys.argv[1:]])  # noqa: S606  this Python
    from installer.cli.main import main as command_line

    command_line()
