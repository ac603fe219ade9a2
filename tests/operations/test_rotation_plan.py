"""The plan of a rotation: its steps in their order, the interruption, and missing rights."""

import pytest

from installer.cli.commands import rotate as module
from installer.cloud.arm import Arm
from installer.operations.rotation import Rotation
from installer.operations.rotation_plan import RotationPlan, plan_rotation, rendered
from installer.preflight.model import Finding, WayOut
from installer.secret_store import Secrets
from installer.steps.plan import installation
from tests.cloud.no_cloud import TARGET
from tests.operations.conftest import Copy, bases, copy_of
from tests.operations.recovery.recoveries import recovering

__all__ = ["bases", "copy_of"]


def planned(copy_of: Copy, secret: str) -> RotationPlan:
    with recovering(copy_of("28-purview-new")) as it, it.subject() as subject:
        answers = subject.answers
        arm = Arm(TARGET, answers.subscription.subscription)
        every = installation(answers, arm, secrets=Secrets(), run="contoso-1")
        environment = answers.subscription.environments[0]
        return plan_rotation(Rotation(secret, environment, "mark", 60.0), subject, it.arm, every)


def test_it_names_the_steps_and_the_interruption(copy_of: Copy) -> None:
    plan = planned(copy_of, "prefect-auth")
    assert not plan.blocks, rendered(plan)
    assert len(plan.steps) > 4
    assert plan.steps[0] != plan.steps[-1]
    text = rendered(plan)
    assert "are paused, and flow runs end first (60 s at most)" in text
    assert "Going back" in text
    assert plan.as_json()["steps"] == [*plan.steps]


def test_missing_rights_block(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding("blocks", "rights are missing", "rg-a", "no role", (WayOut("ask for a role"),))
    plan = RotationPlan("prefect-auth", "dev", ("A",), ("B",), (finding,))
    assert plan.blocks
    module._show({}, plan, alone=True)
    assert "rights are missing" in capsys.readouterr().out
