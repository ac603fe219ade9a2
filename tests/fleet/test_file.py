"""fleet.yaml: what a file describes, and every problem of one at its line."""

from pathlib import Path

import pytest

from installer.errors import InvalidAnswers, UsageError
from installer.fleet.file import load
from installer.fleet.model import Limits, Retries, Schedule, StopRule
from tests.fleet.sample_fleet import HEAD, fleet_file, member


def problems(path: Path) -> list[str]:
    with pytest.raises(InvalidAnswers) as refused:
        load(path)
    return [f"{one.line} {one.key}: {one.message}" for one in refused.value.problems]


def test_a_whole_file(tmp_path: Path) -> None:
    more = (
        "waves:\n  - name: canary\n    members: [b]\n  - percent: 50\n"
        "max_failed: 10%\nconcurrency: {fleet: 8, subscription: 2}\nretries: {count: 2, delay: 5}\n"
        'schedule: {cron: "0 3 * * 6", timezone: Europe/Berlin}\n'
    )
    fleet = load(fleet_file(tmp_path, *map(member, "abcd"), more=more))
    assert fleet.in_waves() == [("canary", ("b",)), ("wave-2", ("a", "c")), ("rest", ("d",))]
    assert fleet.stop == StopRule(10, percent=True)
    assert fleet.limits == Limits(8, 2, 2)
    assert fleet.retries == Retries(2, 5)
    assert fleet.schedule == Schedule("0 3 * * 6", "Europe/Berlin")


def test_without_waves_all_run_together_and_one_failure_stops(tmp_path: Path) -> None:
    fleet = load(fleet_file(tmp_path, member("a"), member("b")))
    assert fleet.in_waves() == [("all", ("a", "b"))]
    assert (fleet.stop.stops(0, 2), fleet.stop.stops(1, 2)) == (False, True)


@pytest.mark.parametrize(
    ("rule", "failed", "of", "stops"),
    [
        (StopRule(2), 2, 9, False),
        (StopRule(2), 3, 9, True),
        (StopRule(10, percent=True), 1, 10, False),
        (StopRule(10, percent=True), 1, 9, True),
        (StopRule(100, percent=True), 9, 9, False),
    ],
)
def test_the_stop_rule(rule: StopRule, failed: int, of: int, *, stops: bool) -> None:
    assert rule.stops(failed, of) is stops


@pytest.mark.parametrize(("percents", "sizes"), [([1], [1, 6]), ([50, 50], [4, 3]), ([10, 30], [1, 3, 3])])
def test_shares_are_rounded_up_and_lose_nobody(tmp_path: Path, percents: list[int], sizes: list[int]) -> None:
    more = "waves:\n" + "".join(f"  - percent: {one}\n" for one in percents)
    waves = load(fleet_file(tmp_path, *map(member, "abcdefg"), more=more)).in_waves()
    assert [len(names) for _, names in waves] == sizes
    assert "".join("".join(names) for _, names in waves) == "abcdefg"


def test_all_problems_at_once_at_their_lines(tmp_path: Path) -> None:
    more = (
        "waves:\n"  # line 19
        "  - {members: [a, z, a]}\n"
        "  - {percent: 0, members: [b]}\n"
        "  - {}\n"
        "max_failed: 110%\n"
        "concurrency: {tenants: 2, fleet: many}\n"
        "retries: 3\n"
        'schedule: {cron: "* * *", timezone: Mars}\n'
        "prefect_api_url: http://localhost\n"
    )
    wrong = "  - name: A!\n    overrides: {sizing.node_sze: x}\n    answer: f.yaml\n"
    path = fleet_file(tmp_path, member("a"), member("b"), wrong, "  - a\n", more=more)
    found = problems(path)
    assert [one.partition(": ")[0] for one in found] == [
        *("15 members[3].name", "15 members[3].answers", "16 sizing.node_sze", "17 members[3].answer", "18 members[4]"),
        *("20 waves.members", "20 waves.members", "21 waves[2]", "21 waves[2].percent", "22 waves[3]"),
        *("23 max_failed", "24 concurrency.tenants", "24 concurrency.fleet", "25 retries"),
        *("26 schedule.cron", "26 schedule.timezone", "27 prefect_api_url"),
    ]
    assert "did you mean answers?" in found[3]
    assert "did you mean tenant?" in found[11]


def test_shares_over_a_hundred_percent_are_refused(tmp_path: Path) -> None:
    path = fleet_file(tmp_path, member("a"), more="waves:\n  - percent: 60\n  - percent: 60\n")
    assert problems(path) == ["12 waves[2].percent: the waves have 120 % of the members that none names; at most 100"]


def test_a_name_is_used_once(tmp_path: Path) -> None:
    found = problems(fleet_file(tmp_path, member("a"), member("a")))
    assert found == ["10 members[2].name: a is the name of another member, on line 5"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a fleet file"),
        ("kind: flowforge-answers\nversion: 1\n", "expected kind: flowforge-fleet"),
        (HEAD.replace("1", "2"), "update this one"),
        (HEAD, "a fleet has at least one member"),
        (HEAD + "members: &a []\n", "anchors and aliases"),
        (HEAD + "members: {}\n", "must be a list"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(text, encoding="utf-8")
    assert words in problems(path)[0]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "none.yaml")
