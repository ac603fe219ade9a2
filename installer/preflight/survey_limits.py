"""Gaps of a survey: requests that it cannot answer, so that a check reports them as not checked.

The embedded Azure fills what a survey leaves out with usual values, which prove nothing about the subscription.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from installer.json_access import as_object, as_text, objects_of

if TYPE_CHECKING:
    from pathlib import Path

    from installer.jsontypes import Json
    from installer.preflight.reads import Request

_USAGES: Final = re.compile(r"/providers/([^/]+)/locations/([^/]+)/(?:resourcetype/[^/]+/)?usages")
_SIZES: Final = re.compile(r"/providers/microsoft\.compute/skus\?.*location eq '([^']+)'")
_IN_REGION: Final = re.compile(r"/providers/[^/]+/locations/([^/]+)/(?:capabilities|kubernetesversions)")
_REGISTRATIONS: Final = re.compile(r"^/subscriptions/([^/]+)/providers\?")
_RIGHTS: Final = re.compile(r"/microsoft\.authorization/(?:permissions|roleassignments|denyassignments)")
_SUBSCRIPTION: Final = re.compile(r"^/subscriptions/([^/?]+)")


@dataclass(frozen=True)
class SurveyLimits:
    """Why a survey cannot answer a request; "" where it can."""

    content: dict[str, Json]

    @classmethod
    def of(cls, file: Path) -> SurveyLimits:
        """The gaps of a survey file, which is known to be valid."""
        return cls(as_object(json.loads(file.read_text(encoding="utf-8-sig"))))

    def __call__(self, request: Request) -> str:
        """The gap that a request falls into."""
        path = unquote(request.path).lower()
        own = _SUBSCRIPTION.match(path)
        known = as_text(self.content.get("subscriptionId")).lower()
        if own and own[1] != known and not self._mentions(own[1]):
            return "the survey is of another subscription"
        if found := _USAGES.search(path):
            return self._quota(found[1], found[2])
        if found := _SIZES.search(path):
            return self._region(found[1])
        if found := _IN_REGION.search(path):
            return self._region(found[1])
        if "/checknameavailability?" in path:
            return self._name(as_object(json.loads(request.body)))
        if _REGISTRATIONS.match(path) and not self.content.get("registrations"):
            return "the survey has no resource providers"
        if _RIGHTS.search(path) and not self.content.get("caller"):
            return "the survey does not say whose rights it has"
        return ""

    def _mentions(self, subscription: str) -> bool:
        where = f"/subscriptions/{subscription}/"
        return any(
            as_text(one.get("id")).lower().startswith(where) for one in objects_of(self.content.get("resources"))
        )

    def _name(self, asked: dict[str, Json]) -> str:
        listed = [*objects_of(self.content.get("takenNames")), *objects_of(self.content.get("freeNames"))]
        known = {(as_text(one.get("type")).lower(), as_text(one.get("name")).lower()) for one in listed}
        one = (as_text(asked.get("type")).lower(), as_text(asked.get("name")).lower())
        return "" if one in known else "the survey does not say so"

    def _quota(self, provider: str, region: str) -> str:
        lines = objects_of(self.content.get("quotas"))
        known = {(as_text(one.get("provider")).lower(), as_text(one.get("location")).lower()) for one in lines}
        return "" if (provider, region) in known else f"the survey has no quotas of {provider} in {region}"

    def _region(self, region: str) -> str:
        known = {as_text(one.get("name")).lower() for one in objects_of(self.content.get("regions"))}
        restricted = {as_text(one.get("location")).lower() for one in objects_of(self.content.get("skuRestrictions"))}
        return "" if region in known | restricted else f"the survey has nothing about {region}"


def no_directory(_request: Request) -> str:
    """Why a survey answers no request to Microsoft Graph."""
    return "a survey has no objects of the directory"
