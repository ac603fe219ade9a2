"""The emulator as template functions query it: reference(), list*(), resourceGroup(), newGuid()."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from installer.arm_templates import TemplateError
from installer.emulator.deployments.not_emulated import ReadMembers
from installer.emulator.deployments.views import deployment_body
from installer.emulator.errors import ArmError
from installer.emulator.providers import registry
from installer.emulator.providers.region_catalogue import zone_mappings
from installer.emulator.providers.resource_types import known_namespace, resource_types, zonal
from installer.emulator.providers.resources import TAGS_TYPE, tags_body
from installer.emulator.providers.roles import DEFINITION_TYPE, role_named
from installer.json_access import JsonObject, as_object, as_text, objects_of
from installer.resource_id import DEPLOYMENT_TYPE, name_of, parse_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.core import Emulator
    from installer.jsontypes import Json
    from installer.resource_id import ResourceId


_PROVIDER_MEMBERS = ("resourceType", "locations", "apiVersions")
"""Members of a type in the result of providers(): learn.microsoft.com, …/templates/template-functions-resource#providers."""
_SECURE_OUTPUTS = "listoutputswithsecurevalues"


class LiveRuntime:
    """Answers from the current resources and deployments."""

    def __init__(self, emulator: Emulator) -> None:
        self._world = emulator
        self._outputs: dict[str, JsonObject] = {}
        self.shown = ReadMembers()

    def reference(self, resource_id: str, api_version: str | None, *, full: bool) -> Json:
        """The properties of a resource, or with `full` the whole of it; TemplateError when there is none."""
        whole = self._read(resource_id)
        self.shown.remember(whole)
        if not full:
            return whole.get("properties", {})
        return {"apiVersion": api_version, **whole} if api_version else whole

    def invoke(self, function: str, resource_id: str, api_version: str | None, body: Json) -> Json:
        """The result of a list* function on a resource."""
        if function.lower() == _SECURE_OUTPUTS:
            return self.secure_outputs(resource_id)
        resource = self._world.find_resource(resource_id)
        if resource is None:
            raise _not_found(resource_id)
        try:
            return registry.act(self._world.provider_context(resource), function, as_object(body), api_version or "")
        except ArmError as refusal:
            raise TemplateError(refusal.message, code=refusal.code) from refusal

    def keep_outputs(self, deployment_id: str, outputs: JsonObject) -> None:
        """Keep the outputs of a deployment, secure ones included, in memory only: no secret is ever stored."""
        self._outputs[deployment_id.lower()] = outputs

    def secure_outputs(self, deployment_id: str) -> JsonObject:
        """All outputs of a deployment by name; TemplateError where they are not known (any more)."""
        found = self._outputs.get(deployment_id.lower())
        if found is None:
            raise TemplateError(
                f"The outputs of the deployment '{deployment_id}' are not known: they are kept only as long as the "
                "server runs.",
                code="DeploymentOutputsNotAvailable",
            )
        return found

    def resource_group(self, subscription_id: str, name: str) -> Json:
        """The resource group as the function returns it: with tags, `{}` where it has none.

        Source: learn.microsoft.com, …/templates/template-functions-resource#resourcegroup, whose result leaves out `managedBy`
        only. Groups that a client created without the member had none in 2021 (Azure/bicep#2101); a read still shows none.
        """
        return {"tags": {}, **self._read(f"/subscriptions/{subscription_id}/resourceGroups/{name}")}

    def new_guid(self) -> str:
        """A new GUID."""
        return str(uuid.uuid4())

    def subscription(self, subscription_id: str) -> Json:
        """The name of a subscription."""
        found = self._world.directory.subscription(subscription_id)
        if found is None:
            raise TemplateError(
                f"The subscription '{subscription_id}' could not be found.", code="SubscriptionNotFound"
            )
        return {"displayName": found.name}

    def tenant(self) -> Json:
        """Name and country of the tenant."""
        directory = self._world.directory
        return {"countryCode": directory.country, "displayName": directory.tenant_name}

    def zones(self, subscription_id: str, resource_type: str, location: str) -> list[str]:
        """The logical zones of a region that a type can be placed in."""
        return [*self.zone_mappings(subscription_id, location)] if zonal(resource_type) else []

    def zone_mappings(self, subscription_id: str, location: str) -> Mapping[str, str]:
        """Logical to physical zones of a region, as a subscription sees them."""
        return zone_mappings(subscription_id, location, self._world.survey)

    def provider(self, namespace: str, kind: str | None) -> Json:
        """A resource provider, or one of its types."""
        try:
            name = known_namespace(namespace)
        except ArmError as refusal:
            raise TemplateError(refusal.message, code=refusal.code) from refusal
        listed = objects_of(resource_types(name, self._world.directory.cloud, self._world.survey))
        kinds = [{member: one[member] for member in _PROVIDER_MEMBERS} for one in listed]
        if kind is None:
            return {"namespace": name, "resourceTypes": [*kinds]}
        for one in kinds:
            if as_text(one["resourceType"]).lower() == kind.lower():
                return one
        raise TemplateError(
            f"The resource type '{kind}' could not be found in the namespace '{name}'.", code="InvalidResourceType"
        )

    def role_definition(self, name: str, scope: str) -> Json:
        """Id and GUID of the built-in or custom role with a name."""
        found = role_named(self._world.resources, name)
        if found is None:
            raise TemplateError(
                f"The role definition with the name '{name}' could not be found.", code="RoleDefinitionDoesNotExist"
            )
        return {"id": f"{scope}/providers/{DEFINITION_TYPE}/{found}", "roleDefinitionId": found}

    def _read(self, resource_id: str) -> JsonObject:
        parsed = parse_id(resource_id)
        if parsed and parsed.type.lower() == DEPLOYMENT_TYPE.lower():
            deployment = self._world.deployments.get(resource_id)
            if deployment is not None:
                return deployment_body(deployment)
        resource = self._world.find_resource(resource_id)
        if resource is None:
            if (tags := self._tags(parsed)) is not None:
                return tags
            raise _not_found(resource_id)
        return self._world.view(resource)

    def _tags(self, parsed: ResourceId | None) -> JsonObject | None:
        if parsed is None or parsed.type.lower() != TAGS_TYPE.lower():
            return None
        exists = self._world.resources.get(parsed.scope) or self._world.directory.subscription(name_of(parsed.scope))
        return tags_body(self._world.resources, parsed.scope) if exists else None


def _not_found(resource_id: str) -> TemplateError:
    parsed = parse_id(resource_id)
    if parsed is None:
        return TemplateError(f"The resource '{resource_id}' could not be found.", code="ResourceNotFound")
    place = f" under resource group '{parsed.group}'" if parsed.group else ""
    what = f"{parsed.type}/{parsed.name}"
    return TemplateError(f"The Resource '{what}'{place} was not found.", code="ResourceNotFound")
