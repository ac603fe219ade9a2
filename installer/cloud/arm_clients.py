"""Clients of the official SDKs for Azure Resource Manager, one for each subscription, created on first use."""

from functools import cached_property
from typing import TYPE_CHECKING

from installer.cloud.rate_limit import RateLimiter
from installer.cloud.target import Target

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.mgmt.resource.deployments import DeploymentsMgmtClient
    from azure.mgmt.resource.resources import ResourceManagementClient
    from azure.mgmt.subscription import SubscriptionClient


class ArmClients:
    """Clients of a target.

    Args:
        target: The cloud.
        pacer: Keeps all of them within the request limit of a run.

    """

    def __init__(self, target: Target, pacer: RateLimiter) -> None:
        self._target = target
        self._pacer = pacer
        self._deployments: dict[str, DeploymentsMgmtClient] = {}
        self._resources: dict[str, ResourceManagementClient] = {}

    @cached_property
    def subscriptions(self) -> "SubscriptionClient":
        """Tenants, subscriptions and regions."""
        from azure.mgmt.subscription import SubscriptionClient

        return SubscriptionClient(self._credential, **self._options())  # type: ignore[arg-type]

    def resources(self, subscription: str) -> "ResourceManagementClient":
        """Resources, groups and providers of a subscription."""
        from azure.mgmt.resource.resources import ResourceManagementClient

        if subscription not in self._resources:
            self._resources[subscription] = ResourceManagementClient(
                self._credential,
                subscription,
                **self._options(),  # type: ignore[arg-type]
            )
        return self._resources[subscription]

    def deployments(self, subscription: str) -> "DeploymentsMgmtClient":
        """Deployments of a subscription: that of the installation, or that of a nested deployment."""
        from azure.mgmt.resource.deployments import DeploymentsMgmtClient

        if subscription not in self._deployments:
            self._deployments[subscription] = DeploymentsMgmtClient(
                self._credential,
                subscription,
                **self._options(),  # type: ignore[arg-type]
            )
        return self._deployments[subscription]

    @cached_property
    def _credential(self) -> "TokenCredential":
        return self._target.credential()

    def _options(self) -> dict[str, object]:
        from installer.cloud.token_policy import TokenPolicy
        from installer.cloud.transport import transport_to

        scope = f"{self._target.audience}/.default"
        options: dict[str, object] = {
            "base_url": self._target.endpoint,
            "credential_scopes": [scope],
            "authentication_policy": TokenPolicy(self._credential, scope, self._pacer, self._target.endpoint),
            "polling_interval": max(0.2, 2 / self._target.speed),
            "retry_total": 5,
            "transport": transport_to(self._target.ca_file),
        }
        return options
