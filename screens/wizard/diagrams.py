"""Text diagrams and derived facts for questions: the address plan, the sizing presets, core counts."""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_network
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from screens.base.glyphs import glyph

if TYPE_CHECKING:
    from installer.conventions.addressing import Network

View = Mapping[str, object]
Preset = Mapping[str, str | int | bool]
Draw = Callable[[View, int], str]
Fact = Callable[[View], str]
FILLS: Final = ("█", "▓", "▒", "░", "■", "▚", "▞")
"""Different without colour: a network has at most seven subnets."""
TITLE_CELLS, SIZE_CELLS = 12, 16
"""Columns of the table of sizes: all of it fits beside the help of a terminal of 120 columns."""


def address_plan(view: View, width: int) -> str:
    """The networks in proportion, with their subnets and what is spare."""
    from installer.conventions.address_ranges import AddressError
    from installer.conventions.addressing import plan

    space, environments = view.get("network.address_space"), view.get("subscription.environments")
    if not (isinstance(space, str) and isinstance(environments, list) and environments):
        return "The address plan appears here once the address space is valid."
    try:
        found = plan(space, {str(name): _kinds(view, str(name)) for name in environments})
    except AddressError as error:
        return f"No valid plan; for example {error.example} works."
    largest = max(_addresses(network.prefix) for network in found.networks)
    return "\n".join(line for network in found.networks for line in _network_lines(network, largest, width))


def _network_lines(network: "Network", largest: int, width: int) -> Iterator[str]:
    """A network in proportion: its bar, a fill for each subnet, and below it what the fills are.

    Bars are as long as the network is large, the subnets in them as well; the smallest still have a cell.
    """
    size = _addresses(network.prefix)
    head = f"{network.name:<5}{network.prefix:<19}"
    spare = f" {int(network.spare * 100):>3}% spare"
    room = max(width - len(head) - len(spare), len(network.subnets) + 1)
    cells_of = max(round(room * size / largest), len(network.subnets) + 1)
    fills = [FILLS[index % len(FILLS)] for index in range(len(network.subnets))]
    lengths = [max(1, round(cells_of * _addresses(subnet.prefix) / size)) for subnet in network.subnets]
    while sum(lengths) > cells_of:  # those that were enlarged to a cell take it from the largest one
        lengths[lengths.index(max(lengths))] -= 1
    bar = "".join(fill * length for fill, length in zip(fills, lengths, strict=True))
    yield f"{head}{bar}{glyph('empty') * (cells_of - sum(lengths))}".ljust(len(head) + room) + spare
    line = ""
    for fill, subnet in zip(fills, network.subnets, strict=True):
        part = f"{fill} {subnet.name} /{subnet.prefix.partition('/')[2]}"
        if line and len(head) + len(line) + 3 + len(part) > width:
            yield f"{'':<{len(head)}}{line}"
            line = ""
        line = f"{line}   {part}" if line else part
    yield f"{'':<{len(head)}}{line}"


def _addresses(prefix: str) -> int:
    return ip_network(prefix).num_addresses


def _kinds(view: View, environment: str) -> set[str]:
    """Runtimes of an environment, which determine its subnets."""
    differ = view.get("subscription.differ")
    own = view.get(f"{environment}.runtime") if isinstance(differ, list) and environment in differ else "same"
    runtime = str(view.get("platform.runtime") if own in (None, "same") else own)
    return {runtime, "container_apps"} if view.get("platform.control_plane") == "container_app" else {runtime}


def sizes(view: View, _width: int) -> str:
    """The presets side by side, with a mark on the chosen one."""
    from installer.conventions.sizing import PRESETS

    chosen = view.get("sizing.preset")
    rows: dict[str, Callable[[Preset], str]] = {
        "Workers": lambda p: f"{p['worker_nodes']} x {_sku(p['node_size'])}",
        "PostgreSQL": lambda p: (
            f"{_sku(p['postgres_size'])}, {p['postgres_storage_gb']} GB" + (", HA" if p["postgres_ha"] else "")
        ),
        "Storage": lambda p: _sku(p["storage_redundancy"]),
        "Web app": lambda p: str(p["web_size"]),
    }
    if view.get("platform.runtime") == "aks":
        environments = _count(view.get("subscription.environments"))
        rows["VM cores"] = lambda p: str(
            _cores(str(p["node_size"]), int(p["worker_nodes"]), environments, zones=p["postgres_ha"] is True)
        )
    heads = "".join(
        f"{(glyph('running') + ' ' if name == chosen else '  ') + name.capitalize():<{SIZE_CELLS}}" for name in PRESETS
    )
    lines = [f"{'':<{TITLE_CELLS}}{heads}".rstrip()]
    for title, text in rows.items():
        lines.append(
            f"{title:<{TITLE_CELLS}}"
            + "".join(f"  {text(values):<{SIZE_CELLS - 2}}" for values in PRESETS.values()).rstrip()
        )
    return "\n".join(lines)


def cost_row(title: str, totals: Callable[[tuple[str, ...]], list[str]]) -> str:
    """The last line of the table of sizes: the cost of each in a month."""
    from installer.conventions.sizing import PRESETS

    figures = totals(tuple(PRESETS))
    return f"{title:<{TITLE_CELLS}}" + "".join(f"  {figure:<{SIZE_CELLS - 2}}" for figure in figures).rstrip()


def _sku(name: object) -> str:
    return str(name).removeprefix("Standard_").replace("_v5", "v5")


def _cores(node_size: str, workers: int, environments: int, *, zones: bool, system_size: str = "") -> int:
    """Cores of all Kubernetes nodes, including the system node pools."""
    from installer.conventions.sizing import SYSTEM_NODE_SIZE, cores, system_nodes

    system = system_nodes(zone_redundant=zones) * cores(system_size or SYSTEM_NODE_SIZE)
    return environments * (workers * cores(node_size) + system)


def _count(environments: object) -> int:
    return len(environments) if isinstance(environments, list) else 1


def addresses(view: View) -> str:
    """Number of addresses in the space and of the networks that share it."""
    import ipaddress

    try:
        space = ipaddress.IPv4Network(str(view.get("network.address_space")), strict=False)
    except ValueError:
        return ""
    spokes = _count(view.get("subscription.environments"))
    return f"{space.num_addresses:,} addresses for the hub and {counted(spokes, 'spoke')}"


def cores_used(view: View) -> str:
    """Cores that count against the quota of the subscription."""
    size, workers = view.get("sizing.node_size"), view.get("sizing.worker_nodes")
    if view.get("platform.runtime") != "aks" or not isinstance(size, str) or not isinstance(workers, int):
        return ""
    environments = _count(view.get("subscription.environments"))
    each = "" if environments == 1 else f" in {environments} environments"
    zones = view.get("platform.zones")
    redundant = view.get("sizing.postgres_ha") is True if zones == "same" else zones == "all"
    system = str(view.get("sizing.system_node_size") or "")
    total = _cores(size, workers, environments, zones=redundant, system_size=system)
    return f"{total} VM cores{each}, including system nodes"


_DRAWINGS: dict[str, Draw] = {"network.address_space": address_plan, "sizing.preset": sizes}
_FACTS: dict[str, Fact] = {"network.address_space": addresses, "sizing.worker_nodes": cores_used}


def drawing_of(key: str) -> Draw | None:
    """The diagram of a question, if it has one."""
    return _DRAWINGS.get(key)


def fact_of(key: str, view: View) -> str:
    """A short fact derived from the answer to a question, "" if there is none."""
    fact = _FACTS.get(key)
    return fact(view) if fact else ""
