"""The last sections of the plan of an operation: the facts that could not be seen, and the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.planning.document import Section, listed
from installer.preflight.gate import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from installer.preflight.model import Finding, NotChecked


def last_sections(findings: Sequence[Finding], not_checked: Sequence[NotChecked]) -> Iterator[Section]:
    """A section for each kind of which there are some."""
    if not_checked:
        yield listed("Not checked", [one.sentence for one in not_checked])
    if findings:
        yield listed("In the way", [sentence(one) for one in findings])
