"""What a firewall that exists already must let through, so that an installation behind it works. Pure: answers in, list out.

Names are those of Microsoft's and others' public documentation: "Outbound network and FQDN rules for AKS clusters",
"Networking in a Container Apps environment", "Azure Monitor endpoint access", Prefect Cloud's and PyPI's own pages.
What is reached through private endpoints needs no rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from installer.answers.model import Answers
from installer.conventions.clouds import CLOUDS, Cloud
from installer.estate.parameters.context import Installation


@dataclass(frozen=True)
class Egress:
    """One thing to let through. target: a host name, which may begin with *., or a service tag; port: over TCP."""

    target: str
    port: int
    why: str


@dataclass(frozen=True)
class _Hosts:
    """Host names that differ from cloud to cloud."""

    images: tuple[str, ...]
    cluster: str
    graph: str
    logs: tuple[str, ...]


_HOSTS: Final[Mapping[Cloud, _Hosts]] = {
    "public": _Hosts(
        images=("mcr.microsoft.com", "*.data.mcr.microsoft.com"),
        cluster="azmk8s.io",
        graph="graph.microsoft.com",
        logs=("*.ods.opinsights.azure.com", "*.oms.opinsights.azure.com", "*.monitor.azure.com"),
    ),
    "usgov": _Hosts(
        images=("mcr.microsoft.com", "*.data.mcr.microsoft.com"),
        cluster="cx.aks.containerservice.azure.us",
        graph="graph.microsoft.us",
        logs=("*.ods.opinsights.azure.us", "*.oms.opinsights.azure.us", "*.monitor.azure.us"),
    ),
    "china": _Hosts(
        images=("mcr.microsoft.com", "*.data.mcr.microsoft.com", "mcr.azk8s.cn"),
        cluster="cx.prod.service.azk8s.cn",
        graph="microsoftgraph.chinacloudapi.cn",
        logs=("*.ods.opinsights.azure.cn", "*.oms.opinsights.azure.cn", "*.monitor.azure.cn"),
    ),
}

_HTTPS: Final = 443


def egress(answers: Answers) -> tuple[Egress, ...]:
    """What must be let through, each once; nothing where there is no such firewall."""
    if answers.network.egress != "firewall" or answers.network.mode == "public":
        return ()
    return tuple(dict.fromkeys(_egress(Installation(answers))))


def _egress(it: Installation) -> Iterator[Egress]:
    cloud = it.answers.subscription.cloud
    at, hosts = CLOUDS[cloud], _HOSTS[cloud]
    yield Egress(at.login, _HTTPS, "identities get their tokens from Entra")
    yield Egress(hosts.graph, _HTTPS, "sign-on looks people and groups up")
    yield Egress(at.management, _HTTPS, "Azure's own management")
    for host in hosts.logs:
        yield Egress(host, _HTTPS, "logs and metrics go to Azure Monitor")
    for host in hosts.images:
        yield Egress(host, _HTTPS, "images of Azure's own components")
    if not it.private_registry:
        yield Egress(it.names.registry_host, _HTTPS, "images of FlowForge and Prefect")
        yield Egress(f"*.blob.{at.storage}", _HTTPS, "layers of those images")
    if any(site.on_kubernetes for site in it.sites):
        yield from _kubernetes(it, hosts)
    if any(site.has_container_apps for site in it.sites):
        yield Egress("AzureActiveDirectory", _HTTPS, "Container Apps get their tokens; a service tag")
        yield Egress("MicrosoftContainerRegistry", _HTTPS, "Container Apps' own images; a service tag")
        yield Egress("AzureFrontDoor.FirstParty", _HTTPS, "what those images come by; a service tag")
    if it.answers.platform.prefect == "cloud":
        yield Egress("api.prefect.cloud", _HTTPS, "workers ask Prefect Cloud for work")
    yield Egress("pypi.org", _HTTPS, "flows install Python packages")
    yield Egress("files.pythonhosted.org", _HTTPS, "flows install Python packages")


def _kubernetes(it: Installation, hosts: _Hosts) -> Iterator[Egress]:
    for host in ("packages.microsoft.com", "acs-mirror.azureedge.net", "packages.aks.azure.com"):
        yield Egress(host, _HTTPS, "packages and tools of the nodes")
    if it.answers.platform.private_api:
        return  # the nodes reach the API server inside the network
    for site in it.sites:
        if site.on_kubernetes:
            public = it.answers.subscription.cloud == "public"
            host = f"*.hcp.{site.location}.{hosts.cluster}" if public else f"*.{hosts.cluster}"
            yield Egress(host, _HTTPS, "nodes reach their API server")
