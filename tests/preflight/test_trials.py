"""Ways out are offered after the plan with their answers was judged: what helps, what is left, what does not help."""

import threading
from collections.abc import Iterator
from typing import Final

from installer.answers.model import Answers
from installer.preflight.model import Check, Entry, Finding, NotChecked, Proof, Report, Result, WayOut
from installer.preflight.reads import Reads
from installer.preflight.report import check_all
from installer.preflight.subject import Subject
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import FakeService

CLUSTERS: Final = answers("dev")
APPS: Final = WayOut("run flows on Container Apps", (("platform.runtime", "container_apps"),))
LARGER: Final = WayOut("choose the size Production", (("sizing.preset", "production"),))
ASK: Final = WayOut("ask for more")
ZONES: Final = WayOut("use the existing zones", (("network.mode", "existing_hub"),))


def needs_clusters(subject: Subject) -> Iterator[Entry]:
    """Blocks clusters; the size does not matter to it."""
    if subject.answers.platform.runtime == "aks":
        yield Finding("blocks", "9 cores needed, 4 free", "here", "why", (ASK, APPS, LARGER, ZONES), "QuotaExceeded")
    else:
        yield Proof("enough cores")


def needs_no_apps(subject: Subject) -> Iterator[Entry]:
    """Blocks Container Apps, as a free trial does."""
    if subject.answers.platform.runtime != "aks":
        yield Finding("blocks", "15 cores needed, 10 free", "there", "why", (ASK,), "ContainerAppOperationError")


QUOTA: Final = Check("quota", "Quota", needs_clusters)
TRIAL: Final = Check("trial", "Trial", needs_no_apps)


def report(*checks: Check, given: Answers = CLUSTERS, ended: list[Result] | None = None) -> Report:
    service = FakeService()
    arm, graph = Reads(service), Reads(service)
    try:
        return check_all(
            Subject(given, arm, graph, service.target), checks, (ended if ended is not None else []).append
        )
    finally:
        arm.close()
        graph.close()


def ways(found: Report) -> list[WayOut]:
    return [way for finding in found.findings for way in finding.ways]


def test_a_way_that_leads_to_the_next_finding_says_so_and_comes_last() -> None:
    found = ways(report(QUOTA, TRIAL))
    assert [way.text for way in found] == [ASK.text, APPS.text, ZONES.text]
    assert found[1].left == ("15 cores needed, 10 free",)
    assert found[1].sentence == (
        "run flows on Container Apps (platform.runtime: container_apps); then still open: 15 cores needed, 10 free"
    )
    assert found[1].as_json()["left"] == ["15 cores needed, 10 free"]


def test_a_way_after_which_nothing_is_left_is_offered_as_it_is() -> None:
    assert APPS in ways(report(QUOTA))


def test_a_way_that_changes_only_figures_does_not_help() -> None:
    assert LARGER.text not in [way.text for way in ways(report(QUOTA))]


def test_what_could_not_be_checked_of_a_way_is_counted() -> None:
    def unseen(subject: Subject) -> Iterator[Entry]:
        if subject.answers.platform.runtime != "aks":
            yield NotChecked("quotas of Container Apps", "the survey has none")

    found = ways(report(QUOTA, Check("unseen", "Unseen", unseen)))
    assert [way.text for way in found] == [ASK.text, APPS.text, ZONES.text]
    assert found[1].left == ("1 fact that could not be checked",)


def test_answers_that_have_to_follow_are_named() -> None:
    (way,) = [one for one in ways(report(QUOTA)) if one.text == ZONES.text]
    assert way.left[0].startswith("the answer network.hub_id: ")


def test_the_same_obstacle_in_several_places_is_named_once() -> None:
    def entries(subject: Subject) -> Iterator[Entry]:
        if subject.answers.platform.runtime != "aks":
            for place in "abcde":
                yield Finding("blocks", "15 cores needed, 10 free", place, "why", (ASK,))

    (way,) = [one for one in ways(report(QUOTA, Check("many", "Many", entries))) if one.text == APPS.text]
    assert way.left == ("15 cores needed, 10 free",)


def test_without_any_way_that_helps_the_finding_says_that() -> None:
    def entries(_subject: Subject) -> Iterator[Entry]:
        yield Finding("blocks", "always", "here", "why", (LARGER, APPS))

    assert [way.text for way in ways(report(Check("always", "Always", entries)))] == [
        "choose other answers: none of those that were tried removes it"
    ]


def test_a_warning_is_no_new_obstacle_and_a_former_finding_is_not_left_by_a_way() -> None:
    def warns(subject: Subject) -> Iterator[Entry]:
        if subject.answers.platform.runtime != "aks":
            yield Finding("warns", "costs more", "here", "why", (ASK,))
        yield Finding("blocks", "disabled", "here", "why", (ASK,), "ReadOnlyDisabledSubscription")

    assert APPS in ways(report(QUOTA, Check("warns", "Warns", warns)))


def test_checks_that_read_elsewhere_are_not_repeated() -> None:
    asked: list[str] = []

    def entries(subject: Subject) -> Iterator[Entry]:
        asked.append(subject.answers.platform.runtime)
        yield Proof("read")

    report(QUOTA, Check("once", "Once", entries, repeated=False))
    assert asked == ["aks"]


def test_results_are_shown_at_once_and_again_when_their_ways_were_tried() -> None:
    ended: list[Result] = []
    found = report(QUOTA, TRIAL, ended=ended)
    assert [result.key for result in ended].count("quota") == 2
    assert ended[-1] == found.results[0]
    assert [result.key for result in found.results] == ["quota", "trial"]


def test_results_are_in_the_order_of_the_checks_whichever_ends_first() -> None:
    second = threading.Event()

    def slow(_subject: Subject) -> Iterator[Entry]:
        assert second.wait(60)
        yield Finding("blocks", "slow", "here", "why", (ASK,))

    def quick(_subject: Subject) -> Iterator[Entry]:
        yield Finding("blocks", "quick", "here", "why", (ASK,))
        second.set()

    found = report(Check("slow", "Slow", slow), Check("quick", "Quick", quick))
    assert [finding.what for finding in found.findings] == ["slow", "quick"]
