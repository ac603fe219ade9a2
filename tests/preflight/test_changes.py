"""Changes of an installation that Azure does not make: found before the first write, with the answers to set back."""

from typing import Final

import pytest
from typing_extensions import override

from installer.answers.draft import Draft, answers_as_json
from installer.answers.model import Answers
from installer.answers.trial import tried
from installer.estate.parameters import stages
from installer.estate.resources import predicted
from installer.jsontypes import Json
from installer.preflight.changes import CHANGES
from installer.preflight.model import Result
from installer.preflight.reads import Reads
from installer.preflight.report import result_of
from installer.preflight.subject import Subject
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import FakeService

FORMER: Final = answers("dev", sizing={"preset": "team"})
DISK: Final = answers("dev", sizing={"preset": "team", "node_size": "Standard_D8ds_v5"}, data={"soft_delete_days": 30})


class Deployed(FakeService):
    """A subscription in which answers were deployed and recorded."""

    def __init__(self, former: Answers, *, without: str = "/none/") -> None:
        super().__init__()
        self.former = former
        self.live = {
            str(raw["id"]).lower(): dict(raw)
            for spec in stages(former)
            for raw in predicted(former, spec)
            if without not in str(raw["id"])
        }

    @override
    def find(self, path: str, *, doing: str = "") -> dict[str, Json] | None:
        """The record of the answers, and the resources."""
        place = path.partition("?")[0]
        if "/deployments/" not in place:
            return self.live.get(place.lower())
        if not place.endswith("-answers"):
            return None
        sent: dict[str, Json] = {
            "answers": {"type": "Object", "value": answers_as_json(self.former)},
            "given": {"type": "Object", "value": {}},
        }
        properties: Json = {"provisioningState": "Succeeded", "parameters": sent}
        return {"tags": {"flowforge-installation": "contoso"}, "properties": properties}


def result(azure: Deployed, new: Answers, former: Answers | None = None) -> Result:
    """Result of the check for new answers."""
    arm, graph = Reads(azure), Reads(azure)
    try:
        return result_of(CHANGES, Subject(new, arm, graph, azure.target, former))
    finally:
        arm.close()
        graph.close()


def test_the_same_answers_change_nothing() -> None:
    assert result(Deployed(FORMER), FORMER).state == "passed"


def test_a_blocked_change_names_the_answer_what_it_takes_and_what_it_interrupts() -> None:
    found = result(Deployed(FORMER), DISK).findings
    pool = "vmSize from Standard_D4ds_v5 to Standard_D8ds_v5; necessary: a new node pool"
    assert any(pool in finding.what for finding in found)
    assert {key for finding in found for way in finding.ways for key, _ in way.answers} == {
        "sizing.node_size",
        "data.soft_delete_days",
    }
    assert all(finding.severity == "blocks" for finding in found)


def test_the_answers_of_the_journal_count_once_azure_has_the_new_ones() -> None:
    azure = Deployed(FORMER)
    azure.former = DISK
    assert result(azure, DISK).state == "passed"
    assert result(azure, DISK, FORMER).state == "blocks"


def test_a_resource_that_does_not_exist_yet_blocks_nothing() -> None:
    new = answers("dev", sizing={"preset": "team", "node_size": "Standard_D8ds_v5"})
    assert result(Deployed(FORMER, without="/managedClusters/"), new).state == "passed"


@pytest.mark.parametrize(
    ("former", "new", "words"),
    [
        (
            answers("dev", "prod", data={"prod_server": False}),
            answers("dev", "prod"),
            ("from pg-ff-contoso to pg-ff-contoso-prod;", "answer data.prod_server: false"),
        ),
        (answers("prod"), answers("dev", "prod"), ("from pg-ff-contoso to pg-ff-contoso-prod",)),
        (
            answers("dev", "prod"),
            answers("dev", "prod", data={"prod_server": False}),
            ("from pg-ff-contoso-prod to pg-ff-contoso;", "answer data.prod_server: true, and"),
        ),
    ],
)
def test_databases_stay_on_the_server_that_has_them(former: Answers, new: Answers, words: tuple[str, ...]) -> None:
    (finding,) = [one for one in result(Deployed(former), new).findings if one.severity == "blocks"]
    assert finding.what.startswith("prod (databases): a run does not move them ")
    assert all(word in finding.what for word in words)
    without = result(Deployed(former, without="/flexibleServers/"), new)
    assert not any(one.severity == "blocks" for one in without.findings)


def test_the_former_answers_that_a_finding_names_are_no_change() -> None:
    findings = result(Deployed(FORMER), DISK).findings
    ways = {way.answers: way for finding in findings for way in finding.ways}
    given = DISK
    for way in ways.values():
        changed = tried(Draft.of(given), way.answers)
        assert changed is not None
        given = changed
    assert result(Deployed(FORMER), given).state == "passed"
