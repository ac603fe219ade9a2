"""Other VM sizes for node pools: those that are alike and available, and those of families whose quota is large enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.json_access import as_text
from installer.preflight.footprint import machines
from installer.preflight.model import WayOut
from installer.preflight.offer_facts import capability, free_of, names_of, size_problem, usage_of, vm_sizes
from installer.preflight.offer_reads import COMPUTE, machine_sizes, usages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.estate.parameters.context import Site
    from installer.jsontypes import Json
    from installer.preflight.footprint import Machines
    from installer.preflight.quota_lines import Line
    from installer.preflight.subject import Subject

_MAX_FAMILIES: Final = 2


def size_key(subject: Subject, pool: Machines) -> str:
    """The answer with the size of the nodes of a pool: that of its environment if it has one."""
    if pool.owner.lower().endswith("/system"):
        return "sizing.system_node_size"
    site: Site | None = next(
        (
            one
            for one in subject.it.sites
            if f"/{subject.it.names.kubernetes(one.name).lower()}/" in f"{pool.owner.lower()}/"
        ),
        None,
    )
    return f"{site.name}.node_size" if site and site.own.node_size else "sizing.node_size"


def alike(size: str, listed: Mapping[str, Mapping[str, Json]], zones: tuple[str, ...]) -> list[str]:
    """Available sizes with as many cores, those most alike in name first."""
    wanted = capability(listed.get(size.lower(), {}), "vCPUs") or "".join(
        filter(str.isdigit, size.removeprefix("Standard_").split("_")[0])
    )
    fitting = [
        as_text(one.get("name"))
        for one in listed.values()
        if capability(one, "vCPUs") == wanted
        and as_text(one.get("name")).lower() != size.lower()
        and capability(one, "CpuArchitectureType") != "Arm64"
        and not size_problem(one, zones)
        and not as_text(one.get("name")).startswith(("Standard_B", "Basic_", "Standard_N"))
    ]
    return sorted(fitting, key=lambda name: (-common(name, size), name))


def common(one: str, other: str) -> int:
    """Number of characters that two names begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def other_families(subject: Subject, line: Line) -> Iterator[WayOut]:
    """Sizes of families that have enough cores left for all pools of the family of a line. Raises NotVisible."""
    listed = vm_sizes(subject.arm.every(machine_sizes(line.subscription, line.region)))
    request = usages(COMPUTE, line.subscription, line.region)
    used = usage_of(subject.arm.every(request))
    pools = [
        one
        for one in machines(subject.bodies)
        if (one.subscription, one.region) == (line.subscription, line.region)
        and _family(listed, one.size) == line.limit.lower()
    ]
    found: dict[str, dict[str, str]] = {}
    for pool in pools:
        for name in alike(pool.size, listed, pool.zones):
            found.setdefault(_family(listed, name), {}).setdefault(size_key(subject, pool), name)
    keys = {size_key(subject, pool) for pool in pools}
    offered = 0
    for family, sizes in found.items():
        usage = used.get(family)
        free = free_of(usage) if usage else None
        if (
            usage is None
            or subject.arm.assumed(request, *names_of(usage))  # nothing is known of its limit
            or family == line.limit.lower()
            or set(sizes) != keys
            or (free is not None and free < line.wanted)
        ):
            continue
        if offered < _MAX_FAMILIES:
            offered += 1
            names = ", ".join(dict.fromkeys(sizes.values()))
            yield WayOut(
                f"use {names}, whose family has {'no limit' if free is None else f'{free} cores left'}",
                tuple(sizes.items()),
            )


def _family(listed: Mapping[str, Mapping[str, Json]], size: str) -> str:
    return as_text(listed.get(size.lower(), {}).get("family")).lower()
