"""A run that upgrades: backups before tables change, pools paused before what runs flows changes, and resumed before the proof."""

import pytest

from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.engine.schedule import Schedule
from installer.engine.step import Step
from installer.estate.parameters.context import Installation
from installer.runs.preflight import gate
from installer.secret_store import Secrets
from installer.steps.plan import installation
from installer.steps.upgrade_order import Upgrade, around
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import TARGET


def order_of(what: str, given: Answers) -> tuple[list[str], dict[str, Step]]:
    """Keys of the steps in an order that their needs allow, and the steps by key."""
    arm = Arm(TARGET, given.subscription.subscription)
    every = (gate(arm.target, given, None, Secrets()), *installation(given, arm, secrets=Secrets(), run="run-1"))
    steps = around(Upgrade(what, "m1", 60.0), every, Installation(given), arm.service, {})
    return [step.key for step in Schedule(steps)._order], {step.key: step for step in steps}


def before(steps: dict[str, Step], key: str) -> set[str]:
    """Everything that is done before a step."""
    found: set[str] = set()
    waiting = [key]
    while waiting:
        for need in steps[waiting.pop()].needs:
            if need not in found:
                found.add(need)
                waiting.append(need)
    return found


@pytest.mark.parametrize("runtime", ["aks", "container_apps"])
@pytest.mark.parametrize("what", ["prefect", "templates"])
def test_pools_are_paused_around_what_runs_flows(what: str, runtime: str) -> None:
    _, steps = order_of(what, answers("dev", platform={"runtime": runtime}))
    changing = ["prefect-dev", "worker-dev"] if runtime == "aks" else ["runtime-dev"]
    for key in (*changing, "upgrade-dev", "register-dev"):
        assert "drain-dev" in before(steps, key), key
        assert key in before(steps, "resume-dev"), key
    assert "resume-dev" in before(steps, "canary-dev")
    assert {"drain-dev", "backup-pg-ff-contoso"} <= before(steps, "upgrade-dev")
    assert before(steps, "drain-dev") == {"checks"}
    if runtime == "aks":
        assert "resume-dev" in before(steps, "leave-dev")


def test_the_image_of_the_web_app_needs_a_backup_and_no_pause() -> None:
    order, steps = order_of("images", answers("dev"))
    assert "backup-pg-ff-contoso" in before(steps, "migrate-dev")
    assert "migrate-dev" in before(steps, "controlplane-dev")
    assert not [key for key in order if key.startswith(("drain-", "resume-"))]


def test_each_server_has_one_backup_and_each_environment_waits_for_its_own() -> None:
    order, steps = order_of("prefect", answers("dev", "qa", "prod", data={"prod_server": True}))
    backups = [key for key in order if key.startswith("backup-")]
    assert len(backups) == 2
    (own,) = [key for key in backups if key != "backup-pg-ff-contoso"]
    assert own in before(steps, "upgrade-prod")
    for environment in ("dev", "qa"):
        assert "backup-pg-ff-contoso" in before(steps, f"upgrade-{environment}")
        assert own not in before(steps, f"upgrade-{environment}")


def test_an_upgrade_is_kept_by_a_journal() -> None:
    upgrade = Upgrade("prefect", "m1", 60.0)
    assert Upgrade.of(upgrade.as_json()) == upgrade
    assert Upgrade.of(None) is None
