"""Actions of resources: commands in a cluster, image imports, settings of a site, revisions of an app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.protocol.async_operations import job_started, signed
from installer.emulator.protocol.paging import page
from installer.emulator.protocol.request import ArmRequest, answer
from installer.emulator.protocol.routes import Route
from installer.emulator.providers import registry
from installer.emulator.providers.app_revisions import revisions
from installer.emulator.providers.cluster_upgrades import upgrade_profile
from installer.emulator.providers.durations import length_of_action
from installer.emulator.providers.web import REFERENCES
from installer.json_access import as_object, as_text, member
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.emulator.state.resources import Resource

_RETRY_AFTER = {"Retry-After": "2"}


def _owner(request: ArmRequest, below: int) -> Resource:
    """The resource at the path without its last segments.

    Args:
        request: The request.
        below: The number of segments to drop.

    """
    request.subscription()
    resource_id = "/".join(request.path.split("/")[:-below])
    parsed = parse_id(resource_id)
    found = request.emulator.resources.get(parsed.id) if parsed else None
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The Resource '{resource_id}' was not found.")
    return found


async def _run_command(request: ArmRequest) -> Response:
    request.subscription(for_writing=True)
    cluster = _owner(request, 1)
    result = registry.act(request.emulator.provider_context(cluster), "runCommand", await request.body())
    path = f"{cluster.id}/commandResults/{as_text(member(result, 'id'))}"
    return answer(202, headers={"Location": signed(request, path), **_RETRY_AFTER})


async def _command_result(request: ArmRequest) -> Response:
    result = _stored_result(request)
    if (result.ends or 0) > request.emulator.clock.now():
        return answer(202, headers={"Location": signed(request, result.id), **_RETRY_AFTER})
    shown = as_object(request.emulator.view(result)["properties"])
    return answer(200, {"id": result.name, "properties": {**shown, "provisioningState": "Succeeded"}})


async def _upgrade_profile(request: ArmRequest) -> Response:
    return answer(200, upgrade_profile(request.emulator.provider_context(_owner(request, 2))))


def _stored_result(request: ArmRequest) -> Resource:
    found = request.emulator.resources.get(request.path)
    request.subscription()
    if found is None:
        raise ArmError(404, "NotFound", "The command result could not be found.")
    return found


async def _import_image(request: ArmRequest) -> Response:
    request.subscription(for_writing=True)
    container_registry = _owner(request, 1)
    registry.act(request.emulator.provider_context(container_registry), "importImage", await request.body())
    ready = request.emulator.clock.now() + request.emulator.real_seconds(length_of_action("importImage"))
    job = request.emulator.jobs.begin("importimage", container_registry.id, ready)
    request.emulator.jobs.finish(job.id)
    return job_started(request, job)


async def _backup(request: ArmRequest) -> Response:
    request.subscription(for_writing=True)
    instance = _owner(request, 1)
    registry.act(request.emulator.provider_context(instance), "backup", await request.body())
    ready = request.emulator.clock.now() + request.emulator.real_seconds(length_of_action("importImage"))
    job = request.emulator.jobs.begin("backup", instance.id, ready)
    request.emulator.jobs.finish(job.id)
    return job_started(request, job)


async def _references(request: ArmRequest) -> Response:
    return answer(200, registry.act(request.emulator.provider_context(_owner(request, 3)), REFERENCES, {}))


async def _settings(request: ArmRequest) -> Response:
    return answer(
        200, registry.act(request.emulator.provider_context(_owner(request, 3)), "config/appsettings/list", {})
    )


async def _revisions(request: ArmRequest) -> Response:
    return page(request, revisions(request.emulator.provider_context(_owner(request, 1))))


async def _managed_connections(request: ArmRequest) -> Response:
    """Connectivity by a virtual network manager, which no network here has."""
    _owner(request, 1)
    return answer(200, {"value": []})


_IN_GROUP = "/subscriptions/{subscription}/resourcegroups/{group}/providers"
_CLUSTER = f"{_IN_GROUP}/Microsoft.ContainerService/managedClusters/{{cluster}}"
_SITE = f"{_IN_GROUP}/Microsoft.Web/sites/{{site:path}}"
ROUTES = [
    Route(f"{_CLUSTER}/runCommand", {"POST": _run_command}),
    Route(f"{_CLUSTER}/upgradeProfiles/default", {"GET": _upgrade_profile}),
    Route(f"{_CLUSTER}/commandResults/{{result}}", {"GET": _command_result}),
    Route(f"{_IN_GROUP}/Microsoft.ContainerRegistry/registries/{{registry}}/importImage", {"POST": _import_image}),
    Route(
        f"{_IN_GROUP}/Microsoft.DataProtection/backupVaults/{{vault}}/backupInstances/{{instance}}/backup",
        {"POST": _backup},
    ),
    Route(f"{_IN_GROUP}/Microsoft.App/containerApps/{{app}}/revisions", {"GET": _revisions}),
    Route(f"{_SITE}/{REFERENCES}", {"GET": _references}),
    Route(
        f"{_IN_GROUP}/Microsoft.Network/virtualNetworks/{{network}}/listNetworkManagerEffectiveConnectivityConfigurations",
        {"POST": _managed_connections},
    ),
    Route(f"{_SITE}/config/appsettings/list", {"POST": _settings}),
]
