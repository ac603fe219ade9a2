"""Pictures beside questions, in text: the address plan while one types, what the sizes come to."""

from collections.abc import Callable, Mapping

from screens.signs import cut, sign

Preset = Mapping[str, str | int | bool]
Draw = Callable[[Mapping[str, object], int], str]


def address_plan(view: Mapping[str, object], width: int) -> str:
    """A bar for every network, its subnets in it, and how much is spare."""
    from installer.addressing import AddressError, plan

    space, environments, runtime = (
        view.get("network.address_space"),
        view.get("subscription.environments"),
        view.get("platform.runtime"),
    )
    if not (isinstance(space, str) and isinstance(environments, list) and environments):
        return "The plan is drawn here when the address space is accepted."
    try:
        found = plan(space, environments, str(runtime))
    except AddressError as error:
        return f"No plan: for example {error.example} would do."
    lines = []
    for network in found.networks:
        parts = [f"{subnet.name} /{subnet.prefix.partition('/')[2]}" for subnet in network.subnets]
        spare = f"spare {int(network.spare * 100)}%"
        bar = f"{sign('bar')} ".join(f"{part} " for part in parts)
        lines.append(
            f"{network.name:<5}{network.prefix:<17}" + cut(f"{sign('bar')}{bar}{sign('bar')} {spare}", width - 22)
        )
    return "\n".join(lines)


def sizes(view: Mapping[str, object], _width: int) -> str:
    """The presets side by side; the chosen one is marked."""
    from installer.sizing import PRESETS

    chosen = view.get("sizing.preset")
    rows: dict[str, Callable[[Preset], str]] = {
        "Workers": lambda p: f"{p['worker_nodes']} x {_sku(p['node_size'])}",
        "PostgreSQL": lambda p: (
            f"{_sku(p['postgres_size'])}, {p['postgres_storage_gb']} GB" + (", HA" if p["postgres_ha"] else "")
        ),
        "Storage": lambda p: _sku(p["storage_redundancy"]),
        "Web app": lambda p: str(p["web_size"]),
    }
    heads = "".join(
        f"{(sign('running') + ' ' if name == chosen else '  ') + name.capitalize():<19}" for name in PRESETS
    )
    lines = [f"{'':<12}{heads}".rstrip()]
    for title, tell in rows.items():
        lines.append(f"{title:<12}" + "".join(f"  {tell(values):<17}" for values in PRESETS.values()).rstrip())
    return "\n".join(lines)


def _sku(name: object) -> str:
    return str(name).removeprefix("Standard_").replace("_v5", "v5")


_DRAWINGS: dict[str, Draw] = {"network.address_space": address_plan, "sizing.preset": sizes}


def drawing_of(key: str) -> Draw | None:
    """The picture that belongs to a question, if one does."""
    return _DRAWINGS.get(key)
