"""The emulator as template functions query it: reference(), list*(), resourceGroup(), newGuid()."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from installer.arm_templates import TemplateError
from installer.emulator.deployments.views import deployment_body
from installer.emulator.errors import ArmError
from installer.emulator.providers import registry
from installer.json_access import JsonObject, as_object
from installer.resource_id import DEPLOYMENT_TYPE, parse_id

if TYPE_CHECKING:
    from installer.emulator.core import Emulator
    from installer.jsontypes import Json


_SECURE_OUTPUTS = "listoutputswithsecurevalues"


class LiveRuntime:
    """Answers from the current resources and deployments."""

    def __init__(self, emulator: Emulator) -> None:
        self._world = emulator
        self._outputs: dict[str, JsonObject] = {}

    def reference(self, resource_id: str, api_version: str | None, *, full: bool) -> Json:
        """The properties of a resource, or with `full` the whole of it; TemplateError when there is none."""
        whole = self._read(resource_id)
        if not full:
            return whole.get("properties", {})
        return {"apiVersion": api_version, **whole} if api_version else whole

    def invoke(self, function: str, resource_id: str, _api_version: str | None, body: Json) -> Json:
        """The result of a list* function on a resource."""
        if function.lower() == _SECURE_OUTPUTS:
            return self.secure_outputs(resource_id)
        resource = self._world.find_resource(resource_id)
        if resource is None:
            raise _not_found(resource_id)
        try:
            return registry.act(self._world.provider_context(resource), function, as_object(body))
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
        """The resource group as ARM returns it."""
        return self._read(f"/subscriptions/{subscription_id}/resourceGroups/{name}")

    def new_guid(self) -> str:
        """A new GUID."""
        return str(uuid.uuid4())

    def _read(self, resource_id: str) -> JsonObject:
        parsed = parse_id(resource_id)
        if parsed and parsed.type.lower() == DEPLOYMENT_TYPE.lower():
            deployment = self._world.deployments.get(resource_id)
            if deployment is not None:
                return deployment_body(deployment)
        resource = self._world.resources.get(resource_id)
        if resource is None:
            raise _not_found(resource_id)
        return self._world.view(resource)


def _not_found(resource_id: str) -> TemplateError:
    parsed = parse_id(resource_id)
    if parsed is None:
        return TemplateError(f"The resource '{resource_id}' could not be found.", code="ResourceNotFound")
    place = f" under resource group '{parsed.group}'" if parsed.group else ""
    what = f"{parsed.type}/{parsed.name}"
    return TemplateError(f"The Resource '{what}'{place} was not found.", code="ResourceNotFound")
