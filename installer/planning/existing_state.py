"""State of resources about which what-if cannot be asked, because a resource group of their stage does not exist yet.

Only a 404 shows that a resource does not exist. What this account may not read is named as not checked, and Azure out of reach
ends the plan: a plan that took either for "does not exist" would promise to create what exists.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from installer.cloud.errors import UNAUTHORIZED, AzureRefused
from installer.cloud.existence import PARALLEL_READS, UNREADABLE
from installer.cloud.rest import ACCESS_DENIED
from installer.conventions.counts import counted
from installer.waiting import Workers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from installer.cloud.arm import Arm
    from installer.estate.resources import Planned
    from installer.jsontypes import Json

UNREGISTERED: Final = "MissingSubscriptionRegistration"
"""Code of a refusal that the run removes: its step Resource providers comes before the deployments. A read is refused with it,
too (azure-functions-ux#1473); a resource of a provider that was never registered cannot exist."""
_VOLATILE: Final = frozenset({"etag", "systemdata", "provisioningstate"})
"""Members that Azure changes without a change of the resource."""
_MAX_NAMED: Final = 3


@dataclass(frozen=True)
class States:
    """Results of the reads; a resource that is in none of the attributes does not exist.

    Attributes:
        found: Short hash of the state by the ID of a resource.
        unread: Reason by the ID of a resource that could not be read.
        settings: IDs of settings that no read shows, of resources that exist.

    """

    found: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    settings: frozenset[str] = frozenset()

    def gaps(self, resources: Iterable[Planned]) -> Iterator[str]:
        """A sentence for each reason, with the names of the resources that could not be read."""
        names: dict[str, list[str]] = defaultdict(list)
        for one in resources:
            if one.id in self.unread:
                names[self.unread[one.id]].append(one.shown)
        for reason, those in names.items():
            more = [f"{len(those) - _MAX_NAMED} more"] if len(those) > _MAX_NAMED else []
            which = ", ".join([*those[:_MAX_NAMED], *more])
            yield f"whether {counted(len(those), 'resource of it exists', 'resources of it exist')} ({which}): {reason}"


def states_of(arm: Arm, resources: Iterable[Planned]) -> States:
    """Read resources side by side.

    Args:
        arm: Azure Resource Manager.
        resources: Resources in resource groups that exist.

    Raises:
        AzureRefused: Azure could not be reached, was busy, or rejected the sign-in: no judgement of a resource.

    """
    every = tuple(resources)
    asked = [one for one in every if one.type.lower() not in UNREADABLE]
    with Workers(PARALLEL_READS, "states") as pool:
        replies = list(pool.map(partial(_read, arm), asked))
    read = dict(zip((one.id for one in asked), replies, strict=True))
    found = {key: _fingerprint(body) for key, body in read.items() if isinstance(body, dict)}
    unread = {key: reason for key, reason in read.items() if isinstance(reason, str)}
    owners = tuple(f"{key.lower()}/" for key in found)
    settings = (one.id for one in every if one.type.lower() in UNREADABLE and one.id.lower().startswith(owners))
    return States(found, unread, frozenset(settings))


def _read(arm: Arm, one: Planned) -> dict[str, Json] | str | None:
    """The body of a resource, None if it does not exist, or the reason why it cannot be read."""
    try:
        return arm.read(one.id, one.api_version)
    except AzureRefused as refused:
        if refused.code == UNREGISTERED:
            return None
        if refused.transient or refused.unreached or refused.status == UNAUTHORIZED:
            raise
        return "this account may not read it" if refused.status in ACCESS_DENIED else str(refused).splitlines()[0]


def _fingerprint(body: Json) -> str:
    """Short hash of a state, without what Azure notes about each write."""

    def steady(value: Json) -> Json:
        if isinstance(value, dict):
            return {name: steady(item) for name, item in value.items() if name.lower() not in _VOLATILE}
        return [steady(item) for item in value] if isinstance(value, list) else value

    return hashlib.sha256(json.dumps(steady(body), sort_keys=True).encode()).hexdigest()[:12]
