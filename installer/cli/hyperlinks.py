"""Addresses in plain output as links that the terminal opens (OSC 8); anywhere but on a terminal they stay plain text.

A terminal without links ignores the sequence. Source: gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda (the form of the
sequence, and that the address has printable ASCII characters only).
"""

import os
import sys
from typing import Final, TextIO
from urllib.parse import quote

from installer.cli.commands.output import is_terminal
from installer.sanitize import clean

_SAFE: Final = "".join(chr(code) for code in range(33, 127))
_WITHOUT: Final = ("", "dumb", "linux")
"""Kinds of terminals that may print the sequence instead of ignoring it."""


def link(address: str, stream: TextIO | None = None) -> str:
    """An address as it is printed to a stream, standard output by default."""
    takes_links = is_terminal(stream or sys.stdout) and os.environ.get("TERM", "") not in _WITHOUT
    if not takes_links or not address.startswith(("https://", "http://")):
        return address
    return f"\x1b]8;;{quote(address, safe=_SAFE)}\x1b\\{clean(address)}\x1b]8;;\x1b\\"
