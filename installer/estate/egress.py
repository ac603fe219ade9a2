"""Egress rules that an existing firewall must allow for an installation behind it. Pure.

The host names, with the page that names each, are in egress.toml. Services with private endpoints need no rule.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from installer.answers.model import Answers
from installer.conventions.clouds import CLOUDS
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.monitor_access import has_insights, has_private_link
from installer.shipped_files import egress_rules

HTTPS: Final = 443


@dataclass(frozen=True)
class Egress:
    """One egress rule.

    Attributes:
        target: A host name, possibly with a leading *., or a service tag.
        port: TCP port.
        why: Purpose of the traffic.
        source: Page of the documentation that names the target.

    """

    target: str
    port: int
    why: str
    source: str


@dataclass(frozen=True)
class EgressRule:
    """One entry of egress.toml.

    Attributes:
        why: Purpose of the traffic.
        when: A key of CONDITIONS.
        hosts: Targets by cloud, with placeholders; a cloud without an entry needs none.
        port: TCP port.
        source: Page of the documentation.

    """

    why: str
    when: str
    hosts: Mapping[str, Sequence[str]]
    port: int
    source: str


CONDITIONS: Final[Mapping[str, Callable[[Installation, Site], bool]]] = {
    "always": lambda _it, _site: True,
    "public registry": lambda it, _site: not it.private_registry,
    "public monitor": lambda it, _site: not has_private_link(it),
    "aks": lambda _it, site: site.on_kubernetes,
    "aks with a public API server": lambda it, site: site.on_kubernetes and not it.answers.platform.private_api,
    "public container insights": lambda it, site: has_insights(it, site) and not has_private_link(it),
    "container apps": lambda _it, site: site.has_container_apps,
    "prefect cloud": lambda it, _site: it.answers.platform.prefect == "cloud",
}
"""Conditions of the rules, for each environment. Nodes reach a private API server inside the network, and with a private link
an agent uses no other endpoints (azure-monitor-docs, articles/azure-monitor/containers/kubernetes-monitoring-firewall.md)."""


@cache
def rules() -> tuple[EgressRule, ...]:
    """All entries of egress.toml."""
    return tuple(
        EgressRule(
            entry["why"],
            entry["when"],
            {cloud: entry.get(cloud, entry.get("hosts", ())) for cloud in CLOUDS},
            entry.get("port", HTTPS),
            entry["source"],
        )
        for entry in tomllib.loads(egress_rules())["rule"]
    )


def egress(answers: Answers) -> tuple[Egress, ...]:
    """Required egress rules, one for each target and port; none without an existing firewall."""
    if answers.network.egress != "firewall" or answers.network.mode == "public":
        return ()
    found: dict[tuple[str, int], Egress] = {}
    for rule in _egress(Installation(answers)):
        found.setdefault((rule.target, rule.port), rule)
    return tuple(found.values())


def _egress(it: Installation) -> Iterator[Egress]:
    cloud = it.answers.subscription.cloud
    at = CLOUDS[cloud]
    for rule in rules():
        for site in it.sites:
            if CONDITIONS[rule.when](it, site):
                for host in rule.hosts[cloud]:
                    target = host.format(
                        region=site.location,
                        login=at.login,
                        management=at.management,
                        storage=at.storage,
                        registry=it.names.registry_host,
                    )
                    yield Egress(target, rule.port, rule.why, rule.source)
