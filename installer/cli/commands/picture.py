"""The command picture: the topology of an answers file, in cells of the terminal, as plain lines or as SVG. Offline."""

import shutil
import sys
from pathlib import Path
from typing import Any, Final

from installer.cli.commands.output import is_terminal, wants_plain
from installer.cli.commands.run import load_answers
from installer.errors import UsageError

Settings = dict[str, Any]
DOCUMENT_WIDTH: Final = 120
"""Cells of a picture in a text file."""


def picture(settings: Settings, answers: Path, out: Path | None) -> int:
    """Print the picture, or write it. Lines without a drawing where plain output is wanted, and into a pipe."""
    from installer.answers.files import save
    from installer.topology.estate_topology import topology
    from installer.topology.svg import as_svg
    from installer.topology.text import drawing, outline

    suffix = _suffix(out)
    found = topology(load_answers(answers).answers)
    if out is not None:
        save(out, as_svg(found) if suffix == ".svg" else f"{drawing(found, DOCUMENT_WIDTH)}\n")
        print(f"{out}: written")
    elif is_terminal(sys.stdout) and not wants_plain(settings):
        print(drawing(found, shutil.get_terminal_size().columns))
    else:
        print("\n".join(outline(found)))
    return 0


def _suffix(out: Path | None) -> str:
    suffix = out.suffix.lower() if out is not None else ""
    if out is not None and suffix not in (".svg", ".txt"):
        raise UsageError(f"-o {out}: accepted: FILE.svg (for documents) or FILE.txt (in cells of a terminal)")
    return suffix
