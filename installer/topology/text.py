"""Draws the picture of an installation in cells: boxes for a terminal, and an outline of plain lines for screen readers."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

from installer.sanitize import printable
from installer.topology.model import Entry, Identity, Item, Network, Subnet, Topology

MIN_WIDTH: Final = 44
"""Cells of a box that shows the names of an installation."""
IDENTITY_WIDTH: Final = 66
"""Cells of a column of identities, whose lines are longer."""
GAP: Final = 2
INSIDE: Final = "■"
ENDPOINT: Final = "○"
LEGEND: Final = f"{INSIDE} in the subnet, {ENDPOINT} reached by a private endpoint in it"
PRIVATE: Final = "No way in from the internet: users reach FlowForge from the networks."


def drawing(found: Topology, width: int) -> str:
    """The picture, at most `width` cells wide: ways in, spokes beside each other, the hub below them, identities."""
    width = max(width, MIN_WIDTH)
    lines = [*_ways_in(found.entries, width)]
    columns = _even(len(found.spokes), (width + GAP) // (MIN_WIDTH + GAP))
    rows = [found.spokes[at : at + columns] for at in range(0, len(found.spokes), columns)]
    for row in rows:
        room = (width - GAP * (columns - 1)) // columns
        joined = row is rows[-1] and bool(found.hubs)
        parts = [list(_parts(one)) for one in row]
        height = max(map(len, parts))
        boxes = [_spoke(one, part, height, room, joined=joined) for one, part in zip(row, parts, strict=True)]
        lines += _beside(boxes, room)
        if joined:
            lines.append(_line([_middle("│ peering" if one.peers else "", room) for one in row]))
    for hub in found.hubs:
        lines += _box(hub.title, list(_parts(hub)), width)
    if found.networks:
        lines += [_cut(LEGEND, width), ""]
    if found.public:
        lines += [*_box("public endpoints", [f"{one.name} ({one.kind})" for one in found.public], width), ""]
    return "\n".join([*lines, *_identities(found, width)])


def outline(found: Topology) -> Iterator[str]:
    """The same as lines without a drawing."""
    return map(printable, _outline(found))


def _outline(found: Topology) -> Iterator[str]:
    yield "Topology"
    if not found.entries:
        yield f"  {PRIVATE}"
    for one in found.entries:
        for way in one.ways:
            yield f"  Internet to {_entry(one)}{f', {way.host},' if way.host else ''} to {way.target}"
    for network in found.networks:
        peers = f"; peered with {', '.join(network.peers)}" if network.peers else ""
        yield f"  Network {network.title}{peers}{f'; egress by {network.egress}' if network.egress else ''}"
        for subnet in network.subnets:
            inside = [f"{one.name} ({one.kind})" for one in subnet.items if not one.endpoint]
            behind = [f"{one.name} ({one.kind})" for one in subnet.items if one.endpoint]
            private = [f"private endpoints of {', '.join(behind)}"] if behind else []
            yield f"    Subnet {_subnet(subnet)}: {', '.join([*inside, *private]) or 'empty'}"
    for item in found.public:
        yield f"  Public endpoint: {item.name} ({item.kind})"
    for who in found.identities:
        yield f"  {who.name}{_used(who)}"
        for grant in who.grants:
            yield f"    has {', '.join(grant.roles)} on {grant.target}"


# -- parts -----------------------------------------------------------------------------------------------------------


def _ways_in(entries: Sequence[Entry], width: int) -> Iterator[str]:
    if not entries:
        yield _cut(PRIVATE, width)
    for one in entries:
        yield _cut(f"Internet ──▶ {_entry(one)}", width)
        for number, way in enumerate(one.ways):
            joint = "└" if number == len(one.ways) - 1 else "├"
            target = f"{way.environment} {way.target}" if way.target != one.name else way.environment
            yield _cut(f"   {joint}─ {f'{way.host} ' if way.host else ''}──▶ {target}", width)
    yield ""


def _entry(entry: Entry) -> str:
    return f"{entry.kind} {entry.name}"


def _subnet(subnet: Subnet) -> str:
    return f"{subnet.name} {subnet.prefix}".rstrip()


def _spoke(one: Network, parts: Sequence[str], height: int, width: int, *, joined: bool) -> list[str]:
    """The box of a spoke: as high as its neighbours, and with a line to the hub if that is below it, else with its name."""
    lines = [*parts, *[""] * (height - len(parts))]
    foot = f"peered with {', '.join(one.peers)}" if one.peers and not joined else ""
    return _box(one.title, lines, width, foot, joined=joined and bool(one.peers))


def _parts(one: Network) -> Iterator[str]:
    """Subnets with what is in them, and the way out."""
    for subnet in one.subnets:
        yield _subnet(subnet)
        yield from _items(subnet.items)
    if one.egress:
        yield f"egress ──▶ {one.egress}"


def _items(items: Sequence[Item]) -> Iterator[str]:
    for one in items:
        yield f"  {ENDPOINT if one.endpoint else INSIDE} {one.name} ({one.kind})"


def _identities(found: Topology, width: int) -> Iterator[str]:
    """Identities by environment, their roles as arrows; environments beside each other if there is room."""
    if not found.identities:
        return
    yield "Identities and their roles"
    blocks = [
        [line for who in found.identities if who.environment == name for line in _identity(who)]
        for name in found.environments
    ]
    columns = _even(len(blocks), (width + GAP) // (IDENTITY_WIDTH + GAP))
    room = (width - GAP * (columns - 1)) // columns
    for at in range(0, len(blocks), columns):
        yield ""
        yield from _beside([[_cut(line, room) for line in block] for block in blocks[at : at + columns]], room)


def _identity(who: Identity) -> Iterator[str]:
    yield who.name
    if who.used_by:
        yield f"  used by {', '.join(who.used_by)}"
    for grant in who.grants:
        yield f"  ──▶ {grant.target}: {', '.join(grant.roles)}"


def _used(who: Identity) -> str:
    return f", used by {', '.join(who.used_by)}" if who.used_by else ""


# -- cells -----------------------------------------------------------------------------------------------------------


def _even(count: int, most: int) -> int:
    """Columns for a number of boxes: as few rows as possible, equally long."""
    rows = -(-count // max(most, 1))
    return -(-count // rows) if rows else 1


def _cut(text: str, width: int) -> str:
    text = printable(text)
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 0)).rstrip()}…"


def _box(title: str, lines: Sequence[str], width: int, foot: str = "", *, joined: bool = False) -> list[str]:
    """A box; its title is in the upper border, the foot in the lower one. `joined`: a line leaves it in the middle."""
    room = width - 4
    head = f"─ {_cut(title, room - 2)} "
    found = [f"┌{head}{'─' * (width - 2 - cell_len(head))}┐"]
    found += [f"│ {set_cell_size(_cut(line, room), room)} │" for line in lines]
    below = f"─ {_cut(foot, room - 2)} " if foot else ""
    edge = f"{below}{'─' * (width - 2 - cell_len(below))}"
    middle = width // 2 - 1
    return [*found, f"└{edge[:middle]}┬{edge[middle + 1 :]}┘" if joined else f"└{edge}┘"]


def _beside(blocks: Sequence[Sequence[str]], width: int) -> list[str]:
    """Blocks of lines beside each other, each `width` cells wide."""
    rows = max(len(block) for block in blocks)
    return [
        _line([set_cell_size(block[at], width) if at < len(block) else " " * width for block in blocks])
        for at in range(rows)
    ]


def _middle(text: str, width: int) -> str:
    return set_cell_size(f"{' ' * (width // 2)}{text}", width)


def _line(parts: Sequence[str]) -> str:
    return (" " * GAP).join(parts).rstrip()
