"""References that Azure accepts only within one region (regional_ties.toml, with a source for each).

Ground module: the checks compare the plan with existing resources, and the embedded Azure refuses what Azure refuses.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from installer.resource_id import ids_in, parse_id
from installer.shipped_files import regional_ties

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.jsontypes import Json

_SUBNET: Final = "microsoft.network/virtualnetworks/subnets"


@dataclass(frozen=True)
class Tie:
    """A resource that has to be in the same region as the one that refers to it.

    Attributes:
        reference: ID of what is referred to.
        place: ID of the resource whose region counts: of a subnet, its network.
        code: Error code of the refusal.
        text: Its text, with {id}, {to}, {here} and {there}.

    """

    reference: str
    place: str
    code: str
    text: str

    def message(self, resource_id: str, here: str, there: str) -> str:
        """The text of the refusal for a resource in a region."""
        return self.text.format(id=resource_id, to=self.reference, here=here, there=there)


@dataclass(frozen=True)
class _Rule:
    code: str
    text: str


@cache
def _rules() -> Mapping[tuple[str, str], _Rule]:
    return {
        (origin.lower(), to.lower()): _Rule(entry["code"], entry["text"])
        for entry in tomllib.loads(regional_ties())["tie"]
        for origin in entry["from"]
        for to in entry["to"]
    }


def ties(resource_type: str, resource_id: str, body: Json) -> Iterator[Tie]:
    """References in the body of a resource that have to be in its region, once each."""
    rules, kind, own = _rules(), resource_type.lower(), resource_id.lower()
    if not any(origin == kind for origin, _ in rules):
        return
    for other in dict.fromkeys(ids_in(body)):
        parsed = parse_id(other)
        rule = rules.get((kind, parsed.type.lower())) if parsed else None
        if parsed is None or rule is None or own.startswith(parsed.id.lower()):
            continue
        network = parsed.parent if parsed.type.lower() == _SUBNET else None
        place = network.id if network else parsed.id
        if place.lower() != own:
            yield Tie(other, place, rule.code, rule.text)


def same_region(here: str, there: str) -> bool:
    """Whether two normalised locations agree; an unknown one and "global" agree with every region."""
    return here == there or not {here, there}.isdisjoint({"", "global"})
