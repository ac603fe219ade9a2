"""Draws how long each step of a run took, as SVG: a bar per step from its start to its end, with its longest resources. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from installer.durations import clock
from installer.engine.progress import Progress
from installer.engine.progress_rows import Row, StepRow
from installer.sanitize import printable

WIDTH: Final = 1200
NAMES: Final = 380
"""Room for the names at the left."""
TIMES: Final = 80
"""Room for the durations at the right."""
ROW: Final = 20
TOP: Final = 40
CHARACTER: Final = 6.9
LONGEST: Final = 3
"""Resources shown below a step."""
MAX_TICKS: Final = 8
TICKS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
"""Seconds between two marks of the time axis."""
STYLE: Final = """
text { font-family: system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif; font-size: 12px; fill: #1f2328; }
.quiet { fill: #59636e; } .paper { fill: #ffffff; } .step { fill: #0969da; } .resource { fill: #8c959f; } .failed { fill: #cf222e; }
.waited { fill: #9a6700; } .line { stroke: #d1d9e0; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .quiet { fill: #9198a1; } .paper { fill: #0d1117; } .step { fill: #4493f8; } .resource { fill: #656c76; }
.failed { fill: #f85149; } .waited { fill: #d29922; } .line { stroke: #3d444d; }
}
"""


@dataclass(frozen=True)
class _Bar:
    """A row of the drawing; times in seconds from the start of the run."""

    name: str
    style: str
    begin: float
    end: float
    waited: float = 0.0


def timeline(progress: Progress) -> str:
    """The newest attempt of a run as an SVG element; "" if no step of it has begun."""
    bars = tuple(_bars(progress))
    if not bars:
        return ""
    whole = max(1.0, *(bar.end for bar in bars))
    height = TOP + ROW * len(bars) + 12
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "viewBox": f"0 0 {WIDTH} {height}"})
    ET.SubElement(root, "title").text = "Timeline of the run"
    ET.SubElement(root, "style").text = STYLE
    ET.SubElement(root, "rect", {"class": "paper", "width": "100%", "height": "100%"})
    scale = (WIDTH - NAMES - TIMES) / whole
    _axis(root, whole, scale, height)
    for at, bar in enumerate(bars):
        _draw(root, bar, TOP + ROW * at, scale)
    return ET.tostring(root, encoding="unicode")


def _bars(progress: Progress) -> Iterator[_Bar]:
    """The steps in the order of their start, each with the resources that took longest."""
    begun = sorted((row for row in progress.steps.values() if row.began and row.state != "same"), key=_began)
    start = min((row.began for row in begun), default=0.0)
    for step in begun:
        yield _bar(step, step.title, start, _style(step, "step"))
        for row in _longest(step):
            yield _bar(row, f"    {row.title}", start, _style(row, "resource"))


def _longest(step: StepRow) -> Sequence[Row]:
    timed = sorted((row for row in step.resources.values() if row.ended > row.began), key=_took, reverse=True)
    return sorted(timed[:LONGEST], key=_began)


def _began(row: Row) -> float:
    return row.began


def _took(row: Row) -> float:
    return row.ended - row.began


def _style(row: Row, usual: str) -> str:
    return "failed" if row.state == "failed" else usual


def _bar(row: Row, name: str, start: float, style: str) -> _Bar:
    return _Bar(name, style, row.began - start, max(row.ended, row.began) - start, row.waited)


def _axis(root: ET.Element, whole: float, scale: float, height: float) -> None:
    step = next((one for one in TICKS if whole / one <= MAX_TICKS), TICKS[-1])
    for at in range(int(whole // step) + 1):
        x = f"{NAMES + at * step * scale:g}"
        ET.SubElement(root, "line", {"class": "line", "x1": x, "x2": x, "y1": str(TOP - 8), "y2": f"{height - 6:g}"})
        mark = ET.SubElement(root, "text", {"class": "quiet", "x": x, "y": str(TOP - 14), "text-anchor": "middle"})
        mark.text = clock(at * step)


def _draw(root: ET.Element, bar: _Bar, y: float, scale: float) -> None:
    indent = 20 if bar.style == "resource" or bar.name.startswith(" ") else 0
    words, most = printable(bar.name.strip()), int((NAMES - indent - 12) / CHARACTER)
    name = ET.SubElement(
        root, "text", {"class": "quiet" if indent else "plain", "x": f"{4 + indent}", "y": f"{y + 14:g}"}
    )
    name.text = words if len(words) <= most else f"{words[: most - 1]}…"
    if name.text != words:
        ET.SubElement(name, "title").text = words
    x, width = NAMES + bar.begin * scale, max((bar.end - bar.begin) * scale, 1.5)
    shape = {"x": f"{x:.1f}", "y": f"{y + 4:g}", "height": "12", "rx": "2"}
    drawn = ET.SubElement(root, "rect", {**shape, "class": bar.style, "width": f"{width:.1f}"})
    ET.SubElement(drawn, "title").text = f"{words}: {clock(bar.end - bar.begin)}"
    if bar.waited:
        waited = ET.SubElement(root, "rect", {**shape, "class": "waited", "width": f"{bar.waited * scale:.1f}"})
        ET.SubElement(waited, "title").text = f"waited for a person: {clock(bar.waited)}"
    took = ET.SubElement(root, "text", {"class": "quiet", "x": f"{x + width + 6:.1f}", "y": f"{y + 14:g}"})
    took.text = clock(bar.end - bar.begin)
