"""The hand-over report: complete, one file without outside links, and every control can be missed."""

import copy
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from installer.answers.draft import Draft
from installer.answers.model import Answers
from installer.engine.journal import Journal
from installer.estate.bodies import PlannedBody, planned_bodies
from installer.handover.report.inventory import inventory
from installer.handover.report.page import Chapter, as_page
from installer.handover.report.report import handover_report
from installer.handover.report.security_review import Control, Rule, controls, reviewed
from installer.json_access import as_object
from installer.planning.document import Section, listed
from installer.runs.run import Run
from installer.secret_store import Secrets
from tests.bicep.answers_matrix import MATRIX
from tests.cloud.no_cloud import RECORDED

if TYPE_CHECKING:
    from installer.jsontypes import Json

RULES: Final = [(control, rule) for control in controls() for rule in control.rules]
BODIES: Final = {name: tuple(planned_bodies(MATRIX[name])) for name in ("08-hardened-frontdoor", "01-trial-public")}


def _concerned(rule: Rule) -> list[PlannedBody]:
    """Resources of the whole matrix that a rule judges and that fit it; the first file that has one is enough."""
    for answers in (*BODIES.values(), *(planned_bodies(one) for one in MATRIX.values())):
        found = [one for one in answers if one.type.lower() == rule.type and one.name not in rule.exempt]
        if fitting := [one for one in found if rule.fits(one)]:
            return fitting
    return []


def _without(body: PlannedBody, path: tuple[str, ...]) -> PlannedBody:
    """A resource without a property."""
    changed: dict[str, Json] = copy.deepcopy(body.body)
    inner = changed
    for name in path[:-1]:
        inner = as_object(inner[name])
    del inner[path[-1]]
    return PlannedBody(body.id, body.type, body.name, body.api_version, changed)


@pytest.mark.parametrize(("control", "rule"), RULES, ids=[f"{one.id}-{at}" for at, (one, _) in enumerate(RULES)])
def test_every_rule_is_met_by_a_resource_of_ours_and_missed_without_its_property(control: Control, rule: Rule) -> None:
    fitting = _concerned(rule)
    assert fitting, "no answers deploy such a resource"
    (whole,) = [one for one in reviewed(fitting) if one.control == control]
    assert any(rule.words in line for line in whole.evidence)
    if rule.path:
        (found,) = [one for one in reviewed([_without(fitting[0], rule.path)]) if one.control == control]
        assert found.verdict in ("not met", "met in part")
        (line,) = [one for one in found.evidence if f"0 of 1 with {rule.words}" in one]
        assert line.endswith(f"without: {fitting[0].name}")


def test_a_hardened_installation_meets_what_a_trial_misses() -> None:
    verdicts = {name: {one.control.id: one.verdict for one in reviewed(found)} for name, found in BODIES.items()}
    hardened, trial = verdicts["08-hardened-frontdoor"], verdicts["01-trial-public"]
    assert {name for name, verdict in hardened.items() if verdict in ("not met", "met in part")} == set()
    assert trial["NS-2"] in ("not met", "met in part")
    assert trial["NS-6"] == "not part of the installation"


@pytest.mark.parametrize("name", [*MATRIX][::4])
def test_every_resource_is_listed_or_counted_once(name: str) -> None:
    bodies = tuple(planned_bodies(MATRIX[name]))
    total = 0
    for section in inventory(bodies):
        for row in section.rows:
            if section.columns == ("type", "number"):
                total += int(row[1])
            else:
                total += (not row[1].endswith(" (existing)")) + int(re.sub(r"\D", "", row[2]) or 0)
    assert total == len(bodies)


class _Links(HTMLParser):
    """Everything that a browser would load or lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href", "data", "action")]


def _report(folder: Path, answers: Answers, *, rehearsal: bool) -> str:
    target: dict[str, Json] = {"kind": "rehearsal", "state": "/x/1"} if rehearsal else RECORDED
    run = Run.new(folder / "contoso-1", answers, Draft.of(answers), target, Secrets(), attended=False)
    run.journal.close()
    with Journal(folder / "contoso-1", write=False) as journal:
        return handover_report(journal, [Section("Cost per month", ("for", "cost"), (("dev", "1"),))])


@pytest.mark.parametrize("rehearsal", [True, False])
def test_the_report_has_every_part_and_no_outside_link(tmp_path: Path, rehearsal: bool) -> None:
    text = _report(tmp_path, MATRIX["08-hardened-frontdoor"], rehearsal=rehearsal)
    parts = re.findall(r'<h1 id="part-\d+">([^<]*)</h1>', text)
    built, later = (
        ["Overview", "Resources", "Identities", "Security", "Cost", "The run"],
        ["Left to do", "Operations", "Runbooks"],
    )
    assert parts == [*built, *later]
    assert "<summary>Restore the database</summary>" in text
    assert "az postgres flexible-server restore" in text
    links = _Links()
    links.feed(text)
    assert "script" not in links.tags
    assert links.found == [f"#part-{at}" for at in range(len(parts))]
    assert ("REHEARSAL" in text) is rehearsal
    assert "NS-6 Deploy web application firewall" in text


def test_texts_from_outside_stay_text() -> None:
    hostile = "<script>alert(1)</script>\x1b[31m"
    text = as_page(hostile, [hostile], [Chapter(hostile, (listed(hostile, [hostile]),))])
    assert "<script>" not in text
    assert "\x1b" not in text


def test_what_is_left_names_the_team_that_has_to_act(tmp_path: Path) -> None:
    text = _report(tmp_path, MATRIX["08-hardened-frontdoor"], rehearsal=False)
    assert re.search(r"<td>DNS team</td><td>DNS: \S+ must point to the ingress", text)
