"""Resources that belong to what is removed, among those that exist. Pure.

A resource belongs to it if it has its tag, if it is nested in one that does, or if the answers plan it. So do those that Azure makes
beside it: interfaces of private endpoints, alert rules of Application Insights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from installer.conventions.naming import INSTALLATION_TAG
from installer.json_access import as_text, member
from installer.operations.removal.existing import place_of
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.json_access import JsonObject
    from installer.operations.removal.existing import Existing
    from installer.operations.removal.extent import Extent

_MADE_BY_AZURE: Final = {
    "microsoft.network/networkinterfaces": ".nic.",
    "microsoft.alertsmanagement/smartdetectoralertrules": "failure anomalies",
    "microsoft.insights/actiongroups": "application insights smart detection",
    "microsoft.operationsmanagement/solutions": "(",
}
"""Types of resources that Azure makes beside others, without their tags, with a part of their names. Sources: learn.microsoft.com,
private-link/manage-private-endpoint (interfaces), azure-monitor/alerts/proactive-failure-diagnostics (rule and action group)."""


@dataclass(frozen=True)
class Belongings:
    """Resources that belong to what is removed."""

    extent: Extent
    existing: Existing

    @cached_property
    def own(self) -> dict[str, JsonObject]:
        """Those among the resources that Azure lists, by ID in lower case."""
        listed = self.existing.resources
        tagged = {key: one for key, one in listed.items() if self._is_own(key, one)}
        nested = {
            key: one
            for key, one in listed.items()
            if key not in tagged and any(above in tagged for above in _above(key))
        }
        own = {**tagged, **nested}
        made = {key: one for key, one in listed.items() if key not in own and self._made(one)}
        return {**own, **made}

    def _is_own(self, key: str, one: JsonObject) -> bool:
        """Whether a resource has the tag, or is planned and has no other one."""
        if self.extent.is_of_pipelines(key, one):
            return True
        tag = member(one, "tags", INSTALLATION_TAG)
        is_own = tag == self.extent.prefix or (key in self.extent.planned and not tag)
        return is_own and self.extent.takes(key, one, self._group(key))

    def _made(self, one: JsonObject) -> bool:
        """Whether Azure has made a resource beside those of the installation."""
        part = _MADE_BY_AZURE.get(as_text(one.get("type")).lower())
        group = self._group(as_text(one.get("id")))
        return part is not None and part in as_text(one.get("name")).lower() and self.extent.owns_group(group)

    def _group(self, resource_id: str) -> JsonObject:
        return self.existing.groups.get(place_of(resource_id), {})

    @cached_property
    def single(self) -> dict[str, JsonObject]:
        """Planned ones that no list has, such as those nested in resources that stay."""
        planned, listed = self.extent.planned, self.existing.resources
        return {key: one for key, one in self.existing.details.items() if key in planned and key not in listed}

    @cached_property
    def others(self) -> dict[str, str]:
        """The reason by ID in lower case, for resources in their groups that stay."""
        return {
            key: self._why(one)
            for key, one in self.existing.resources.items()
            if key not in self.own and self.extent.owns_group(self._group(key))
        }

    def _why(self, one: JsonObject) -> str:
        other = as_text(member(one, "tags", INSTALLATION_TAG))
        if other == self.extent.prefix:
            return "it belongs to another environment"
        return f"it belongs to the installation {other}" if other else "it is not of this installation"

    @cached_property
    def principals(self) -> set[str]:
        """Object IDs of their identities."""
        return {
            as_text(member(body, *path)).lower()
            for body in (*self.own.values(), *self.existing.details.values())
            for path in (("identity", "principalId"), ("properties", "principalId"))
        } - {""}


def _above(key: str) -> Iterator[str]:
    """IDs of the resources that one is nested in."""
    parsed = parse_id(key)
    parent = parsed.parent if parsed else None
    while parent is not None:
        yield parent.id.lower()
        parent = parent.parent
