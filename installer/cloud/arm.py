"""What the installer asks of Azure Resource Manager, in its own words: through the official SDK clients, synchronously.

Answers come back as plain data with cleaned text. Every failure becomes a DeploymentFailed with the innermost cause first.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from installer.cloud.target import Target
from installer.cloud.text import clean, clean_json
from installer.errors import DeploymentFailed
from installer.explain import causes
from installer.jsontypes import Json

if TYPE_CHECKING:
    from azure.core.exceptions import HttpResponseError
    from azure.mgmt.resource.deployments import DeploymentsMgmtClient
    from azure.mgmt.resource.resources import ResourceManagementClient
    from azure.mgmt.subscription import SubscriptionClient

ACTIVE: Final = frozenset({"accepted", "running", "creating", "updating", "ready", "deleting"})


class AzureRefused(DeploymentFailed):
    """Azure answered with an error. `status` is the HTTP status, 0 when it could not be reached; `error` as it came."""

    def __init__(self, text: str, *, status: int = 0, error: Json = None, correlation_id: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.error = error
        self.detail: dict[str, Json] = {"status": status, "error": error, "correlation_id": correlation_id}

    @property
    def code(self) -> str:
        """ARM's code of the outermost error."""
        error = self.error
        inner = error.get("error", error) if isinstance(error, dict) else {}
        return str(inner.get("code", "")) if isinstance(inner, dict) else ""


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen: its value, its name, a live fact about it, and whether it can be taken."""

    value: str
    label: str
    fact: str = ""
    usable: bool = True


@dataclass(frozen=True)
class Deployment:
    """A deployment as Azure sees it. `state` is lower case; `active` while Azure works on it."""

    name: str
    state: str
    outputs: dict[str, Json] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    error: Json = None
    correlation_id: str = ""

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


class Arm:
    """Azure Resource Manager for one subscription. Methods block; call them off the UI."""

    def __init__(self, target: Target, subscription: str) -> None:
        self.target = target
        self.subscription = subscription

    # -- choices -------------------------------------------------------------------------------------------------

    def tenants(self) -> list[Choice]:
        """Tenants that the account sees."""
        with _refusals("list tenants"):
            found = [_dict(tenant) for tenant in self._subscriptions.tenants.list()]
        return [
            Choice(_text(t, "tenantId", "tenant_id"), _text(t, "displayName", "display_name") or "tenant")
            for t in found
        ]

    def subscriptions(self) -> list[Choice]:
        """Subscriptions that the account sees; disabled ones cannot be taken."""
        with _refusals("list subscriptions"):
            found = [_dict(subscription) for subscription in self._subscriptions.subscriptions.list()]
        return [
            Choice(
                _text(s, "subscriptionId", "subscription_id"),
                _text(s, "displayName", "display_name"),
                _text(s, "state").lower(),
                usable=_text(s, "state").lower() == "enabled",
            )
            for s in found
        ]

    def regions(self) -> list[Choice]:
        """Regions that the subscription may use."""
        with _refusals("list regions"):
            found = [_dict(r) for r in self._subscriptions.subscriptions.list_locations(self.subscription)]
        return [Choice(_text(r, "name"), _text(r, "displayName", "display_name")) for r in found]

    # -- providers and groups ------------------------------------------------------------------------------------

    def registrations(self) -> dict[str, str]:
        """Registration state of each resource provider namespace, namespaces in lower case."""
        with _refusals("list resource providers"):
            return {str(p.namespace).lower(): str(p.registration_state) for p in self._resources.providers.list()}

    def register(self, namespace: str) -> None:
        """Ask for a namespace to be registered; it takes effect later."""
        with _refusals(f"register {namespace}"):
            self._resources.providers.register(namespace)

    def groups(self) -> set[str]:
        """Names of the resource groups, in lower case."""
        with _refusals("list resource groups"):
            return {str(group.name).lower() for group in self._resources.resource_groups.list()}

    # -- deployments at subscription scope -----------------------------------------------------------------------

    def begin(
        self,
        name: str,
        *,
        location: str,
        template: Mapping[str, Json],
        parameters: Mapping[str, Json],
        tags: Mapping[str, str],
    ) -> Deployment:
        """Send a deployment and return at once. `parameters` may hold secrets: they go to Azure and nowhere else."""
        body = _body(location, template, parameters, dict(tags))
        with _refusals(f"deployment {name}"):
            poller = self._deployments.deployments.begin_create_or_update_at_subscription_scope(
                name,
                body,
                polling=False,  # type: ignore[call-overload]  # a plain body in the wire's own form
            )
            return _deployment(name, _dict(poller.result()))

    def deployment(self, name: str) -> Deployment | None:
        """A deployment as it stands, None when there is none of that name."""
        try:
            with _refusals(f"deployment {name}"):
                return _deployment(name, _dict(self._deployments.deployments.get_at_subscription_scope(name)))
        except AzureRefused as refused:
            if refused.status == 404:
                return None
            raise

    def cancel(self, name: str) -> None:
        """Ask Azure to stop a deployment; one that is over already is left as it is."""
        try:
            with _refusals(f"cancel deployment {name}"):
                self._deployments.deployments.cancel_at_subscription_scope(name)
        except AzureRefused as refused:
            if refused.status != 409:
                raise

    def operations(self, name: str, nested: str | None = None) -> list[Operation]:
        """What a deployment does, one level deep; of `nested`, the id of a deployment inside it, if given.

        A nested deployment that was only just accepted may not be there yet: then the list is empty.
        """
        from azure.core.exceptions import ResourceNotFoundError

        client = self._deployments.deployment_operations
        parts = nested.strip("/").split("/") if nested else []
        try:
            with _refusals(f"operations of deployment {name}", let_through=ResourceNotFoundError):
                if len(parts) > 3 and parts[2].lower() == "resourcegroups":
                    listed = client.list(parts[3], parts[-1])
                else:
                    listed = client.list_at_subscription_scope(parts[-1] if parts else name)
                found = [_operation(_dict(item)) for item in listed]
        except ResourceNotFoundError:
            return []
        return [operation for operation in found if operation.resource_id]

    def what_if(
        self, name: str, *, location: str, template: Mapping[str, Json], parameters: Mapping[str, Json]
    ) -> list[dict[str, Json]]:
        """What a deployment would change: ARM's `changes`, each {resourceId, changeType, delta?}."""
        body = _body(location, template, parameters, None)
        with _refusals(f"what-if of {name}"):
            poller = self._deployments.deployments.begin_what_if_at_subscription_scope(name, body)  # type: ignore[call-overload]
            result = _dict(poller.result())
        if result.get("error"):
            raise refused_by(result["error"], f"what-if of {name}")
        properties = result.get("properties")
        changes = properties.get("changes") if isinstance(properties, dict) else result.get("changes")
        return [change for change in changes if isinstance(change, dict)] if isinstance(changes, list) else []

    # -- the clients, made when first needed ---------------------------------------------------------------------

    def _options(self) -> dict[str, object]:
        options: dict[str, object] = {
            "base_url": self.target.endpoint,
            "credential_scopes": [f"{self.target.audience}/.default"],
            "polling_interval": max(0.2, 2 / self.target.speed),
            "retry_total": 5,
        }
        if self.target.ca_file:
            options["connection_verify"] = self.target.ca_file
        return options

    @cached_property
    def _subscriptions(self) -> "SubscriptionClient":
        from azure.mgmt.subscription import SubscriptionClient

        return SubscriptionClient(self.target.credential(), **self._options())  # type: ignore[arg-type]

    @cached_property
    def _resources(self) -> "ResourceManagementClient":
        from azure.mgmt.resource.resources import ResourceManagementClient

        return ResourceManagementClient(self.target.credential(), self.subscription, **self._options())  # type: ignore[arg-type]

    @cached_property
    def _deployments(self) -> "DeploymentsMgmtClient":
        from azure.mgmt.resource.deployments import DeploymentsMgmtClient

        return DeploymentsMgmtClient(self.target.credential(), self.subscription, **self._options())  # type: ignore[arg-type]


