"""Settings of others on Container Apps: host names, access rules and environment variables.

An update replaces whole lists. A variable that refers to a secret is left out: the secrets of an app are FlowForge's.
"""

from collections.abc import Iterator
from typing import Final

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.kept_by_others import is_own_setting
from installer.estate.parameters.prefect_container_apps import SERVICES
from installer.estate.parameters.prefect_server import has_separate_services
from installer.estate.parameters.resource_ids import resource_id
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.jsontypes import Json

_APPS: Final = "Microsoft.App/containerApps"
_VERSION: Final = "2025-07-01"
_OF_INGRESS: Final = ("customDomains", "ipSecurityRestrictions")


def kept_container_apps(it: Installation, site: Site) -> tuple[KeptByOthers, ...]:
    """Settings of the web app and of Prefect, where they run on Container Apps."""
    return tuple(one for workload in _workloads(it, site) for one in _of_app(it, site, workload))


def _workloads(it: Installation, site: Site) -> Iterator[str]:
    if it.answers.platform.control_plane == "container_app":
        yield "web"
    if not site.on_kubernetes:
        yield from ("prefect", "worker", *((SERVICES,) if has_separate_services(it) else ()))


def _of_app(it: Installation, site: Site, workload: str) -> Iterator[KeptByOthers]:
    name = it.names.app(site.name, workload)
    where = resource_id(site.subscription, it.names.group(site.name), _APPS, name)
    yield KeptByOthers("kept", f"containerApps/{name}", where, _VERSION, name, _ingress)
    yield KeptByOthers("kept", f"containerApps/{name}/env", where, _VERSION, name, _variables, holds="env")


def _ingress(content: dict[str, Json]) -> Json:
    ingress = as_object(member(content, "properties", "configuration", "ingress"))
    return {name: ingress[name] for name in _OF_INGRESS if as_list(ingress.get(name))}


def _variables(content: dict[str, Json]) -> Json:
    containers = objects_of(member(content, "properties", "template", "containers"))
    return [
        {"name": one.get("name"), "value": one.get("value")}
        for container in containers
        if container.get("name") == "main"
        for one in objects_of(container.get("env"))
        if isinstance(one.get("value"), str) and not is_own_setting(as_text(one.get("name")))
    ]
