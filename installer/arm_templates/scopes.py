"""The scope and context of a deployment, and the interface to live resources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from installer.arm_templates.clouds import PUBLIC_CLOUD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from installer.jsontypes import Json

ScopeKind = Literal["tenant", "managementGroup", "subscription", "resourceGroup"]


@dataclass(frozen=True)
class Scope:
    """A scope of Azure's hierarchy that deployments and resources belong to."""

    kind: ScopeKind
    tenant_id: str
    subscription_id: str | None = None
    resource_group: str | None = None
    management_group: str | None = None

    @property
    def id(self) -> str:
        """The scope's resource id, '' for the tenant."""
        if self.kind == "managementGroup":
            return f"/providers/Microsoft.Management/managementGroups/{self.management_group}"
        if self.kind == "subscription":
            return f"/subscriptions/{self.subscription_id}"
        if self.kind == "resourceGroup":
            return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return ""


@dataclass(frozen=True)
class Context:
    """The context of one deployment.

    Attributes:
        scope: The scope that it deploys to.
        deployment_name: Result of deployment().name.
        location: Location of the deployment at subscription scope and above, else None.
        resource_group_location: Location of the target group, None when unknown.
        cloud: Result of environment().
        now: Result of utcNow(), unresolved when None.
        deployer: Result of deployer(), unresolved when None.

    """

    scope: Scope
    deployment_name: str
    location: str | None = None
    resource_group_location: str | None = None
    cloud: Mapping[str, Json] = field(default_factory=lambda: PUBLIC_CLOUD)
    now: datetime | None = None
    deployer: Mapping[str, Json] | None = None


class Runtime(Protocol):
    """The live resources that a running deployment queries."""

    def reference(self, resource_id: str, api_version: str | None, *, full: bool) -> Json:
        """The properties of a resource, or the full resource; TemplateError when it does not exist."""

    def invoke(self, function: str, resource_id: str, api_version: str | None, body: Json) -> Json:
        """The result of a list* action (``function`` as the template spells it)."""

    def resource_group(self, subscription_id: str, name: str) -> Json:
        """The resource group as ARM returns it."""

    def new_guid(self) -> str:
        """A new GUID for newGuid()."""

    def subscription(self, subscription_id: str) -> Json:
        """Members of a subscription beside its id, with `displayName`; TemplateError for an unknown one."""

    def tenant(self) -> Json:
        """Members of the tenant beside its id, with `displayName` and `countryCode`."""

    def zones(self, subscription_id: str, resource_type: str, location: str) -> list[str]:
        """The logical zones of a region that a resource type can be placed in; none where either has none."""

    def zone_mappings(self, subscription_id: str, location: str) -> Mapping[str, str]:
        """Logical to physical zones of a region, as a subscription sees them."""

    def provider(self, namespace: str, kind: str | None) -> Json:
        """A resource provider with its types, or one type with locations and API versions; TemplateError without it."""

    def role_definition(self, name: str, scope: str) -> Json:
        """Id and GUID of the role with a name, at a scope; TemplateError for an unknown one."""
