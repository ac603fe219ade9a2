"""Gaps of a survey: requests that it cannot answer, so that a check reports them as not checked.

The embedded Azure fills what a survey leaves out with usual values, which prove nothing about the subscription. That a survey has
no resource of a type proves that there is none only if its key `listed` has the type.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from installer.json_access import as_list, as_object, as_text, is_page, objects_of, unpaged
from installer.preflight.reads import NotVisible
from installer.preflight.survey_offers import SurveyOffers
from installer.resource_id import GROUP_TYPE, contains, parse_id, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from installer.jsontypes import Json
    from installer.preflight.reads import Request

_RIGHTS: Final = re.compile(r"/microsoft\.authorization/(?:permissions|roleassignments|denyassignments)\?")
_GROUPS: Final = re.compile(r"^/subscriptions/[^/]+/resourcegroups\?")
_SUBSCRIPTION: Final = re.compile(r"^/subscriptions/([^/?]+)(\?)?")
_DIRECTORY: Final = {
    "/me/transitiveMemberOf/microsoft.graph.directoryRole": "roles",
    "/identityGovernance/privilegedAccess/group/": "eligibleGroups",
    "/policies/authorizationPolicy": "usersRegister",
    "/policies/defaultAppManagementPolicy": "secretRestrictions",
}
"""Key of the survey's `directory` that answers a request to Microsoft Graph."""
_MANAGED: Final = "/listnetworkmanagereffective"
_PERMISSIONS: Final = "/providers/microsoft.authorization/permissions?"
_ASSIGNMENTS: Final = "microsoft.authorization/roleassignments"
_NETWORKS: Final = "microsoft.network/virtualnetworks"
_INSIDE: Final = ("subnets", "virtualnetworkpeerings")
_UNLISTED: Final = frozenset(
    {"microsoft.compute/skus", "microsoft.keyvault/deletedvaults", "microsoft.authorization/roledefinitions"}
)
"""Lists that are no resources of a survey; built-in roles are the same everywhere."""


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
        if own and own[2]:
            return "" if own[1] in self._bodies else "the survey has no body of the subscription with its state"
        if own and own[1] != self._home and not self._mentions(own[1]):
            return "the survey is of another subscription"
        if _RIGHTS.search(path) and not self.content.get("caller"):
            return "the survey does not say whose rights it has"
        if _MANAGED in path:
            return "a survey has no network managers"
        offers = SurveyOffers(self.content)
        if own and own[1] != self._home and offers.of_subscription(path):
            return "the survey has no offers of this subscription"
        gap = offers.gap(path, request)
        return gap or (self._listed(path, own[1], request) if own else "")

    def assumed(self, request: Request, *items: str) -> str:
        """Why the response about these items proves nothing: it is made of usual values."""
        return SurveyOffers(self.content).assumed(unquote(request.path).lower(), items)

    # -- directory -------------------------------------------------------------------------------------------------

    @property
    def has_sign_in(self) -> bool:
        """Whether the survey has facts about the sign-in."""
        return bool(as_object(self.content.get("directory")))

    def directory(self, request: Request) -> str:
        """The gap that a request to Microsoft Graph falls into."""
        if request.path.endswith("/getMemberObjects"):
            return "" if self.content.get("caller") else "the survey does not say whose groups it has"
        facts = as_object(self.content.get("directory"))
        known = any(request.path.startswith(path) and name in facts for path, name in _DIRECTORY.items())
        return "" if known else "a survey has no objects of the directory"

    def certificate(self, vault: str, name: str) -> dict[str, Json]:
        """A certificate as its key vault shows it. Raises NotVisible."""
        start = f"https://{vault}.".lower()
        for one in objects_of(self.content.get("certificates")):
            own = as_text(one.get("id")).lower()
            if own.startswith(start) and f"{own}/".partition("/certificates/")[2].startswith(f"{name.lower()}/"):
                return one
        raise NotVisible(f"the certificate {name} of {vault}", "the survey does not have it")

    # -- resources -------------------------------------------------------------------------------------------------

    @cached_property
    def _home(self) -> str:
        return as_text(self.content.get("subscriptionId")).lower()

    @property
    def subscription(self) -> str:
        """Its subscription, in lower case."""
        return self._home

    @cached_property
    def _ids(self) -> tuple[str, ...]:
        return tuple(as_text(one.get("id")).lower() for one in unpaged(self.content.get("resources")))

    @cached_property
    def _bodies(self) -> frozenset[str]:
        """Subscriptions whose body the survey has, with the state."""
        bodies = [one for one in unpaged(self.content.get("resources")) if as_text(one.get("state"))]
        ids = (as_text(one.get("id")).lower() for one in bodies)
        return frozenset(one.rpartition("/")[2] for one in ids if one.count("/") == 2)

    @cached_property
    def _types(self) -> frozenset[tuple[str, str]]:
        """Subscription and type of the resources; one above a subscription concerns all."""
        return frozenset(_kinds(self._ids))

    @cached_property
    def _partial(self) -> frozenset[tuple[str, str]]:
        """Subscription and type of the resources of which the survey has one page of several."""
        pages = [one for one in objects_of(self.content.get("resources")) if is_page(one) and one.get("nextLink")]
        return frozenset(_kinds(as_text(one.get("id")).lower() for one in unpaged([*pages])))

    def _knows(self, subscription: str, kind: str) -> bool:
        proved = {(subscription, kind), ("", kind)} & (self._types - self._partial)
        return (subscription, kind) in self._listed_types or bool(proved)

    @cached_property
    def _listed_types(self) -> frozenset[tuple[str, str]]:
        """Subscription and type of the resources that are all in the survey; a type without a path concerns its subscription.

        Azure returns subnets and peerings inside their network, so that all of them are known where all networks are.
        """
        listed = {as_text(one).lower() for one in as_list(self.content.get("listed"))}
        parted = [(subscription_of(one) or self._home, one.rpartition("/providers/")[2]) for one in listed]
        inner = [(where, f"{_NETWORKS}/{one}") for where, kind in parted if kind == _NETWORKS for one in _INSIDE]
        return frozenset([*parted, *inner])

    def _mentions(self, subscription: str) -> bool:
        where = f"/subscriptions/{subscription}"
        return any(one == where or one.startswith(f"{where}/") for one in self._ids)

    def _listed(self, path: str, subscription: str, request: Request) -> str:
        """The gap of a list of resources, or of a single one."""
        about, kind = request.about.lower(), ""
        if about.startswith("/subscriptions/"):
            if any(contains(about, one) for one in self._ids):
                return ""
            kind = getattr(parse_id(about), "type", "").lower()
        elif _GROUPS.match(path):
            kind = GROUP_TYPE.lower()
        if not kind and _PERMISSIONS in path:
            kind = _ASSIGNMENTS
        if not kind and "/providers/" in path and "/locations/" not in path:
            kind = self._kind(path.partition("?")[0], request)
        if not kind or kind in _UNLISTED or self._knows(subscription, kind):
            return ""
        partial = {(subscription, kind), ("", kind)} & self._partial
        return "the survey has the first page of them only" if partial else "the survey lists none of them"

    def _kind(self, path: str, request: Request) -> str:
        """Type of the resources behind a path: that of a single resource, or of the items of a list."""
        if request.kind == "one":
            parsed = parse_id(path)
            return "" if parsed is None or path in self._ids else parsed.type.lower()
        namespace, *rest = path.rpartition("/providers/")[2].split("/")
        return "/".join((namespace, *rest[0::2])) if request.kind == "list" else ""


def _kinds(ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Subscription and type of resources."""
    for one in ids:
        if parsed := parse_id(one):
            yield subscription_of(one), parsed.type.lower()
