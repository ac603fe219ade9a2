"""`apply --plan FILE` to its end: what a sealed plan creates is as it is in the next plan, and the old plan no longer binds.

The command, the file, the comparison, the run with its journal, and what-if are the real ones. The steps of the run are one
that deploys every stage in the embedded Azure of this process, and one that records the answers: without Prefect.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.answers.model import Answers
from installer.cli.commands import run as commands
from installer.cloud.sign_in import ShowMessage
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed, PlanOutdated, UsageError
from installer.estate.parameters import stages
from installer.planning.make import Known, make_plan
from installer.planning.model import Plan
from installer.planning.report import SET_BACK, heading, idle, rendered
from installer.planning.tree import branches
from installer.runs.purpose import INSTALLATION, Purpose
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from installer.steps.approved_plan import NO_PLAN, ApprovedPlan
from screens.wizard.fold_list import full_text
from tests.answers.answers_files import FOLDER
from tests.cloud.no_cloud import RECORDED
from tests.emulator.deployments.deployed_estate import DeployedEstate, new_estate
from tests.emulator.in_memory import run
from tests.engine.scripted_steps import Scripted
from tests.keyrings import NoKeyring, using
from tests.planning.local_arm import API, LocalArm, record_answers

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANSWERS = load(FOLDER / "dev.yaml").answers


class InThisProcess(Session):
    """A session whose cloud is the embedded Azure of this process."""

    def __init__(self, state: Path, estate: DeployedEstate, arm: LocalArm) -> None:
        super().__init__(StateDirectory.at(str(state)), TargetOptions())
        self.estate, self._arm = estate, arm
        self.ends_after: int | None = None
        """Number of stages after which a run is interrupted; None for a run that succeeds."""

    def plan(
        self,
        answers: Answers,
        progress: ShowMessage = lambda _text: None,
        *,
        draft: Draft | None = None,  # noqa: ARG002  as the session
        checks: bool = False,  # noqa: ARG002  as the session
        kept: Sequence[str] = (),  # noqa: ARG002  as the session
    ) -> Plan:
        """The plan of these answers."""
        return make_plan(answers, self._arm, progress, Known(self.secrets))

    def begin(
        self,
        answers: Answers,
        draft: Draft,
        *,
        attended: bool,
        purpose: Purpose = INSTALLATION,
    ) -> Run:
        """A run that deploys these answers."""
        begun = Run.new(
            self.state.new_run(answers.subscription.prefix),
            answers,
            draft,
            RECORDED,
            self.secrets,
            attended=attended,
        )

        def record(context: Context) -> Outputs:
            record_answers(self.estate, answers, context.run)
            return {}

        def deploy(_context: Context) -> Outputs:
            self.estate.plan = purpose.approved or NO_PLAN
            run(self.estate.deploy(answers, all_stages=True, first=self.ends_after))
            if self.ends_after is not None:
                raise DeploymentFailed("the connection was lost")
            return {}

        return self._start_run(
            begun, lambda _run: (Scripted("answers", (), record), Scripted("azure", ("answers",), deploy))
        )


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InThisProcess]:
    estate = new_estate(tmp_path, ANSWERS)
    arm = LocalArm(estate.azure, ANSWERS.subscription.subscription)
    found = InThisProcess(tmp_path / "state", estate, arm)

    @contextmanager
    def opened(_settings: object) -> Iterator[Session]:
        yield found
        found.end_run()

    monkeypatch.setattr(commands, "opened", opened)
    with using(NoKeyring()):
        yield found
    found.close()
    arm.close()
    estate.azure.database.close()


def assert_told_by_titles(plan: Plan) -> None:
    """No line of the plan is a GUID, before and after the identities exist; its JSON has the IDs."""
    for branch in branches(plan):
        assert not [line for line in full_text(branch) if GUID.search(line)]
    for suffix in (".txt", ".md", ".html"):
        changes = rendered(plan, suffix).partition("digest")[2].partition("\n")[2]
        assert not GUID.search(changes)
    grants = [one for one in json.loads(plan.to_json())["changes"] if one["type"].endswith("/roleAssignments")]
    assert "AcrPull for id-ff-contoso-dev-web (managed identity) on crffcontoso" in {one["title"] for one in grants}
    assert all(GUID.search(one["name"]) and one["id"].endswith(one["name"]) for one in grants)


def test_a_sealed_plan_is_applied_once_and_then_there_is_nothing_to_do(
    session: InThisProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.json"
    first = session.plan(ANSWERS)
    assert first.counts["create"] > 100
    assert not first.blocks
    assert_told_by_titles(first)
    file.write_text(first.to_json(), encoding="utf-8")

    assert commands.apply({}, None, file, yes=True) == 0
    assert "azure" in capsys.readouterr().out

    second = session.plan(ANSWERS)
    assert idle(second)
    assert heading(second).startswith("nothing to do   = ")
    assert_told_by_titles(second)
    assert json.loads(first.to_json())["digest"] != second.digest

    assert commands.apply({}, None, file, yes=True) == 0  # nothing is left to do
    refused(file, change_of_others(session), "rg-ff-contoso-dev: tags")


def change_of_others(session: InThisProcess) -> str:
    """Another user replaces the tags of a resource group; returns its ID."""
    group = next(one for one in session.plan(ANSWERS).changes if one.name == "rg-ff-contoso-dev")
    store = session.estate.azure.emulator.resources
    found = store.get(group.id)
    assert found is not None
    store.save(replace(found, desired={**found.desired, "tags": {"theirs": "x"}}))
    return group.id.lower()


def refused(file: Path, resource: str, text: str) -> None:
    """The plan no longer binds, and only because of one resource."""
    with pytest.raises(PlanOutdated) as outdated:
        commands.apply({}, None, file, yes=True)
    assert outdated.value.exit_code == 8
    _head, *lines = str(outdated.value).splitlines()
    assert text in lines[0]
    assert {line.removeprefix("- ").partition(":")[0] for line in lines} == {resource}, lines


def test_what_a_run_without_the_plan_has_made_is_not_work_of_the_plan(session: InThisProcess, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(session.plan(ANSWERS).to_json(), encoding="utf-8")
    session.ends_after = 1
    session.begin(ANSWERS, Draft.of(ANSWERS), attended=False).wait()
    session.end_run()
    with pytest.raises(PlanOutdated, match=r"planned: create, now: same"):
        commands.apply({}, None, file, yes=True)


def test_changes_of_others_in_what_is_up_to_date_are_deployed_by_a_run_of_the_plan(
    session: InThisProcess, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    session.begin(ANSWERS, Draft.of(ANSWERS), attended=False).wait()
    session.end_run()
    assert not session.plan(ANSWERS).set_back
    change_of_others(session)
    plan = session.plan(ANSWERS)
    (told,) = plan.set_back
    assert told.endswith("rg-ff-contoso-dev")
    assert SET_BACK in rendered(plan, ".md")
    file.write_text(plan.to_json(), encoding="utf-8")
    assert commands.apply({}, None, file, yes=True) == 0
    (stage,) = {one.stage for one in plan.changes if one.change == "change"}
    assert session.estate.plan == ApprovedPlan(plan.digest, frozenset({stage}))
    assert idle(session.plan(ANSWERS))


@pytest.mark.parametrize("stages_made", [1, len(stages(ANSWERS)) // 2])
def test_a_plan_of_which_a_part_was_made_by_an_interrupted_run_still_binds(
    session: InThisProcess, tmp_path: Path, stages_made: int
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(session.plan(ANSWERS).to_json(), encoding="utf-8")

    session.ends_after = stages_made
    assert commands.apply({}, None, file, yes=True) == DeploymentFailed.exit_code
    session.ends_after = None
    assert commands.apply({}, None, file, yes=True) == 0
    assert idle(session.plan(ANSWERS))


def test_what_others_change_in_a_part_that_was_made_is_refused(session: InThisProcess, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(session.plan(ANSWERS).to_json(), encoding="utf-8")
    session.ends_after = len(stages(ANSWERS)) // 2
    assert commands.apply({}, None, file, yes=True) == DeploymentFailed.exit_code
    refused(file, change_of_others(session), "rg-ff-contoso-dev: tags")


def test_what_others_make_of_the_plan_before_any_run_is_refused(session: InThisProcess, tmp_path: Path) -> None:
    """No deployment of FlowForge has made it, so whether it is as planned does not matter."""
    file = tmp_path / "plan.json"
    plan = session.plan(ANSWERS)
    file.write_text(plan.to_json(), encoding="utf-8")
    group = next(one for one in plan.changes if one.name == "rg-ff-contoso-dev")
    run(session.estate.ask("PUT", f"{group.id}?api-version={API}", {"location": "swedencentral"}))
    refused(file, group.id.lower(), "rg-ff-contoso-dev: ")


def test_a_plan_of_a_rehearsal_is_refused_before_anything_is_asked(
    session: InThisProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_given: object) -> None:
        raise AssertionError("a plan of another cloud needs no session")

    monkeypatch.setattr(commands, "opened", opened)
    file, plan = tmp_path / "plan.json", session.plan(ANSWERS)
    for target, chosen, text in (
        ("rehearsal", "public", r"made in a rehearsal.*plan F -o FILE\.json"),
        ("rehearsal", "https://127.0.0.1:9", "made in a rehearsal"),
        ("public", "https://127.0.0.1:9", r"made in the cloud public.*--cloud public"),
        ("https://127.0.0.1:9", None, r"made in the cloud https://127\.0\.0\.1:9.* to public"),
    ):
        file.write_text(replace(plan, target=target).to_json(), encoding="utf-8")
        for yes in (True, False):
            with pytest.raises(UsageError, match=text):
                commands.apply({"cloud": chosen} if chosen else {}, None, file, yes=yes)
