"""Synchronous client of Azure Resource Manager, on the official SDKs.

Responses are plain data with sanitized text. Every failure becomes an AzureRefused with the innermost cause first.
"""

from collections.abc import Mapping
from functools import cached_property

from installer.cloud.arm_clients import ArmClients
from installer.cloud.errors import AzureRefused, refusals, refused_by
from installer.cloud.existence import ExistenceCheck
from installer.cloud.models import Choice, Deployment, Operation, as_dict, deployment_of, operation_of, text_of
from installer.cloud.rate_limit import RateLimiter
from installer.cloud.rest import Service
from installer.cloud.target import Target
from installer.conventions.naming import INSTALLATION_TAG
from installer.json_access import objects_of
from installer.jsontypes import Json
from installer.resource_id import parse_id


class Arm:
    """Azure Resource Manager for one subscription. Methods block; do not call them on the UI thread."""

    def __init__(self, target: Target, subscription: str) -> None:
        self.target = target
        self.subscription = subscription
        self.pacer = RateLimiter(target.speed)

    # -- lists for questions -------------------------------------------------------------------------------------------------

    def tenants(self) -> list[Choice]:
        """Tenants that the account can access."""
        with refusals("list tenants"):
            found = [as_dict(tenant) for tenant in self._clients.subscriptions.tenants.list()]
        return [
            Choice(text_of(t, "tenantId", "tenant_id"), text_of(t, "displayName", "display_name") or "tenant")
            for t in found
        ]

    def subscriptions(self) -> list[Choice]:
        """Subscriptions that the account can access; disabled ones are not usable."""
        with refusals("list subscriptions"):
            found = [as_dict(subscription) for subscription in self._clients.subscriptions.subscriptions.list()]
        return [
            Choice(
                text_of(s, "subscriptionId", "subscription_id"),
                text_of(s, "displayName", "display_name"),
                text_of(s, "state").lower(),
                usable=text_of(s, "state").lower() == "enabled",
            )
            for s in found
        ]

    def regions(self) -> list[Choice]:
        """Regions available to the subscription."""
        with refusals("list regions"):
            found = [as_dict(r) for r in self._clients.subscriptions.subscriptions.list_locations(self.subscription)]
        return [Choice(text_of(r, "name"), text_of(r, "displayName", "display_name")) for r in found]

    def networks(self) -> list[Choice]:
        """Virtual networks of the subscription; the value is the resource ID."""
        with refusals("list virtual networks"):
            wanted = "resourceType eq 'Microsoft.Network/virtualNetworks'"
            found = [as_dict(r) for r in self._clients.resources(self.subscription).resources.list(filter=wanted)]
        return [Choice(text_of(r, "id"), text_of(r, "name"), text_of(r, "location")) for r in found]

    # -- providers and groups ------------------------------------------------------------------------------------

    def registrations(self, subscription: str) -> dict[str, str]:
        """Registration state of each resource provider in a subscription, by namespace in lower case."""
        with refusals("list resource providers"):
            listed = self._clients.resources(subscription).providers.list()
            return {str(p.namespace).lower(): str(p.registration_state) for p in listed}

    def register(self, namespace: str, subscription: str) -> None:
        """Request the registration of a resource provider in a subscription; it takes effect later."""
        with refusals(f"register {namespace}"):
            self._clients.resources(subscription).providers.register(namespace)

    def groups(self, subscription: str) -> set[str]:
        """Names of the resource groups of a subscription, in lower case."""
        with refusals("list resource groups"):
            return {str(group.name).lower() for group in self._clients.resources(subscription).resource_groups.list()}

    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
        """The current state of a resource, None if it does not exist."""
        try:
            with refusals(f"read {resource_id}"):
                return as_dict(
                    self._clients.resources(self.subscription).resources.get_by_id(resource_id, api_version=api_version)
                )
        except AzureRefused as refused:
            if refused.status == 404:
                return None
            raise

    def list_values(self, resource_id: str, api_version: str, action: str) -> dict[str, Json] | None:
        """Values that Azure returns only to a POST request, such as app settings; None if the resource does not exist."""
        path = f"{resource_id}/{action}?api-version={api_version}"
        try:
            return self.service.ask("POST", path, doing=f"list {action} of {resource_id}").body
        except AzureRefused as refused:
            if refused.status == 404:
                return None
            raise

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
        """Send a deployment and return immediately. `parameters` may contain secrets, which are sent to Azure only.

        The request is never repeated: if the response is lost, the caller checks whether Azure has accepted it.
        """
        body = _body(location, template, parameters, dict(tags))
        with refusals(f"deployment {name}"):
            poller = self._clients.deployments(
                self.subscription
            ).deployments.begin_create_or_update_at_subscription_scope(
                name,
                body,
                polling=False,  # type: ignore[call-overload]  # a plain body in wire format
                retry_total=0,
            )
            return deployment_of(name, as_dict(poller.result()))

    def deployment(self, name: str) -> Deployment | None:
        """The current state of a deployment, None if it does not exist."""
        try:
            with refusals(f"deployment {name}"):
                return deployment_of(
                    name,
                    as_dict(self._clients.deployments(self.subscription).deployments.get_at_subscription_scope(name)),
                )
        except AzureRefused as refused:
            if refused.status == 404:
                return None
            raise

    def deployments(self, installation: str = "") -> list[Deployment]:
        """Deployments at subscription scope with the tag of the installation; of all installations if none is named."""
        with refusals("list deployments"):
            listed = [
                as_dict(one)
                for one in self._clients.deployments(self.subscription).deployments.list_at_subscription_scope()
            ]
        found = [deployment_of(text_of(one, "name"), one) for one in listed]
        return [
            one for one in found if INSTALLATION_TAG in one.tags and installation in ("", one.tags[INSTALLATION_TAG])
        ]

    def cancel(self, name: str, nested: str | None = None) -> None:
        """Cancel a deployment, or the nested one with the ID `nested`; a finished one is left unchanged."""
        subscription, group, leaf = _locate(nested, name, self.subscription)
        deployments = self._clients.deployments(subscription).deployments
        try:
            with refusals(f"cancel deployment {leaf}"):
                if group:
                    deployments.cancel(group, leaf)
                else:
                    deployments.cancel_at_subscription_scope(leaf)
        except AzureRefused as refused:
            if refused.status not in (404, 409):
                raise

    def operations(self, name: str, nested: str | None = None) -> list[Operation]:
        """Operations of a deployment, one level deep, or of the nested deployment with the ID `nested`.

        The list is empty while a nested deployment that was just accepted is not visible yet.
        """
        from azure.core.exceptions import ResourceNotFoundError

        subscription, group, leaf = _locate(nested, name, self.subscription)
        client = self._clients.deployments(subscription).deployment_operations
        try:
            with refusals(f"operations of deployment {name}", let_through=ResourceNotFoundError):
                listed = client.list(group, leaf) if group else client.list_at_subscription_scope(leaf)
                found = [operation_of(as_dict(item)) for item in listed]
        except ResourceNotFoundError:
            return []
        return [operation for operation in found if operation.resource_id]

    def what_if(
        self, name: str, *, location: str, template: Mapping[str, Json], parameters: Mapping[str, Json]
    ) -> list[dict[str, Json]]:
        """Changes that a deployment would make: the `changes` of ARM, each {resourceId, changeType, delta?}."""
        body = _body(location, template, parameters, None)
        with refusals(f"what-if of {name}"):
            poller = self._clients.deployments(self.subscription).deployments.begin_what_if_at_subscription_scope(
                name, body
            )  # type: ignore[call-overload]
            result = as_dict(poller.result())
        if result.get("error"):
            raise refused_by(result["error"], f"what-if of {name}")
        properties = result.get("properties")
        return objects_of((properties if isinstance(properties, dict) else result).get("changes"))

    # -- clients -------------------------------------------------------------------------------------------------

    @cached_property
    def service(self) -> Service:
        """Requests without an SDK client."""
        return Service.of_arm(self.target)

    @cached_property
    def graph(self) -> Service:
        """Microsoft Graph of the same account."""
        return Service.of_graph(self.target)

    @cached_property
    def existence(self) -> ExistenceCheck:
        """Existing resources, as of the first check."""
        return ExistenceCheck(self.service)

    @cached_property
    def _clients(self) -> ArmClients:
        return ArmClients(self.target, self.pacer)


def _locate(nested: str | None, name: str, subscription: str) -> tuple[str, str, str]:
    """Subscription, resource group ("" if none) and name of a nested deployment, or of the outer one."""
    found = parse_id(nested) if nested else None
    return (found.subscription, found.group, found.names[-1]) if found else (subscription, "", name)


def _body(
    location: str, template: Mapping[str, Json], parameters: Mapping[str, Json], tags: dict[str, str] | None
) -> dict[str, object]:
    body: dict[str, object] = {
        "location": location,
        "properties": {"mode": "Incremental", "template": dict(template), "parameters": dict(parameters)},
    }
    return body if tags is None else {**body, "tags": tags}
