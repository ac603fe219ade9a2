"""What Azure Resource Manager answers, in our own words: plain data with cleaned text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from installer.json_access import as_object, objects_of
from installer.jsontypes import Json
from installer.sanitize import clean_json

ACTIVE: Final = frozenset({"accepted", "running", "creating", "updating", "ready", "deleting"})


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen: its value, its name, a live fact about it, and whether it can be taken."""

    value: str
    label: str
    fact: str = ""
    usable: bool = True


@dataclass(frozen=True)
class Deployment:
    """A deployment as Azure sees it. `state` is lower case; `active` while Azure works on it.

    ended: when its state changed last. resources: ids of what it made, when it has succeeded. sent: its parameters.
    """

    name: str
    state: str
    outputs: dict[str, Json] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    error: Json = None
    correlation_id: str = ""
    ended: datetime | None = None
    resources: tuple[str, ...] = ()
    sent: dict[str, Json] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether it still goes on."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class Operation:
    """What a deployment does or did to one resource. `state` is lower case."""

    id: str
    state: str
    resource_id: str = ""
    resource_type: str = ""
    name: str = ""
    error: Json = None

    @property
    def is_deployment(self) -> bool:
        """Whether it is a nested deployment, which has operations of its own."""
        return self.resource_type.lower() == "microsoft.resources/deployments"


def as_dict(model: object) -> dict[str, Json]:
    """An SDK model as the JSON that it came from, members that the SDK does not know included."""
    to_dict: Callable[[], object] | None = getattr(model, "as_dict", None)
    raw = to_dict() if to_dict else model
    extra = getattr(model, "additional_properties", None)
    merged = {**(extra if isinstance(extra, dict) else {}), **(raw if isinstance(raw, dict) else {})}
    cleaned: dict[str, Json] = clean_json(merged)
    return cleaned


def text_of(raw: Mapping[str, Json], *names: str) -> str:
    """The first of the members that is there, as text; SDKs spell some names in two ways."""
    return next((str(raw[name]) for name in names if raw.get(name) is not None), "")


def deployment_of(name: str, raw: dict[str, Json]) -> Deployment:
    """A deployment from its JSON."""
    properties = as_object(raw.get("properties"))
    return Deployment(
        name,
        text_of(properties, "provisioningState").lower(),
        _values(properties.get("outputs")),
        {key: str(value) for key, value in as_object(raw.get("tags")).items()},
        properties.get("error"),
        text_of(properties, "correlationId"),
        _instant(text_of(properties, "timestamp")),
        tuple(str(one["id"]) for one in objects_of(properties.get("outputResources")) if "id" in one),
        _values(properties.get("parameters")),
    )


def _values(value: Json) -> dict[str, Json]:
    """Parameters or outputs of a deployment, name to value; secure ones have none."""
    return {name: item.get("value") for name, item in as_object(value).items() if isinstance(item, dict)}


def _instant(text: str) -> datetime | None:
    """A moment in ISO 8601, with or without a zone, which is UTC then; None when it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def operation_of(raw: dict[str, Json]) -> Operation:
    """An operation of a deployment from its JSON."""
    properties = as_object(raw.get("properties"))
    resource = as_object(properties.get("targetResource"))
    return Operation(
        text_of(raw, "id", "operationId"),
        text_of(properties, "provisioningState").lower(),
        text_of(resource, "id"),
        text_of(resource, "resourceType"),
        text_of(resource, "resourceName"),
        properties.get("statusMessage"),
    )
