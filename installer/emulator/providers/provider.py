"""The interface of a resource provider: the context it gets and the hooks it may define for a resource type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from installer.emulator.providers.clouds import PUBLIC
from installer.emulator.providers.durations import Action, length_of_action
from installer.emulator.survey import NOTHING
from installer.json_access import JsonObject, as_object, as_text, member
from installer.jsontypes import Json
from installer.resource_id import name_of, normalised_location

if TYPE_CHECKING:
    from installer.emulator.errors import ArmError
    from installer.emulator.state.resources import Resource, Resources
    from installer.emulator.survey import Survey


@dataclass(frozen=True)
class ProviderContext:
    """One resource as its provider sees it, with the state of the emulator around it.

    Attributes:
        resource: The resource as requested.
        before: The resource before this request, None when it is new.
        resources: All resources of the emulator.
        tenant_id: The tenant of the subscription.
        now: The current time, in seconds since the epoch.
        speed: The factor by which simulated durations are divided.
        survey: Peculiarities of the real subscription that the emulator imitates.
        cloud: The name of the Azure cloud.
        script_outputs: Outputs of deployment scripts by the lower-case name of the script.

    """

    resource: Resource
    before: Resource | None
    resources: Resources
    tenant_id: str
    now: float = 0.0
    speed: float = 1.0
    survey: Survey = NOTHING
    cloud: str = PUBLIC
    script_outputs: Mapping[str, JsonObject] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The resource's id."""
        return self.resource.id

    @property
    def leaf(self) -> str:
        """The last segment of the resource's name."""
        return name_of(self.resource.id)

    @property
    def location(self) -> str:
        """The normalised location."""
        return normalised_location(self.resource.location)

    @property
    def properties(self) -> JsonObject:
        """The properties as requested."""
        return as_object(self.resource.desired.get("properties"))

    def duration_of(self, action: Action) -> float:
        """The duration in real seconds of an action that is not a write of a resource."""
        return length_of_action(action) / self.speed

    def text(self, *path: str) -> str:
        """A string in the properties, or '' if it is missing."""
        return as_text(member(self.properties, *path))


def defaults(given: JsonObject, values: JsonObject) -> JsonObject:
    """Returns those of `values` that `given` does not set, at any depth of objects."""
    missing: JsonObject = {}
    for name, value in values.items():
        if name not in given:
            missing[name] = value
        elif isinstance(value, dict) and isinstance(nested := given[name], dict) and (rest := defaults(nested, value)):
            missing[name] = rest
    return missing


def name_taken(context: ProviderContext) -> bool:
    """Whether another resource of the type has the same name, for names that are globally unique."""
    same_name = context.resources.keys_named(context.resource.type, context.leaf)
    return any(key != context.resource.key for key in same_name)


def _no_members(_context: ProviderContext) -> JsonObject:
    return {}


def _no_effect(_context: ProviderContext) -> None:
    return None


def _no_failure(_context: ProviderContext) -> ArmError | None:
    return None


ActionHandler = Callable[[ProviderContext, JsonObject], Json]


@dataclass(frozen=True)
class ProviderHooks:
    """Hooks that a provider defines for a resource type.

    Attributes:
        check: Refuses a write by raising ArmError.
        retained: Returns the members of the former state that a request without them does not change.
        computed: Returns the members that the provider adds when the write is done; they are merged over the resource.
        failure: Returns the error with which an accepted write fails, or None.
        after_write: Runs when the write is done; it may create or remove other resources.
        check_removal: Refuses a deletion by raising ArmError.
        after_removal: Runs when the resource is deleted.
        display: Returns the members that depend on other resources, evaluated for every response.
        actions: Handlers of POST actions and list* functions, by their lower-case names.
        immediate: Whether writes and deletions finish within the request; such a resource has no provisioningState.

    """

    check: Callable[[ProviderContext], None] = _no_effect
    retained: Callable[[ProviderContext], JsonObject] = _no_members
    computed: Callable[[ProviderContext], JsonObject] = _no_members
    failure: Callable[[ProviderContext], ArmError | None] = _no_failure
    after_write: Callable[[ProviderContext], None] = _no_effect
    check_removal: Callable[[ProviderContext], None] = _no_effect
    after_removal: Callable[[ProviderContext], None] = _no_effect
    display: Callable[[ProviderContext], JsonObject] = _no_members
    actions: Mapping[str, ActionHandler] = field(default_factory=dict)
    immediate: bool = False


GENERIC = ProviderHooks()
