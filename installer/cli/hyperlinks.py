"""Addresses in plain output as links that the terminal opens (OSC 8); anywhere but on a terminal they stay plain text.

A terminal without links ignores the sequence. Source of its form: gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda.
"""

import os
import sys
from typing import Final, TextIO

from installer.cli.commands.output import is_terminal
from installer.sanitize import clean, link_target

_WITHOUT: Final = ("", "dumb", "linux")
"""Kinds of terminals that may print the sequence instead of ignoring it."""


def link(address: str, stream: TextIO | None = None) -> str:
    """An address as it is printed to a stream, standard output by default."""
    takes_links = is_terminal(stream or sys.stdout) and os.environ.get("TERM", "") not in _WITHOUT
    target = link_target(address) if takes_links else ""
    return f"\x1b]8;;{target}\x1b\\{clean(address)}\x1b]8;;\x1b\\" if target else address
