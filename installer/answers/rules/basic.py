"""Rules for every installation: required answers, environments, address space, firewall, PostgreSQL tier."""

import contextlib
import ipaddress
from collections.abc import Iterator

from installer.answers.ask import View
from installer.answers.pages.platform import kinds_of_runtime
from installer.answers.questions import all_questions
from installer.conventions.address_ranges import PRIVATE, AddressError
from installer.conventions.addressing import plan
from installer.conventions.sizing import SYSTEM_NODE_CORES, cores, is_burstable, postgres_tier
from installer.errors import Problem


def required(view: View) -> Iterator[Problem]:
    """Every question that applies has an answer."""
    for key, question in all_questions().items():
        if not question.ask.optional and question.ask.applies(view) and view.get(key) in (None, "", []):
            yield Problem(key, question.refusal(view.get(key)))


def distinct_environments(view: View) -> Iterator[Problem]:
    """Each environment is listed once."""
    environments = view.get("subscription.environments")
    if isinstance(environments, list):
        twice = sorted({str(name) for name in environments if environments.count(name) > 1})
        if twice:
            yield Problem(
                "subscription.environments", f"listed more than once: {', '.join(twice)}; list each environment once"
            )


def address_space_fits(view: View) -> Iterator[Problem]:
    """Hub and spokes fit in the address space."""
    space = view.get("network.address_space")
    if not isinstance(space, str) or view.get("network.mode") in {"existing", "public"}:
        return
    try:
        # The plan reserves a spoke for every environment, selected or not: only the runtimes matter here.
        plan(space, {"dev": {str(kind) for kind in kinds_of_runtime(view)}})
    except AddressError as error:
        yield Problem("network.address_space", error.message)


def firewall_is_an_address(view: View) -> Iterator[Problem]:
    """The next hop is a valid private IP address outside the address space of the installation."""
    address = view.get("network.firewall_address")
    if view.get("network.egress") != "firewall" or not isinstance(address, str) or not address:
        return
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        yield Problem("network.firewall_address", f'"{address}" is not an IPv4 address; enter one such as 10.0.0.4')
        return
    if not any(parsed in network for network in PRIVATE):
        words = f"{address} is not a private IP address; use one in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10"
        yield Problem("network.firewall_address", words)
    space = view.get("network.address_space")
    with contextlib.suppress(ValueError):  # reported by the address space itself
        if isinstance(space, str) and parsed in ipaddress.IPv4Network(space, strict=False):
            words = (
                f"{address} is in the address space {space} of this installation; an existing firewall is outside of it"
            )
            yield Problem("network.firewall_address", words)


def standby_needs_a_tier(view: View) -> Iterator[Problem]:
    """Azure does not support high availability for burstable PostgreSQL sizes."""
    size = view.get("sizing.postgres_size")
    if view.get("sizing.postgres_ha") is True and isinstance(size, str) and postgres_tier(size) == "Burstable":
        yield Problem(
            "sizing.postgres_ha",
            f"{size} is a burstable size without high availability; select Standard_D2ds_v5 or larger, or turn it off",
        )


def system_nodes_are_large_enough(view: View) -> Iterator[Problem]:
    """System pools need nodes with four cores that are not burstable: learn.microsoft.com, aks/use-system-pools."""
    size = view.get("sizing.system_node_size")
    if not isinstance(size, str) or "aks" not in kinds_of_runtime(view):
        return
    if is_burstable(size) or 0 < cores(size) < SYSTEM_NODE_CORES:
        words = f"a system pool needs VM sizes with {SYSTEM_NODE_CORES} cores or more, and not of the B series"
        yield Problem("sizing.system_node_size", f"{size} is too small: {words}; select Standard_D4ds_v5")
