"""The report of a run: outcome and pictures in one page; its timeline marks the steps that determined the duration."""

from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from installer.cli.main import cli
from installer.engine.critical_chain import critical_chain
from installer.errors import UsageError
from installer.handover.report.timeline_svg import CRITICAL, MIN_BAR, WIDTH, timeline_svg
from installer.runs.state_directory import StateDirectory
from tests.engine.test_progress import ProgressFeed
from tests.support_bundle.sample_run import made_run

if TYPE_CHECKING:
    from installer.jsontypes import Json

SVG: Final = "{http://www.w3.org/2000/svg}"


def ran() -> ProgressFeed:
    """A takes ten seconds; b and c follow it, c for longer; d needs both, and fails after a moment."""
    feed = ProgressFeed()
    needs: dict[str, list[str]] = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "e": ["d"]}
    steps: list[Json] = [{"key": key, "title": f"<{key}>", "needs": [*of], "usual": 5.0} for key, of in needs.items()]
    feed.emit(0, "run.started", steps=steps)
    for key, begun, ended in (("a", 0, 10), ("b", 10, 12), ("c", 10, 40)):
        feed.emit(begun, "step.started", key)
        feed.emit(ended, "step.finished", key)
    feed.emit(40, "step.started", "d")
    feed.emit(40.01, "step.failed", "d", text="no")
    feed.emit(41, "run.finished", state="failed")
    return feed


def test_the_chain_goes_back_over_the_need_that_ended_last() -> None:
    assert critical_chain(ran().progress) == ("a", "c", "d")
    assert critical_chain(ProgressFeed().progress) == ()


def test_a_circle_of_needs_in_a_damaged_file_ends() -> None:
    feed = ProgressFeed()
    feed.emit(0, "run.started", steps=[{"key": key, "title": key, "needs": ["b", "a"]} for key in "ab"])
    for key in "ab":
        feed.emit(1, "step.started", key)
        feed.emit(2, "step.finished", key)
    assert sorted(critical_chain(feed.progress)) == ["a", "b"]


def test_the_timeline_is_in_proportion_and_marks_the_chain_by_more_than_colour() -> None:
    root = ET.fromstring(timeline_svg(ran().progress, "contoso-1"))  # noqa: S314  our own picture
    bars = {bar.findtext(f"{SVG}title"): bar for bar in root.iter(f"{SVG}rect") if bar.find(f"{SVG}title") is not None}
    a, b, c, d = bars
    assert [a, b] == ["<a>: 0:10, usually 0:05, on the critical path", "<b>: 0:02, usually 0:05"]
    assert float(bars[c].attrib["width"]) == pytest.approx(3 * float(bars[a].attrib["width"]), rel=0.01)
    assert float(bars[d].attrib["width"]) == MIN_BAR
    assert float(bars[d].attrib["x"]) + MIN_BAR <= WIDTH
    assert [bar.attrib["class"] for bar in bars.values()] == ["critical", "bar", "critical", "failed"]
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert words.count(CRITICAL) == 3
    assert "✗ <d>" in words
    assert "○ <e>" in words
    assert "not begun" in words


def report(state: Path, *words: str) -> Result:
    """The command."""
    return CliRunner().invoke(cli, ["report", *words, "--state-dir", str(state)])


def test_a_report_is_one_page_with_both_pictures(tmp_path: Path) -> None:
    state = StateDirectory.at(str(tmp_path / "state"))
    made_run(state.runs)
    file = tmp_path / "report.html"
    done = report(state.path, "-o", str(file))
    assert (done.exit_code, done.output) == (0, f"{file}: written\n")
    page = file.read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    for words in (
        "run contoso-1",
        "Timeline of run contoso-1",
        "<td>Network</td>",
        "Failed steps",
        "Topology of FlowForge",
    ):
        assert words in page
    assert "<script" not in page
    assert 'href="http' not in page
    picture = tmp_path / "timeline.svg"
    assert report(state.path, "contoso-1", "-o", str(picture)).exit_code == 0
    assert ET.parse(picture).getroot().tag == f"{SVG}svg"  # noqa: S314  our own picture


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "there is no run on this machine yet"),
        (("contoso-9",), "run contoso-9 does not exist"),
        (("contoso-1", "-o", "report.pdf"), "accepted: FILE.html (report) or FILE.svg (timeline)"),
    ],
)
def test_what_cannot_be_reported_is_said(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = report(tmp_path / "state", *words)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