def refused_by(error: Json, doing: str, *, status: int = 0, correlation_id: str = "") -> AzureRefused:
    """An error of ARM as an exception whose text begins with the innermost cause."""
    found = causes(error)
    text = "\n".join(str(cause) for cause in found[:5]) or "Azure gave no reason"
    more = f"\n… and {len(found) - 5} more" if len(found) > 5 else ""
    trace = f" [correlation id {correlation_id}]" if correlation_id else ""
    return AzureRefused(f"{text}{more}\n({doing}){trace}", status=status, error=error, correlation_id=correlation_id)


@contextmanager
def _refusals(doing: str, let_through: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """SDK exceptions become ours, with cleaned text; those of `let_through` stay as they are."""
    from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

    try:
        yield
    except let_through:
        raise
    except ClientAuthenticationError as error:
        raise AzureRefused(
            f"Azure did not accept the sign-in: {clean(str(error.message))}\n({doing})", status=401
        ) from error
    except HttpResponseError as error:
        raise _refused(error, doing) from error
    except AzureError as error:
        raise AzureRefused(f"Azure could not be reached: {clean(str(error.message))}\n({doing})") from error


def _refused(error: "HttpResponseError", doing: str) -> AzureRefused:
    body: Json = None
    try:
        body = clean_json(error.response.json()) if error.response is not None else None  # type: ignore[attr-defined]
    except (ValueError, AttributeError):
        body = None
    headers = getattr(error.response, "headers", None) or {}
    trace = clean(str(headers.get("x-ms-correlation-request-id", "")))
    content: Json = body if isinstance(body, dict) else {"message": clean(str(error.message))}
    return refused_by(content, doing, status=int(error.status_code or 0), correlation_id=trace)


def _body(
    location: str, template: Mapping[str, Json], parameters: Mapping[str, Json], tags: dict[str, str] | None
) -> dict[str, object]:
    body: dict[str, object] = {
        "location": location,
        "properties": {"mode": "Incremental", "template": dict(template), "parameters": dict(parameters)},
    }
    return body if tags is None else {**body, "tags": tags}


def _dict(model: object) -> dict[str, Json]:
    to_dict: Callable[[], object] | None = getattr(model, "as_dict", None)
    raw = to_dict() if to_dict else model
    extra = getattr(model, "additional_properties", None)
    merged = {**(extra if isinstance(extra, dict) else {}), **(raw if isinstance(raw, dict) else {})}
    cleaned: dict[str, Json] = clean_json(merged)
    return cleaned


def _text(raw: Mapping[str, Json], *names: str) -> str:
    return next((str(raw[name]) for name in names if raw.get(name) is not None), "")


def _deployment(name: str, raw: dict[str, Json]) -> Deployment:
    found = raw.get("properties")
    properties = found if isinstance(found, dict) else {}
    outputs, tags = properties.get("outputs"), raw.get("tags")
    return Deployment(
        name,
        _text(properties, "provisioningState").lower(),
        {
            key: value.get("value")
            for key, value in (outputs.items() if isinstance(outputs, dict) else ())
            if isinstance(value, dict)
        },
        {key: str(value) for key, value in tags.items()} if isinstance(tags, dict) else {},
        properties.get("error"),
        _text(properties, "correlationId"),
    )


def _operation(raw: dict[str, Json]) -> Operation:
    found = raw.get("properties")
    properties = found if isinstance(found, dict) else {}
    target = properties.get("targetResource")
    resource = target if isinstance(target, dict) else {}
    return Operation(
        _text(raw, "id", "operationId"),
        _text(properties, "provisioningState").lower(),
        _text(resource, "id"),
        _text(resource, "resourceType"),
        _text(resource, "resourceName"),
        properties.get("statusMessage"),
    )
