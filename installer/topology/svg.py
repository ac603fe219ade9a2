"""Draws the picture of an installation as SVG, for the report and documents: one file without outside links, light and dark.

From the top: ways in, the spokes beside each other, the hub with the peerings, public endpoints, and for each environment its
identities with an arrow to every resource on which they have roles. Every shape has its full text as a tooltip.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from installer.sanitize import printable
from installer.topology.model import Entry, Identity, Item, Network, Topology
from installer.topology.text import ENDPOINT, INSIDE, LEGEND, PRIVATE

WIDTH: Final = 1200
MARGIN: Final = 24
GAP: Final = 20
ROW: Final = 20
"""Height of a line of text."""
CHARACTER: Final = 6.9
"""Average width of a character of the font; a longer text is cut, its tooltip has all of it."""
MAX_COLUMNS: Final = 4
COLOURS: Final = ("#0969da", "#8250df", "#bf3989", "#9a6700", "#1a7f37", "#cf222e", "#0a7ea4", "#7d8590")
"""Of arrows: each has a contrast of at least 3 to the light and the dark background."""
STYLE: Final = """
text { font-family: system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif; font-size: 13px; fill: #1f2328; }
.head { font-weight: 600; } .title { font-size: 18px; font-weight: 600; } .quiet { fill: #59636e; }
.paper { fill: #ffffff; } .box { fill: #f6f8fa; stroke: #8c959f; } .card { fill: #ffffff; stroke: #d1d9e0; }
.entry { fill: #ddf4ff; stroke: #0969da; } .line { stroke: #59636e; fill: none; stroke-width: 1.5; } .tip { fill: #59636e; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .quiet { fill: #9198a1; } .paper { fill: #0d1117; } .box { fill: #151b23; stroke: #656c76; }
.card { fill: #0d1117; stroke: #3d444d; } .entry { fill: #0c2d4d; stroke: #4493f8; } .line { stroke: #9198a1; } .tip { fill: #9198a1; }
}
"""


@dataclass
class _Sheet:
    """The drawing so far; `y` is where the next part begins."""

    root: ET.Element
    y: float = MARGIN

    def add(self, tag: str, **values: str | float) -> ET.Element:
        """A shape; underscores in the names of attributes mean hyphens."""
        named = {name.rstrip("_").replace("_", "-"): _number(value) for name, value in values.items()}
        return ET.SubElement(self.root, tag, named)

    def text(self, x: float, y: float, words: str, room: float, style: str = "", *, anchor: str = "start") -> None:
        """A line of text, cut to its room."""
        words, most = printable(words), max(int(room / CHARACTER), 2)
        found = self.add("text", x=x, y=y, class_=style or "plain", text_anchor=anchor)
        found.text = words if len(words) <= most else f"{words[: most - 1]}…"
        if found.text != words:
            ET.SubElement(found, "title").text = words

    def box(self, x: float, y: float, width: float, height: float, style: str) -> None:
        """A rectangle."""
        self.add("rect", x=x, y=y, width=width, height=height, rx=6, class_=style)

    def arrow(self, start: tuple[float, float], end: tuple[float, float], colour: str = "", why: str = "") -> None:
        """A curve with a tip at its end; from left to right if it has a colour, else from top to bottom."""
        (x, y), (to_x, to_y) = start, end
        if colour:
            middle = (x + to_x) / 2
            path = f"M{x:g} {y:g} C{middle:g} {y:g} {middle:g} {to_y:g} {to_x - 8:g} {to_y:g}"
            line = self.add("path", d=path, fill="none", stroke=colour, stroke_width=1.3)
            points = f"{to_x:g},{to_y:g} {to_x - 9:g},{to_y - 4:g} {to_x - 9:g},{to_y + 4:g}"
            self.add("polygon", points=points, fill=colour)
        else:
            middle = (y + to_y) / 2
            path = f"M{x:g} {y:g} C{x:g} {middle:g} {to_x:g} {middle:g} {to_x:g} {to_y - 8:g}"
            line = self.add("path", d=path, class_="line")
            points = f"{to_x:g},{to_y:g} {to_x - 4:g},{to_y - 9:g} {to_x + 4:g},{to_y - 9:g}"
            self.add("polygon", points=points, class_="tip")
        if why:
            ET.SubElement(line, "title").text = printable(why)


def as_svg(found: Topology) -> str:
    """The picture as an SVG document."""
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "width": str(WIDTH)})
    ET.SubElement(root, "title").text = f"Topology of FlowForge {found.name}"
    ET.SubElement(root, "style").text = STYLE
    sheet = _Sheet(root)
    paper = sheet.add("rect", class_="paper", width="100%", height="100%")
    sheet.text(MARGIN, sheet.y + 16, f"FlowForge {found.name}", WIDTH / 2, "title")
    sheet.text(WIDTH - MARGIN, sheet.y + 16, LEGEND, WIDTH / 2, "quiet", anchor="end")
    sheet.y += 40
    places = _columns(found.spokes)
    _ways_in(sheet, found, places)
    _spokes(sheet, found, places)
    for hub in found.hubs:
        _network(sheet, hub, MARGIN, WIDTH - 2 * MARGIN, _height(hub))
        sheet.y += _height(hub) + GAP
    if found.public:
        _public(sheet, found.public)
    for environment in found.environments:
        _identities(sheet, environment, [one for one in found.identities if one.environment == environment])
    paper.set("height", _number(sheet.y))
    root.set("height", _number(sheet.y))
    root.set("viewBox", f"0 0 {WIDTH} {_number(sheet.y)}")
    return f"{ET.tostring(root, encoding='unicode')}\n"


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _columns(spokes: Sequence[Network]) -> dict[str, tuple[float, float]]:
    """Left edge and width of the box of each environment."""
    columns = max(min(len(spokes), MAX_COLUMNS), 1)
    width = (WIDTH - 2 * MARGIN - GAP * (columns - 1)) / columns
    return {one.environment: (MARGIN + at * (width + GAP), width) for at, one in enumerate(spokes)}


# -- networks --------------------------------------------------------------------------------------------------------


def _ways_in(sheet: _Sheet, found: Topology, places: dict[str, tuple[float, float]]) -> None:
    """The internet, what answers there, and an arrow to each environment."""
    top = sheet.y
    if not found.entries:
        sheet.text(MARGIN, top + 14, PRIVATE, WIDTH - 2 * MARGIN, "quiet")
        sheet.y += 34
        return
    sheet.box(WIDTH / 2 - 60, top, 120, 30, "box")
    sheet.text(WIDTH / 2, top + 19, "Internet", 110, "head", anchor="middle")
    count = len(found.entries)
    width = (WIDTH - 2 * MARGIN - GAP * (count - 1)) / count
    below = top + 30 + 40
    height = 30 + ROW * max(len(one.ways) for one in found.entries)
    for at, one in enumerate(found.entries):
        left = MARGIN + at * (width + GAP)
        _entry(sheet, one, (left, below), (width, height))
        sheet.arrow((WIDTH / 2, top + 30), (left + width / 2, below), why=f"Internet to {one.kind} {one.name}")
        for way in one.ways:
            if way.environment in places:
                x, room = places[way.environment]
                start = min(max(x + room / 2, left + 10), left + width - 10)
                sheet.arrow(
                    (start, below + height), (x + room / 2, below + height + 46), why=f"{way.host} to {way.target}"
                )
    sheet.y = below + height + (46 if places else GAP)


def _entry(sheet: _Sheet, one: Entry, corner: tuple[float, float], size: tuple[float, float]) -> None:
    (x, y), (width, height) = corner, size
    sheet.box(x, y, width, height, "entry")
    sheet.text(x + 10, y + 19, f"{one.kind} {one.name}", width - 20, "head")
    for at, way in enumerate(one.ways):
        words = f"{way.host or 'its own host name'} → {way.target}"
        sheet.text(x + 10, y + 19 + ROW * (at + 1), words, width - 20)


def _spokes(sheet: _Sheet, found: Topology, places: dict[str, tuple[float, float]]) -> None:
    if not found.spokes:
        return
    height = max(map(_height, found.spokes))
    for one in found.spokes:
        x, width = places[one.environment]
        _network(sheet, one, x, width, height)
        if one.peers and found.hubs:
            middle, bottom = x + width / 2, sheet.y + height
            sheet.add("path", d=f"M{middle:g} {bottom:g} L{middle:g} {bottom + 44:g}", class_="line")
            sheet.text(middle + 8, bottom + 27, "peering", width / 2 - 10, "quiet")
    sheet.y += height + (44 if found.hubs else GAP)


def _height(one: Network) -> float:
    lines = sum(1 + len(subnet.items) for subnet in one.subnets) + (1 if one.egress else 0)
    return 34 + ROW * lines + 16 * len(one.subnets) + 8


def _network(sheet: _Sheet, one: Network, x: float, width: float, height: float) -> None:
    """A network with a card for each subnet."""
    sheet.box(x, sheet.y, width, height, "box")
    sheet.text(x + 12, sheet.y + 21, one.title, width - 24, "head")
    y = sheet.y + 34
    for subnet in one.subnets:
        sheet.box(x + 10, y, width - 20, ROW * (1 + len(subnet.items)) + 10, "card")
        sheet.text(x + 20, y + 19, f"{subnet.name} {subnet.prefix}".rstrip(), width - 40, "quiet")
        for at, item in enumerate(subnet.items, 1):
            sheet.text(x + 20, y + 19 + ROW * at, _words(item), width - 40)
        y += ROW * (1 + len(subnet.items)) + 16
    if one.egress:
        sheet.text(x + 20, y + 15, f"egress → {one.egress}", width - 40)


def _words(item: Item) -> str:
    return f"{ENDPOINT if item.endpoint else INSIDE} {item.name} ({item.kind})"


def _public(sheet: _Sheet, items: Sequence[Item]) -> None:
    height = 34 + ROW * len(items)
    sheet.box(MARGIN, sheet.y, WIDTH - 2 * MARGIN, height, "box")
    sheet.text(MARGIN + 12, sheet.y + 21, "Public endpoints", 400, "head")
    for at, item in enumerate(items):
        sheet.text(MARGIN + 20, sheet.y + 42 + ROW * at, f"{item.name} ({item.kind})", WIDTH - 2 * MARGIN - 40)
    sheet.y += height + GAP


# -- identities ------------------------------------------------------------------------------------------------------


def _identities(sheet: _Sheet, environment: str, found: Sequence[Identity]) -> None:
    """Identities at the left, resources at the right, an arrow for each pair, the roles beside the resource."""
    targets = dict.fromkeys(grant.target for one in found for grant in one.grants)
    step = 46
    height = 44 + step * max(len(found), len(targets))
    sheet.box(MARGIN, sheet.y, WIDTH - 2 * MARGIN, height, "box")
    heading = f"Identities and their roles{f' · {environment}' if environment else ''}"
    sheet.text(MARGIN + 12, sheet.y + 21, heading, 600, "head")
    width, right = 400.0, WIDTH - MARGIN - 16 - 460.0
    rows = {target: sheet.y + 36 + step * at for at, target in enumerate(targets)}
    for at, one in enumerate(found):
        y = sheet.y + 36 + step * at * (max(len(targets), len(found)) / len(found))
        colour = COLOURS[at % len(COLOURS)]
        sheet.box(MARGIN + 16, y, width, 40, "card")
        sheet.add("rect", x=MARGIN + 16, y=y, width=5, height=40, fill=colour)
        sheet.text(MARGIN + 30, y + 17, one.name, width - 24)
        sheet.text(MARGIN + 30, y + 33, f"used by {', '.join(one.used_by)}" if one.used_by else "", width - 24, "quiet")
        for grant in one.grants:
            why = f"{one.name}: {', '.join(grant.roles)} on {grant.target}"
            sheet.arrow((MARGIN + 16 + width, y + 20), (right, rows[grant.target] + 20), colour, why)
    for target, y in rows.items():
        roles = dict.fromkeys(
            role for one in found for grant in one.grants if grant.target == target for role in grant.roles
        )
        sheet.box(right, y, 460, 40, "card")
        sheet.text(right + 12, y + 17, target, 440)
        sheet.text(right + 12, y + 33, ", ".join(roles), 440, "quiet")
    sheet.y += height + GAP
