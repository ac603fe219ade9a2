"""Backups as text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.operations.plan_sections import last_sections
from installer.planning.document import Section, as_text, listed
from installer.preflight.moments import shown_moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.operations.recovery.backup_model import Backups, Part


def rendered(found: Backups, *, plan: bool) -> str:
    """The backups as plain text; as a `plan` with what is taken now."""
    return as_text("Backup" if plan else "Backups", [], list(_sections(found, plan=plan)))


def _sections(found: Backups, *, plan: bool) -> Iterator[Section]:
    for part in found.parts:
        yield listed(f"{part.name}, used by {', '.join(part.environments)}", list(_lines(part, plan=plan)))
    yield listed("Beside them", found.beside)
    yield from last_sections(found.findings if plan else (), found.not_checked)


def _lines(part: Part, *, plan: bool) -> Iterator[str]:
    yield part.how
    if part.range:
        yield f"can be restored to {part.range}"
    for one in part.points:
        yield f"restore point {shown_moment(one.at)}: {one.name}"
    if part.kind == "lake" and part.action and not part.points:
        yield "no recovery point yet"
    if plan and part.kind == "prefect":
        yield f"written now: {part.action}"
    elif plan:
        yield "a backup on demand is taken now" if part.action else f"no backup on demand: {part.why_not}"
