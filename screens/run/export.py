"""Files that the user saves: answers, questions."""

import re
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from installer.answers.files import dump, save

if TYPE_CHECKING:
    from installer.answers.draft import Draft


def export(draft: "Draft") -> Path:
    """Write the answers to a new file in the working directory; never overwrites another file.

    Raises:
        UsageError: the file cannot be written.

    """
    prefix = draft.value("subscription.prefix") if draft.problem("subscription.prefix") is None else None
    return save_new(f"flowforge-{prefix or 'answers'}", ".yaml", dump(draft))


def save_new(stem: str, suffix: str, text: str) -> Path:
    """Write a text to a new file in the working directory, numbered if the name is taken by another content.

    Raises:
        UsageError: the file cannot be written.

    """
    stem = re.sub(r"[^A-Za-z0-9._-]", "-", stem)
    for number in count(1):
        path = Path.cwd() / f"{stem}{f'-{number}' if number > 1 else ''}{suffix}"
        if not path.exists():
            save(path, text)
        elif _read(path) != text:
            continue
        return path
    raise AssertionError  # count() does not end


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
