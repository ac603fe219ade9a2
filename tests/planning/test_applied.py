"""`apply --plan FILE` to its end: what a sealed plan creates is as it is in the next plan, and the old plan no longer binds.

The command, the file, the comparison, the run with its journal, and what-if are the real ones. The steps of the run are one
that deploys every stage in the embedded Azure of this process, and one that records the answers: without Prefect.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from installer import __version__
from installer.answers.draft import Draft, answers_as_json
from installer.answers.files import load
from installer.answers.model import Answers
from installer.cli.commands import run as commands
from installer.cloud.sign_in import ShowMessage
from installer.conventions.naming import INSTALLATION_TAG
from installer.engine.step import Context, Outputs
from installer.errors import PlanOutdated
from installer.estate.parameters.context import Installation
from installer.planning.make import Known, make_plan
from installer.planning.model import Plan
from installer.planning.report import heading, idle, rendered
from installer.planning.tree import branches
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from installer.steps import answers_record
from screens.wizard.fold_list import full_text
from tests.answers.answers_files import FOLDER
from tests.emulator.deployments.deployed_estate import DeployedEstate, new_estate
from tests.emulator.in_memory import run
from tests.engine.scripted_steps import Scripted
from tests.keyrings import NoKeyring, using
from tests.planning.local_arm import API, LocalArm

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANSWERS = load(FOLDER / "dev.yaml").answers


class InThisProcess(Session):
    """A session whose cloud is the embedded Azure of this process."""

    def __init__(self, state: Path, estate: DeployedEstate, arm: LocalArm) -> None:
        super().__init__(StateDirectory.at(str(state)), TargetOptions())
        self._estate, self._arm = estate, arm

    def plan(
        self,
        answers: Answers,
        progress: ShowMessage = lambda _text: None,
        *,
        draft: Draft | None = None,  # noqa: ARG002  as the session
        checks: bool = False,  # noqa: ARG002  as the session
    ) -> Plan:
        """The plan of these answers."""
        return make_plan(answers, self._arm, progress, Known(self.secrets))

    def begin(self, answers: Answers, draft: Draft, *, attended: bool) -> Run:
        """A run that deploys these answers."""
        begun = Run.new(
            self.state.new_run(answers.subscription.prefix), answers, draft, {}, self.secrets, attended=attended
        )

        def record(context: Context) -> Outputs:
            it = Installation(answers)
            values = {"answers": answers_as_json(answers), "given": {}, "run": context.run, "installer": __version__}
            body: Any = {
                "location": it.location,
                "tags": {INSTALLATION_TAG: answers.subscription.prefix},
                "properties": {
                    "mode": "Incremental",
                    "template": answers_record.TEMPLATE,
                    "parameters": {name: {"value": value} for name, value in values.items()},
                },
            }
            name = it.names.deployment(answers_record.STAGE)
            path = f"{self._estate.scope}/providers/Microsoft.Resources/deployments/{name}?api-version={API}"
            run(self._estate.ask("PUT", path, body))
            return {}

        def deploy(_context: Context) -> Outputs:
            run(self._estate.deploy(answers, all_stages=True))
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

    with pytest.raises(PlanOutdated) as refused:
        commands.apply({}, None, file, yes=True)
    assert refused.value.exit_code == 8
    assert "planned: create, now: same" in str(refused.value)
