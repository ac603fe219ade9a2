"""The record of promotions in Azure: begun before anything changes, completed by the proof, and the way back that it knows."""

from dataclasses import replace

import pytest

from installer.cloud.arm import Arm
from installer.cloud.rest import Service
from installer.engine.schedule import Schedule
from installer.engine.step import Step
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import with_own_images
from installer.runs.preflight import gate
from installer.secret_store import Secrets
from installer.steps.kept_environments import KeptStep, with_kept
from installer.steps.plan import installation
from installer.steps.promotion import Promotion
from installer.steps.promotion_record import MAX_ENTRIES, Entry, RecordPromotion, entries_of, to_undo, with_record
from installer.steps.upgrade_order import Upgrade, around
from tests.bicep.answers_variants import REGION, SUBSCRIPTION, answers
from tests.cloud.no_cloud import TARGET
from tests.steps.step_context import Attempt

OLD = {"web": f"flowforge/web@sha256:{'1' * 64}", "prefect": f"flowforge/prefect@sha256:{'2' * 64}"}
NEW = {"web": f"flowforge/web@sha256:{'3' * 64}", "prefect": f"flowforge/prefect@sha256:{'4' * 64}"}
TO_QA = Promotion("dev", "qa", "m1", OLD, NEW)
BACK = Promotion("", "qa", "m2", NEW, OLD)


def entry(promotion: Promotion) -> Entry:
    """A completed entry."""
    return Entry(promotion, "proved", "2026-12-01T04:00:00+00:00", "contoso-2@host")


def test_an_entry_is_begun_completed_and_kept_behind_later_ones(azure: Service) -> None:
    arm = Arm(azure.target, SUBSCRIPTION)
    it = Installation(answers("dev", "qa", cloud="public", prefix="promoted", region=REGION))
    begun = RecordPromotion(arm, it, TO_QA, "begun", ())
    assert Attempt().run(begun)[0] == "done"
    assert [(one.state, one.promotion) for one in entries_of(arm.deployment(begun.record_name))] == [("begun", TO_QA)]
    proved = replace(begun, state="proved")
    assert Attempt().run(proved)[0] == "done"
    assert Attempt().run(proved)[0] == "was so"
    assert Attempt().run(begun)[0] == "was so"  # a resumed run does not take the proof away
    Attempt().run(replace(begun, promotion=BACK))
    found = entries_of(arm.deployment(begun.record_name))
    assert [(one.state, one.promotion.mark) for one in found] == [("begun", "m2"), ("proved", "m1")]
    assert found[0].by.partition("@")[2]
    assert found[0].account == arm.target.account
    assert arm.target.account
    for number in range(MAX_ENTRIES):
        Attempt().run(replace(begun, promotion=replace(TO_QA, mark=f"n{number}")))
    marks = [one.promotion.mark for one in entries_of(arm.deployment(begun.record_name))]
    assert marks == [f"n{number}" for number in reversed(range(MAX_ENTRIES))]


def test_without_a_record_there_is_no_entry() -> None:
    assert entries_of(None) == ()
    assert to_undo(()) is None


def test_each_way_back_undoes_the_newest_promotion_that_none_has_undone() -> None:
    first, second = entry(replace(TO_QA, mark="first")), entry(replace(TO_QA, mark="second"))
    back = entry(BACK)
    assert to_undo((second, first)) == second.promotion
    assert to_undo((back, second, first)) == first.promotion
    assert to_undo((back, back, second, first)) is None
    third = entry(replace(TO_QA, mark="third"))
    assert to_undo((third, back, second, first)) == third.promotion


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
@pytest.mark.parametrize("kinds", [("web",), ("web", "prefect")])
def test_a_run_records_backs_up_and_pauses_only_the_environment_that_changes(
    runtime: str, kinds: tuple[str, ...]
) -> None:
    promotion = replace(TO_QA, after={**OLD, **{kind: NEW[kind] for kind in kinds}})
    given = with_own_images(answers("dev", "qa", platform={"runtime": runtime}), "qa", promotion.after)
    arm = Arm(TARGET, given.subscription.subscription)
    every = (gate(arm.target, given, None, Secrets()), *installation(given, arm, secrets=Secrets(), run="run-1"))
    it = Installation(given)
    recorded = with_record(promotion, every, it, arm)
    found = around(Upgrade("promotion", "m1", 60.0, "qa", promotion), recorded, it, arm.service, {})
    steps = {step.key: step for step in found}
    assert {step.key for step in Schedule(found)._order} == set(steps)
    changing = ["controlplane-qa", "migrate-qa", "register-qa"]
    changing += ["prefect-qa", "worker-qa"] if runtime == "aks" else ["runtime-qa"]
    for key in changing:
        assert "promotion-qa" in before(steps, key), key
    assert "backup-pg-ff-contoso" in before(steps, "migrate-qa")
    assert "backup-pg-ff-contoso" not in before(steps, "migrate-dev")
    assert before(steps, "promotion-qa") == {"checks"}
    assert {"canary-qa", "controlplane-qa"} <= before(steps, "promoted-qa")
    assert "promoted-dev" not in steps
    pauses = {key for key in steps if key.startswith(("drain-", "resume-"))}
    assert pauses == ({"drain-qa", "resume-qa"} if "prefect" in kinds else set())


@pytest.mark.parametrize("runtime", ["aks", "container_apps"])
def test_environments_that_a_promotion_does_not_name_are_not_deployed_but_proved(runtime: str) -> None:
    given = answers("dev", "qa", "prod", platform={"runtime": runtime})
    arm = Arm(TARGET, given.subscription.subscription)
    every = installation(given, arm, secrets=Secrets(), run="run-1")
    outputs = {"runtime-prod": {"id": "of prod"}, "runtime-qa": {"id": "of qa"}}
    kept = TO_QA.others(given.subscription.environments)
    assert kept == ("dev", "prod")
    steps = {step.key: step for step in with_kept(every, kept, outputs)}
    assert [*steps] == [step.key for step in every]
    assert {key: step.needs for key, step in steps.items()} == {step.key: step.needs for step in every}
    left = {step.key for step in every} - {key for key, step in steps.items() if isinstance(step, KeptStep)}
    assert {key for key in left if key.endswith(("-dev", "-prod"))} == {
        f"{what}-{name}" for what in ("canary", *(["leave"] if runtime == "aks" else [])) for name in kept
    }
    shared = {step.key for step in every if not step.key.endswith(("-dev", "-qa", "-prod"))}
    assert {"foundation", "controlplane-qa", "register-qa", "canary-qa"} | shared <= left
    state, found = Attempt().run(steps["runtime-prod"])[:2]
    assert (state, found) == ("was so", {"id": "of prod"})


def test_a_journal_keeps_the_promotion_with_its_upgrade() -> None:
    upgrade = Upgrade("promotion", "m1", 60.0, "qa", TO_QA)
    assert Upgrade.of(upgrade.as_json()) == upgrade
    assert Upgrade.of(Upgrade("prefect", "m1", 60.0).as_json()) == Upgrade("prefect", "m1", 60.0)
    assert Promotion.of({"target": "qa"}) is None
