"""Answers of the members: overrides, problems where they come from, and the table of fleet plan."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from installer.answers.files import load as load_answers
from installer.cli.commands.fleet_plan import plan
from installer.fleet.file import load
from installer.fleet.member_command import changes_of, result_of, write_answers
from installer.fleet.members import Planned, planned_members
from tests.fleet.sample_fleet import ANSWERS, TENANTS, fleet_file, member


def members(path: Path) -> Sequence[Planned]:
    return list(planned_members(load(path)))


def test_overrides_replace_and_complete_the_answers_file(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    text = ANSWERS.read_text(encoding="utf-8")
    template.write_text(text.replace("  prefix: contoso\n", ""), encoding="utf-8")
    region = {"subscription.region": "westeurope"}
    path = fleet_file(tmp_path, member("aa", answers=Path("template.yaml"), tenant=1, overrides=region))
    (one,) = members(path)
    assert (one.problems, one.tenant, one.prefix, one.environments) == ((), TENANTS[1], "aa", ("dev",))
    written = write_answers(load(path), load(path).members[0], tmp_path / "state")
    assert load_answers(written).answers.subscription.region == "westeurope"


def test_the_digest_follows_the_answers(tmp_path: Path) -> None:
    one, same = (members(fleet_file(tmp_path, member("aa")))[0].digest for _ in range(2))
    other = members(fleet_file(tmp_path, member("aa", overrides={"subscription.region": "westeurope"})))[0].digest
    assert one == same != other


def test_problems_stand_where_the_answer_was_given(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    text = ANSWERS.read_text(encoding="utf-8")
    template.write_text(
        text.replace("10.40.0.0/16", "10.40.0.0/99").replace("  prefix: contoso\n", ""), encoding="utf-8"
    )
    entry = f"  - name: one\n    answers: {template}\n    overrides:\n      subscription.tenant: none\n"
    path = fleet_file(tmp_path, entry)
    (one,) = members(path)
    places = sorted(" ".join(problem.split()[:2]) for problem in one.problems)
    assert places == [
        f"{path}:5: one:",
        f"{path}:8: one:",
        f"{template}:13: network.address_space:",
    ]


def test_two_members_are_not_one_installation(tmp_path: Path) -> None:
    same = {"subscription.prefix": "shared"}
    _, second = members(fleet_file(tmp_path, member("aa", overrides=same), member("bb", overrides=same)))
    assert len(second.problems) == 1
    assert ":10: bb: subscription and prefix are those of the member aa" in second.problems[0]


def test_a_missing_answers_file_is_a_problem_of_its_member(tmp_path: Path) -> None:
    first, second = members(fleet_file(tmp_path, member("aa", answers=Path("none.yaml")), member("bb")))
    assert ":6: aa: answers:" in first.problems[0]
    assert second.problems == ()


def test_the_plan_as_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = fleet_file(tmp_path, member("aa"), member("bb", tenant=1), more="waves: [{name: canary, members: [bb]}]\n")
    assert plan({"state_dir": str(tmp_path)}, path, azure=False, rehearse=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [["canary", "bb", TENANTS[1]], ["rest", "aa", TENANTS[0]]]
    assert "2 members in 2 waves; stops after a wave in which more than 0 members failed" in lines


def test_the_plan_as_json_with_an_invalid_member(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = fleet_file(tmp_path, member("aa"), member("bb", overrides={"subscription.region": "9"}))
    assert plan({"state_dir": str(tmp_path), "output": "json"}, path, azure=False, rehearse=False) == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["schema"], found["fleet"]) == ("fleet-plan", 1, "customers")
    assert [(row["member"], row["valid"]) for row in found["members"]] == [("aa", True), ("bb", False)]
    assert len(found["problems"]) == 1


def test_the_plan_of_a_member_in_an_embedded_azure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = fleet_file(tmp_path, member("aa"))
    assert plan({"state_dir": str(tmp_path), "output": "json"}, path, azure=False, rehearse=True) == 0
    (row,) = json.loads(capsys.readouterr().out)["members"]
    assert row["changes"].startswith("create ")
    assert row["blocked"] is False


def test_a_plan_that_is_blocked_or_idle() -> None:
    assert changes_of({"counts": {"same": 3}}).line == "same 3"
    assert changes_of({}).line == "nothing to do"
    found = changes_of({"counts": {"create": 2}, "findings": [{"severity": "blocks"}], "blocked": ["one"]})
    assert (found.line, found.blocked) == ("create 2; 2 obstacles, see plan", True)


@pytest.mark.parametrize(
    ("code", "line", "errors", "reason"),
    [
        (4, '{"failures": [{"message": "quota\\nmore"}], "run": "a-1"}', "noise", "quota"),
        (2, "", "first\nPlease sign in\n", "Please sign in"),
        (-9, "not json", "", "ended with exit code -9"),
        (0, '{"failures": []}', "a warning", ""),
    ],
)
def test_the_reason_of_a_failure(code: int, line: str, errors: str, reason: str) -> None:
    assert result_of(code, line, errors).reason == reason
