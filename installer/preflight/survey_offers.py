"""Gaps of a survey about offers: names, quotas, sizes, versions and resource types of regions.

A request whose response would be made of usual values only is refused (`gap`). Where a survey has a part of the response, such as some
quotas of a region, the rest is usual values, which prove nothing: `assumed` names that for what a check needed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.json_access import as_list, as_object, as_text, objects_of
from installer.resource_id import normalised_location

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.jsontypes import Json
    from installer.preflight.reads import Request

_USAGES: Final = re.compile(r"/providers/([^/]+)/locations/([^/]+)/(?:resourcetype/[^/]+/)?usages")
_SIZES: Final = re.compile(r"/providers/microsoft\.compute/skus\?.*location eq '([^']+)'")
_CAPABILITIES: Final = re.compile(r"/providers/[^/]+/locations/([^/]+)/capabilities")
_VERSIONS: Final = re.compile(r"/providers/[^/]+/locations/([^/]+)/kubernetesversions")
_REGISTRATIONS: Final = re.compile(r"^/subscriptions/[^/]+/providers\?")
_RESTRICTED: Final = {
    "virtualmachines": "microsoft.compute/skus",
    "flexibleservers": "microsoft.dbforpostgresql/locations/capabilities",
}
"""Entry of the survey's `listed` by type of its restrictions, both in lower case."""


@dataclass(frozen=True)
class SurveyOffers:
    """Offers in a survey."""

    content: dict[str, Json]

    @staticmethod
    def of_subscription(path: str) -> bool:
        """Whether a path in lower case is about what one subscription is offered: a survey has that of one only."""
        return any(one.search(path) for one in (_USAGES, _SIZES, _CAPABILITIES, _REGISTRATIONS))

    def gap(self, path: str, request: Request) -> str:
        """Why a survey cannot answer a request with this path in lower case; "" where it can."""
        if found := _USAGES.search(path):
            return self._quota(found[1], found[2], ())
        if found := _SIZES.search(path) or _CAPABILITIES.search(path) or _VERSIONS.search(path):
            return self._region(found[1])
        if "/checknameavailability?" in path:
            return self._name(as_object(json.loads(request.body)))
        if _REGISTRATIONS.match(path) and not self.content.get("registrations"):
            return "the survey has no resource providers"
        return ""

    def assumed(self, path: str, items: Iterable[str]) -> str:
        """Why the response about these items is made of usual values; "" where the survey has it.

        Items are the names of a quota, or of a region for the types of resource providers.
        """
        if found := _USAGES.search(path):
            return self._quota(found[1], found[2], items)
        if found := _SIZES.search(path):
            return self._unrestricted("virtualmachines", found[1], "which VM sizes it may not use")
        if found := _CAPABILITIES.search(path):
            return self._unrestricted("flexibleservers", found[1], "whether it may create PostgreSQL servers")
        if found := _VERSIONS.search(path):
            known = {_place(one.get("location")) for one in objects_of(self.content.get("kubernetesVersions"))}
            return "" if found[1] in known else f"the survey has no versions of AKS in {found[1]}"
        if _REGISTRATIONS.match(path):
            return next((gap for one in items if (gap := self._types(one))), "")
        return ""

    def _name(self, asked: dict[str, Json]) -> str:
        listed = [*objects_of(self.content.get("takenNames")), *objects_of(self.content.get("freeNames"))]
        known = {(as_text(one.get("type")).lower(), as_text(one.get("name")).lower()) for one in listed}
        one = (as_text(asked.get("type")).lower(), as_text(asked.get("name")).lower())
        return "" if one in known else "the survey does not say so"

    def _quota(self, provider: str, region: str, names: Iterable[str]) -> str:
        """The gap of a usage list, or of the limit with these names in it."""
        lines = objects_of(self.content.get("quotas"))
        here = [
            one
            for one in lines
            if (as_text(one.get("provider")).lower(), _place(one.get("location"))) == (provider, region)
        ]
        if not here:
            return f"the survey has no quotas of {provider} in {region}"
        wanted = {one.lower() for one in names}
        known = {as_text(one.get("name")).lower() for one in here}
        return "the survey does not have it" if wanted and not wanted & known else ""

    def _region(self, region: str) -> str:
        known = {_place(one.get("name")) for one in objects_of(self.content.get("regions"))}
        restricted = {_place(one.get("location")) for one in objects_of(self.content.get("skuRestrictions"))}
        return "" if region in known | restricted else f"the survey has nothing about {region}"

    def _unrestricted(self, kind: str, region: str, what: str) -> str:
        """The gap where a survey has no restriction of a kind in a region, and does not say that there is none."""
        if gap := self._region(region):
            return gap
        found = objects_of(self.content.get("skuRestrictions"))
        kinds = {(_kind(one.get("resourceType")), _place(one.get("location"))) for one in found}
        said = _RESTRICTED[kind] in {as_text(one).lower() for one in as_list(self.content.get("listed"))}
        return "" if said or (kind, region) in kinds else f"the survey does not say {what} in {region}"

    def _types(self, region: str) -> str:
        """The gap about resource types that a region does not offer."""
        found = objects_of(self.content.get("regions"))
        facts = next((one for one in found if _place(one.get("name")) == normalised_location(region)), None)
        if facts is None:
            return f"the survey has nothing about {region}"
        return "" if "unavailable" in facts else f"the survey does not say which resource types {region} lacks"


def _place(value: Json) -> str:
    """Name of a region, also of its display name."""
    return normalised_location(as_text(value))


def _kind(value: Json) -> str:
    return as_text(value).rpartition("/")[2].lower()
