"""Models of responses of Azure Resource Manager: plain data with sanitized text."""

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
    """An item of a list for a question.

    Attributes:
        value: The answer.
        label: Display name.
        fact: Live detail, such as the state of a subscription.
        usable: Whether it can be selected.

    """

    value: str
    label: str
    fact: str = ""
    usable: bool = True


@dataclass(frozen=True)
class Deployment:
    """A deployment.

    Attributes:
        state: Provisioning state in lower case.
        ended: Time of the last state change.
        resources: IDs of its output resources, after it has succeeded.
        sent: Its parameters, without secure values.

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
        """Whether it is in progress."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class Operation:
    """A deployment operation on one resource. `state` is in lower case."""

    id: str
    state: str
    resource_id: str = ""
    resource_type: str = ""
    name: str = ""
    error: Json = None

    @property
    def is_deployment(self) -> bool:
        """Whether it is a nested deployment with its own operations."""
        return self.resource_type.lower() == "microsoft.resources/deployments"


def as_dict(model: object) -> dict[str, Json]:
    """An SDK model as JSON, including members unknown to the SDK."""
    to_dict: Callable[[], object] | None = getattr(model, "as_dict", None)
    raw = to_dict() if to_dict else model
    extra = getattr(model, "additional_properties", None)
    merged = {**(extra if isinstance(extra, dict) else {}), **(raw if isinstance(raw, dict) else {})}
    cleaned: dict[str, Json] = clean_json(merged)
    return cleaned


def text_of(raw: Mapping[str, Json], *names: str) -> str:
    """The first existing member as text, or ""; SDKs spell some names in two ways."""
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
    """Parameters or outputs of a deployment, value by name; None for secure ones."""
    return {name: item.get("value") for name, item in as_object(value).items() if isinstance(item, dict)}


def _instant(text: str) -> datetime | None:
    """Parse an ISO 8601 time, UTC if it has no offset; None if it is invalid."""
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
