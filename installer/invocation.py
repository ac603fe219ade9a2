"""Name and options by which the program was called, so that printed commands can be copied."""

import os
import shlex
from typing import Final

_OF_RUNS: Final = ("resume", "attach", "export", "runs", "rehearse stop", "rehearse list")
"""Commands that read the state directory."""
_typed: Final[list[str]] = []


def called_with(state_directory: str | None) -> None:
    """Remember the state directory of the command line, None without one."""
    _typed[:] = ["--state-dir", state_directory] if state_directory else []


def state_options() -> list[str]:
    """The options of the command line that name the state directory."""
    return list(_typed)


def command(rest: str) -> str:
    """A command line of this program; install.sh passes the name by which it was called."""
    words = [f"{os.environ.get('FLOWFORGE_CALLED_AS') or 'flowforge-install'} {rest}"]
    return " ".join([*words, shlex.join(_typed)] if _typed and rest.startswith(_OF_RUNS) else words)
