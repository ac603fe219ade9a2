"""Stop and start of resources that have a power state, each with the member in which its type shows it.

Sources: REST API Managed Clusters - Stop, Start (powerState.code: Running, Stopped); PostgreSQL flexible servers - Stop, Start
(ServerState: Ready, Stopped); Web Apps - Stop, Start (state: Running, Stopped); Container Apps - Stop, Start (runningStatus:
Running, Stopped). Azure does it in some minutes; here it is done at once. A write of the resource leaves the power state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member, merged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.providers.provider import ActionHandler, ProviderContext
    from installer.json_access import JsonObject
    from installer.jsontypes import Json


@dataclass(frozen=True)
class PowerState:
    """The member of a type with its power state, and its two values."""

    path: tuple[str, ...]
    on: str
    off: str

    def members(self, context: ProviderContext) -> JsonObject:
        """The power state that a write leaves as it was; a new resource runs."""
        return self._shown(self.of(context))

    def of(self, context: ProviderContext) -> str:
        """The current power state."""
        return as_text(member(context.resource.computed, "properties", *self.path)) or self.on

    @property
    def actions(self) -> Mapping[str, ActionHandler]:
        """The actions stop and start."""
        return {"stop": self._to(self.off), "start": self._to(self.on)}

    def _shown(self, value: str) -> JsonObject:
        inner: Json = value
        for name in reversed(("properties", *self.path)):
            inner = {name: inner}
        return inner if isinstance(inner, dict) else {}

    def _to(self, value: str) -> ActionHandler:
        def act(context: ProviderContext, _body: JsonObject) -> Json:
            computed = merged(context.resource.computed, self._shown(value))
            context.resources.save(replace(context.resource, computed=computed))
            return {}

        return act


CLUSTER: Final = PowerState(("powerState", "code"), "Running", "Stopped")
DATABASE: Final = PowerState(("state",), "Ready", "Stopped")
SITE: Final = PowerState(("state",), "Running", "Stopped")
APP: Final = PowerState(("runningStatus",), "Running", "Stopped")
BY_TYPE: Final[Mapping[str, PowerState]] = {
    "microsoft.containerservice/managedclusters": CLUSTER,
    "microsoft.dbforpostgresql/flexibleservers": DATABASE,
    "microsoft.web/sites": SITE,
    "microsoft.app/containerapps": APP,
}
"""Types with a power state."""
