"""Answers compared with the lists that Azure has offered for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.answers.questions import all_questions
from installer.conventions.regions import near_regions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.answers.draft import Draft

REGIONS: Final = "regions"
_LISTED: Final = ("governance.allowed_regions",)
"""Questions about regions whose items are typed."""


def not_offered(draft: Draft, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Key and message for each region in the answers that Azure does not offer to the subscription.

    Args:
        draft: The answers.
        labels: Display name by name of each region that was read; empty if none were.

    """
    view = draft.view()
    for key, question in all_questions().items() if labels else ():
        if not question.ask.applies(view) or not (question.ask.source == REGIONS or key in _LISTED):
            continue
        value = view.get(key)
        for region in value if isinstance(value, list) else [value]:
            if isinstance(region, str) and region and region not in labels:
                yield key, refusal(region, labels)
                break


def refusal(region: str, labels: Mapping[str, str]) -> str:
    """Message about a region that was not read, with the names that are near."""
    near = [f"{name} ({labels[name]})" if labels[name] else name for name in near_regions(region, labels)]
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"{region} is no region of this subscription{meant}"
