"""What a provider may do for a type of resource: refuse a request, add what only it knows, answer actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from installer.emulator.ids import normalised_location
from installer.emulator.providers.clouds import PUBLIC
from installer.emulator.providers.durations import Action, length_of_action
from installer.emulator.survey import NOTHING
from installer.json_access import JsonObject, as_object, as_text, member
from installer.jsontypes import Json

if TYPE_CHECKING:
    from installer.emulator.errors import ArmError
    from installer.emulator.state.resources import Resource, Resources
    from installer.emulator.survey import Survey


@dataclass(frozen=True)
class ProviderContext:
    """One resource under a provider's hands: as asked for, as it was before, and the world around it.

    `now` is the moment; simulated lengths are divided by `speed`; `survey` tells what is special about the real
    subscription; `cloud` names the one that all of it is in.
    """

    resource: Resource
    before: Resource | None
    resources: Resources
    tenant_id: str
    now: float = 0.0
    speed: float = 1.0
    survey: Survey = NOTHING
    cloud: str = PUBLIC

    @property
    def id(self) -> str:
        """The resource's id."""
        return self.resource.id

    @property
    def leaf(self) -> str:
        """The last segment of the resource's name."""
        return self.resource.id.rsplit("/", 1)[-1]

    @property
    def location(self) -> str:
        """The normalised location."""
        return normalised_location(self.resource.location)

    @property
    def properties(self) -> JsonObject:
        """The properties as asked for."""
        return as_object(self.resource.desired.get("properties"))

    def lasting(self, action: Action) -> float:
        """How long something takes that is no write of a resource, in real seconds."""
        return length_of_action(action) / self.speed

    def text(self, *path: str) -> str:
        """A string among the properties, or ''."""
        return as_text(member(self.properties, *path))


def defaults(given: JsonObject, values: JsonObject) -> JsonObject:
    """What of these values was not given, at any depth of objects: a provider fills in only what is missing."""
    missing: JsonObject = {}
    for name, value in values.items():
        if name not in given:
            missing[name] = value
        elif isinstance(value, dict) and isinstance(own := given[name], dict) and (rest := defaults(own, value)):
            missing[name] = rest
    return missing


def name_taken(case: ProviderContext) -> bool:
    """Whether another resource of the type, anywhere, has the same name: for names that the whole world shares."""
    return any(key != case.resource.key for key in case.resources.keys_named(case.resource.type, case.leaf))


def _nothing(_case: ProviderContext) -> JsonObject:
    return {}


def _accept(_case: ProviderContext) -> None:
    return None


def _well(_case: ProviderContext) -> ArmError | None:
    return None


Act = Callable[[ProviderContext, JsonObject], Json]


@dataclass(frozen=True)
class ProviderHooks:
    """What is special about a type.

    `check` raises ArmError to refuse (`before` is None for a new resource); `computed` gives the members that the
    provider adds when it is done, merged over the resource; `display` gives members that depend on other resources and
    are worked out anew for every answer; `ending` tells how a write that was accepted fails after all; `settled` runs
    when the resource is done and may make or remove others, `removed` when it is deleted, which `keeps` may refuse;
    `actions` answer POSTs and list* functions by their lower-case name. What is `immediate` is made and deleted while
    the client waits, and has no provisioningState.
    """

    check: Callable[[ProviderContext], None] = _accept
    computed: Callable[[ProviderContext], JsonObject] = _nothing
    ending: Callable[[ProviderContext], ArmError | None] = _well
    settled: Callable[[ProviderContext], None] = _accept
    keeps: Callable[[ProviderContext], None] = _accept
    removed: Callable[[ProviderContext], None] = _accept
    display: Callable[[ProviderContext], JsonObject] = _nothing
    actions: Mapping[str, Act] = field(default_factory=dict)
    immediate: bool = False


GENERIC = ProviderHooks()
Behaviours = Mapping[str, ProviderHooks]
