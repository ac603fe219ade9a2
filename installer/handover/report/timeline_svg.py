"""Draws the timeline of a run as SVG, for its report: a bar for each step, and the chain that determined the duration.

One picture without outside links and scripts, in the colours of the topology; every bar has its figures as a tooltip.
"""

from typing import Final
from xml.etree import ElementTree as ET

from installer.durations import clock
from installer.engine.critical_chain import critical_chain
from installer.engine.progress import Progress
from installer.engine.progress_rows import State, StepRow
from installer.sanitize import printable

WIDTH: Final = 1000
TITLE_WIDTH: Final = 340
TIME_WIDTH: Final = 90
ROW: Final = 24
HEAD: Final = 34
MAX_TITLE: Final = 44
"""Characters of a title beside its bar; the tooltip has all of it."""
CRITICAL: Final = "◀"
"""Beside the durations of the critical path, for those who do not see its colour."""
MIN_BAR: Final = 2.0
"""Width of the shortest bar, so that every step is seen."""
SIGNS: Final[dict[State, str]] = {"done": "✓", "same": "✓", "failed": "✗", "blocked": "–", "stopped": "–"}  # noqa: RUF001  the signs of the screens
STYLE: Final = """
text { font-family: system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif; font-size: 13px; fill: #1f2328; }
.quiet { fill: #59636e; } .paper { fill: #ffffff; } .grid { stroke: #d1d9e0; }
.bar { fill: #8c959f; } .critical { fill: #0969da; } .failed { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .quiet { fill: #9198a1; } .paper { fill: #0d1117; } .grid { stroke: #3d444d; }
.bar { fill: #7d8590; } .critical { fill: #4493f8; } .failed { fill: #f85149; }
}
"""


def timeline_svg(progress: Progress, name: str) -> str:
    """The timeline of the last attempt of a run."""
    steps = list(progress.steps.values())
    height = HEAD + ROW * (len(steps) + 1) + 8
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "role": "img",
            "width": str(WIDTH),
            "height": str(height),
            "viewBox": f"0 0 {WIDTH} {height}",
        },
    )
    ET.SubElement(root, "title").text = printable(f"Timeline of run {name}")
    ET.SubElement(root, "style").text = STYLE
    ET.SubElement(root, "rect", {"class": "paper", "width": "100%", "height": "100%"})
    whole = max((progress.ended or progress.last_heard) - progress.began, 1.0)
    _scale(root, whole, height)
    chain = critical_chain(progress)
    for number, step in enumerate(steps):
        _row(root, step, HEAD + ROW * number, (progress.began, whole), critical=step.key in chain)
    words = (
        f"The {len(chain)} steps with {CRITICAL} determined the duration: each began when the one before it had ended."
    )
    _text(root, 8, height - 12, words if chain else "No step of this attempt took time.", "quiet")
    return f"{ET.tostring(root, encoding='unicode')}\n"


def _text(root: ET.Element, x: float, y: float, words: str, style: str = "", *, anchor: str = "start") -> None:
    found = ET.SubElement(root, "text", {"x": f"{x:g}", "y": f"{y:g}", "class": style, "text-anchor": anchor})
    found.text = printable(words)


def _scale(root: ET.Element, whole: float, height: float) -> None:
    """Times at the quarters of the run, with a line down through the bars."""
    room = WIDTH - TITLE_WIDTH - TIME_WIDTH
    for quarter in range(5):
        x = TITLE_WIDTH + room * quarter / 4
        _text(root, x, 20, clock(whole * quarter / 4), "quiet", anchor="middle")
        ends = {"x1": f"{x:g}", "x2": f"{x:g}", "y1": str(HEAD - 6), "y2": f"{height - ROW - 8:g}"}
        ET.SubElement(root, "line", {"class": "grid", **ends})


def _row(root: ET.Element, step: StepRow, top: float, run: tuple[float, float], *, critical: bool) -> None:
    """Title with the sign of its state, bar, duration."""
    began, whole = run
    title = step.title if len(step.title) <= MAX_TITLE else f"{step.title[: MAX_TITLE - 1]}…"
    _text(root, 8, top + 16, f"{SIGNS.get(step.state, '○')} {title}")
    if step.began < began or not step.ended:
        _text(root, TITLE_WIDTH, top + 16, "in an earlier attempt" if step.began else "not begun", "quiet")
        return
    room = WIDTH - TITLE_WIDTH - TIME_WIDTH
    seconds = step.elapsed(step.ended)
    x = TITLE_WIDTH + room * min((step.began - began) / whole, 1.0)
    width = max(room * seconds / whole, MIN_BAR)
    style = "failed" if step.state == "failed" else "critical" if critical else "bar"
    place = {"x": f"{x:.1f}", "y": f"{top + 5:g}", "width": f"{width:.1f}", "height": str(ROW - 10), "rx": "2"}
    bar = ET.SubElement(root, "rect", {"class": style, **place})
    usual = f", usually {clock(step.usual)}" if step.usual >= 1 else ""
    why = ", on the critical path" if critical else ""
    ET.SubElement(bar, "title").text = printable(f"{step.title}: {clock(seconds)}{usual}{why}")
    _text(root, WIDTH - 24, top + 16, clock(seconds), anchor="end")
    if critical:
        _text(root, WIDTH - 20, top + 16, CRITICAL)
