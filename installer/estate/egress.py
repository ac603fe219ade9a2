"""Egress rules that an existing firewall must allow for an installation behind it. Pure.

Host names are from public documentation: "Outbound network and FQDN rules for AKS clusters",
"Networking in a Container Apps environment", "Azure Monitor endpoint access", Prefect Cloud and PyPI.
Services with private endpoints need no rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from installer.answers.model import Answers
from installer.conventions.clouds import CLOUDS, Cloud
from installer.estate.parameters.context import Installation


@dataclass(frozen=True)
class Egress:
    """One egress rule.

    Attributes:
        target: A host name, possibly with a leading *., or a service tag.
        port: TCP port.
        why: Purpose of the traffic.

    """

    target: str
    port: int
    why: str


@dataclass(frozen=True)
class _Hosts:
    """Host names of one cloud."""

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
    """Required egress rules, without duplicates; none without an existing firewall."""
    if answers.network.egress != "firewall" or answers.network.mode == "public":
        return ()
    return tuple(dict.fromkeys(_egress(Installation(answers))))


def _egress(it: Installation) -> Iterator[Egress]:
    cloud = it.answers.subscription.cloud
    at, hosts = CLOUDS[cloud], _HOSTS[cloud]
    yield Egress(at.login, _HTTPS, "tokens of managed identities from Microsoft Entra ID")
    yield Egress(hosts.graph, _HTTPS, "users and groups for sign-on")
    yield Egress(at.management, _HTTPS, "Azure Resource Manager")
    for host in hosts.logs:
        yield Egress(host, _HTTPS, "logs and metrics to Azure Monitor")
    for host in hosts.images:
        yield Egress(host, _HTTPS, "images of Azure components")
    if not it.private_registry:
        yield Egress(it.names.registry_host, _HTTPS, "images of FlowForge and Prefect")
        yield Egress(f"*.blob.{at.storage}", _HTTPS, "layers of those images")
    if any(site.on_kubernetes for site in it.sites):
        yield from _kubernetes(it, hosts)
    if any(site.has_container_apps for site in it.sites):
        yield Egress("AzureActiveDirectory", _HTTPS, "tokens of Container Apps (service tag)")
        yield Egress("MicrosoftContainerRegistry", _HTTPS, "system images of Container Apps (service tag)")
        yield Egress("AzureFrontDoor.FirstParty", _HTTPS, "delivery of those images (service tag)")
    if it.answers.platform.prefect == "cloud":
        yield Egress("api.prefect.cloud", _HTTPS, "Prefect Cloud API for workers")
    yield Egress("pypi.org", _HTTPS, "Python packages of flows")
    yield Egress("files.pythonhosted.org", _HTTPS, "Python packages of flows")


def _kubernetes(it: Installation, hosts: _Hosts) -> Iterator[Egress]:
    for host in ("packages.microsoft.com", "acs-mirror.azureedge.net", "packages.aks.azure.com"):
        yield Egress(host, _HTTPS, "packages and tools for nodes")
    if it.answers.platform.private_api:
        return  # nodes reach the API server in the network
    for site in it.sites:
        if site.on_kubernetes:
            public = it.answers.subscription.cloud == "public"
            host = f"*.hcp.{site.location}.{hosts.cluster}" if public else f"*.{hosts.cluster}"
            yield Egress(host, _HTTPS, "API server for nodes")
