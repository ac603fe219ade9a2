"""Export of the answers file."""

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
    text = dump(draft)
    for number in count(1):
        path = Path.cwd() / f"flowforge-{prefix or 'answers'}{f'-{number}' if number > 1 else ''}.yaml"
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
