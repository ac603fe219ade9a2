"""Answers compared with the lists that Azure has offered for them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from installer.answers.questions import all_questions
from installer.conventions.regions import near_regions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from installer.answers.draft import Draft

REGIONS: Final = "regions"
VM_SIZES: Final = frozenset({"node_sizes", "system_sizes"})
"""Lists of VM sizes, which have prices."""
SIZES: Final = VM_SIZES | {"postgres_sizes"}
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


def sizes_not_offered(draft: Draft, lists: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str]]:
    """Key and message for each size in the answers that is in no list of the region of the installation.

    Args:
        draft: The answers.
        lists: Names of the sizes that were read, by source; a source that was not read is left out.

    """
    view = draft.view()
    region = view.get("subscription.region")
    for key, question in all_questions().items():
        offered = lists.get(question.ask.source or "") or ()
        value = view.get(key)
        elsewhere = view.get(f"{question.page}.region") not in (None, region) and question.page != "subscription"
        if question.ask.source not in SIZES or not offered or elsewhere or not question.ask.applies(view):
            continue
        if isinstance(value, str) and value.lower() not in {one.lower() for one in offered}:
            near = get_close_matches(value, offered, 2)
            meant = f"; did you mean {' or '.join(near)}?" if near else "; the list has what it offers"
            yield key, f"{value} is no size that {region} offers{meant}"


def refusal(region: str, labels: Mapping[str, str]) -> str:
    """Message about a region that was not read, with the names that are near."""
    near = [f"{name} ({labels[name]})" if labels[name] else name for name in near_regions(region, labels)]
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"{region} is no region of this subscription{meant}"
