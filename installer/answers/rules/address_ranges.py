"""Rules about the address ranges inside clusters and those of connected networks."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from installer.answers.ask import View
from installer.answers.pages.platform import kinds_of_runtime
from installer.conventions.address_ranges import PRIVATE, RESERVED
from installer.conventions.cluster_ranges import (
    NODE_LENGTH,
    SERVICES_LONGEST,
    SERVICES_SHORTEST,
    ClusterRangesError,
    cluster_ranges,
    nodes_that_fit,
)
from installer.errors import Problem

_SYSTEM_NODES: Final = 4
"""Nodes of a cluster beside those for flows: system nodes, one more when they scale, and surge of an upgrade."""


def connected_ranges_are_ranges(view: View) -> Iterator[Problem]:
    """Every connected range is one, and none overlaps the networks of the installation."""
    for text in _several(view, "network.connected_ranges"):
        parsed = _range(text)
        if isinstance(parsed, str):
            yield Problem("network.connected_ranges", parsed)
            return
        space = _range(_text(view, "network.address_space"))
        own = view.get("network.mode") in ("new", "existing_hub")
        if own and isinstance(space, IPv4Network) and parsed.overlaps(space):
            words = f"{space} overlaps the connected range {parsed}; networks that connect cannot overlap"
            yield Problem("network.address_space", f"{words}: enter a free range")
            return


def cluster_ranges_fit(view: View) -> Iterator[Problem]:
    """Pod and service range are private, large enough and overlap nothing that pods have to reach."""
    if "aks" not in kinds_of_runtime(view):
        return
    taken = _taken(view)
    given: dict[str, IPv4Network] = {}
    for key, check in (("platform.pod_range", _pods), ("platform.service_range", _services)):
        text = _text(view, key)
        parsed = _range(text) if text else None
        if parsed is None:
            continue
        reason = parsed if isinstance(parsed, str) else check(parsed, view) or _collision(parsed, taken)
        if reason:
            yield Problem(key, reason)
        elif isinstance(parsed, IPv4Network):
            given[key] = parsed
    pods, services = given.get("platform.pod_range"), given.get("platform.service_range")
    if pods and services and pods.overlaps(services):
        yield Problem("platform.service_range", f"{services} overlaps the pod range {pods}; enter a free range")
        return
    try:
        cluster_ranges(str(pods or ""), str(services or ""), (network for network, _ in taken))
    except ClusterRangesError as error:
        yield Problem(f"platform.{error.kind}_range", f"required here: {error}")


def _pods(pods: IPv4Network, view: View) -> str:
    most = view.get("sizing.worker_nodes_most")
    needed = (most if isinstance(most, int) else 1) + _SYSTEM_NODES
    if nodes_that_fit(pods) >= needed:
        return ""
    length = NODE_LENGTH - (needed - 1).bit_length()
    return f"{pods} has room for {nodes_that_fit(pods)} nodes of a /{NODE_LENGTH} each; up to {needed} need a /{length}"


def _services(services: IPv4Network, _view: View) -> str:
    if SERVICES_SHORTEST <= services.prefixlen <= SERVICES_LONGEST:
        return ""
    return f"a service range has a prefix length from /{SERVICES_SHORTEST} to /{SERVICES_LONGEST}, for example /16"


def _collision(network: IPv4Network, taken: list[tuple[IPv4Network, str]]) -> str:
    if not any(network.subnet_of(private) for private in PRIVATE):
        allowed = ", ".join(map(str, PRIVATE))
        return f"{network} is not a private range; use one in {allowed}"
    for other, what in (*taken, *((one, "which AKS reserves") for one in RESERVED)):
        if network.overlaps(other):
            return f"{network} overlaps {other}, {what}; enter a free range"
    return ""


def _taken(view: View) -> list[tuple[IPv4Network, str]]:
    """Ranges that pods have to reach, each with what it is."""
    found = [(_range(text), "a connected range") for text in _several(view, "network.connected_ranges")]
    if view.get("network.mode") in ("new", "existing_hub"):
        found.append((_range(_text(view, "network.address_space")), "the address space of the installation"))
    return [(network, what) for network, what in found if isinstance(network, IPv4Network)]


def _range(text: str) -> IPv4Network | str:
    """The range, or what is wrong with it."""
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        return f'"{text}" is not an IPv4 range in CIDR notation; enter one such as 10.244.0.0/16'
    if str(network.network_address) != text.partition("/")[0]:
        return f"{text} is not the start of a range; the range is {network}"
    return network


def _text(view: View, key: str) -> str:
    value = view.get(key)
    return value if isinstance(value, str) else ""


def _several(view: View, key: str) -> list[str]:
    given = view.get(key)
    return [str(entry) for entry in given] if isinstance(given, list) and view.get("network.mode") != "public" else []
