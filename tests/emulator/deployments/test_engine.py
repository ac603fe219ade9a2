"""Order, time, nesting and failure of deployments, with a manual clock."""

import sqlite3
from pathlib import Path

import pytest

from installer.emulator.deployments.engine import STATE_LOST
from installer.emulator.deployments.timeline import timeline
from installer.emulator.errors import ArmError
from installer.emulator.providers.durations import length_of
from installer.json_access import as_list, as_object, member
from installer.jsontypes import Json
from tests.emulator.in_memory import GROUP, SCOPE, bench, run
from tests.emulator.sample_templates import account, group, identity, inside, nested, resource, template

ACCOUNTS = "Microsoft.Storage/storageAccounts"
IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"


def _length(kind: str, name: str) -> float:
    return length_of(kind, f"{GROUP}/providers/{kind}/{name}", "create")


def test_independent_resources_run_in_parallel_and_dependents_wait(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        waits = [f"[resourceId('{ACCOUNTS}', 'stone')]", f"[resourceId('{ACCOUNTS}', 'sttwo')]"]
        last = identity("id-last", after=waits)
        it.deploy(template(group(), nested("inner", inside(account("stone"), account("sttwo"), last))))
        await it.clock.finish(it.engine)

    run(story())
    inner = it.operations("inner", GROUP)
    one, two, last = inner["stone"], inner["sttwo"], inner["id-last"]
    assert one.started == two.started
    assert last.started == max(one.ends, two.ends)
    assert it.deployment().state == it.deployment("inner", GROUP).state == "Succeeded"


def test_a_deployment_takes_exactly_its_critical_path(tmp_path: Path) -> None:
    it = bench(tmp_path, speed=10)

    async def story() -> None:
        after = [f"[resourceId('{ACCOUNTS}', 'stone')]"]
        chain = inside(account("stone"), identity("id-a", after=after), identity("id-b"))
        it.deploy(template(group(), nested("inner", chain)))
        await it.clock.finish(it.engine)

    run(story())
    rg = length_of("Microsoft.Resources/resourceGroups", GROUP, "create")
    expected = (rg + _length(ACCOUNTS, "stone") + _length(IDENTITIES, "id-a")) / 10
    record = it.deployment()
    assert record.changed - record.started == pytest.approx(expected)
    entry = as_object(timeline(it.emulator)[0])
    assert entry["criticalPathSeconds"] == pytest.approx(expected, abs=1e-5)
    assert entry["seconds"] == pytest.approx(expected, abs=1e-5)
    assert [str(step).rsplit("/", 1)[-1] for step in as_list(entry["criticalPath"])] == ["rg-a", "stone", "id-a"]


def test_an_identical_redeployment_is_quick_and_changes_nothing(tmp_path: Path) -> None:
    it = bench(tmp_path)
    whole = template(group(), nested("inner", inside(account("stone"))))
    seen = []

    async def story() -> None:
        it.deploy(whole)
        await it.clock.finish(it.engine)
        seen.append(it.properties(f"{GROUP}/providers/{ACCOUNTS}/stone"))
        it.deploy(whole)
        await it.clock.finish(it.engine)

    run(story())
    again = it.deployment()
    assert again.changed - again.started < 10 < _length(ACCOUNTS, "stone")
    assert [it.properties(f"{GROUP}/providers/{ACCOUNTS}/stone")] == seen
    assert it.operations("inner", GROUP)["stone"].status_code == "OK"


def test_a_failure_stops_only_its_dependents(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        after = [f"[resourceId('{ACCOUNTS}', 'NOT-A-NAME')]"]
        parts = inside(account("NOT-A-NAME"), identity("id-blocked", after=after), identity("id-free"))
        it.deploy(template(group(), nested("inner", parts), group("rg-other")))
        await it.clock.finish(it.engine)

    run(story())
    inner = it.operations("inner", GROUP)
    assert inner["NOT-A-NAME"].state == "Failed"
    assert inner["id-free"].state == "Succeeded"
    assert "id-blocked" not in inner
    assert it.operations()["rg-other"].state == "Succeeded"
    error = it.deployment().error
    assert member(error, "code") == "DeploymentFailed"
    middle = as_list(member(error, "details"))[0]
    assert member(middle, "code") == "ResourceDeploymentFailure"
    innermost = as_list(member(as_list(member(middle, "details"))[0], "details"))[0]
    assert member(innermost, "code") == "AccountNameInvalid"


def test_a_resource_exists_while_it_is_being_created(tmp_path: Path) -> None:
    it = bench(tmp_path)
    where = f"{GROUP}/providers/{ACCOUNTS}/stone"

    async def story() -> None:
        it.deploy(template(group(), nested("inner", inside(account("stone")))))
        await it.clock.advance(10)
        assert it.properties(where)["provisioningState"] == "Creating"
        assert it.deployment().state == "Running"
        await it.clock.finish(it.engine)

    run(story())
    assert it.properties(where)["provisioningState"] == "Succeeded"


def test_reference_returns_members_computed_by_the_provider(tmp_path: Path) -> None:
    it = bench(tmp_path)
    name = f"resourceId('{IDENTITIES}', 'id-a')"

    async def story() -> None:
        tagged = account("stone", tags={"owner": f"[reference({name}, '2024-11-30').principalId]"}, after=[f"[{name}]"])
        it.deploy(template(group(), nested("inner", inside(identity("id-a"), tagged))))
        await it.clock.finish(it.engine)

    run(story())
    found = it.emulator.resources.get(f"{GROUP}/providers/{ACCOUNTS}/stone")
    principal = it.properties(f"{GROUP}/providers/{IDENTITIES}/id-a")["principalId"]
    assert found is not None
    assert found.desired["tags"] == {"owner": principal}


def test_cancelling_starts_nothing_more_and_lets_providers_finish(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        after = [f"[resourceId('{ACCOUNTS}', 'stone')]"]
        it.deploy(template(group(), nested("inner", inside(account("stone"), identity("id-a", after=after)))))
        await it.clock.advance(10)
        it.engine.cancel(it.deployment())
        assert it.deployment().state == it.deployment("inner", GROUP).state == "Canceled"
        operations = it.emulator.deployments.operations(it.deployment().key)
        assert [one.state for one in operations if "deployments" in str(one.target)] == ["Canceled"]
        with pytest.raises(ArmError, match="cannot be cancelled"):
            it.engine.cancel(it.deployment())
        await it.clock.finish(it.engine)

    run(story())
    assert it.deployment().state == "Canceled"
    assert it.properties(f"{GROUP}/providers/{ACCOUNTS}/stone")["provisioningState"] == "Succeeded"
    assert it.emulator.resources.get(f"{GROUP}/providers/{IDENTITIES}/id-a") is None


def test_an_active_name_or_another_location_is_refused(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        it.deploy(template(group()))
        with pytest.raises(ArmError) as active:
            it.deploy(template(group()))
        assert (active.value.status, active.value.code) == (409, "DeploymentActive")
        await it.clock.finish(it.engine)
        with pytest.raises(ArmError) as moved:
            it.deploy(template(group()), location="eastus")
        assert (moved.value.status, moved.value.code) == (409, "InvalidDeploymentLocation")

    run(story())


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (
            resource(f"{ACCOUNTS}/blobServices/containers", "stghost/default/raw", location=None),
            "ParentResourceNotFound",
        ),
        (nested("deeper", inside(identity("id-a")), into="rg-missing", after=[]), "ResourceGroupNotFound"),
        (
            account("stone", tags={"x": "[reference('/subscriptions/x/resourceGroups/y/providers/A.B/c/d', '1').e]"}),
            "ResourceNotFound",
        ),
    ],
)
def test_errors_name_the_missing_resource(tmp_path: Path, part: dict[str, Json], code: str) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        it.deploy(template(group(), nested("inner", inside(part))))
        await it.clock.finish(it.engine)

    run(story())
    [failed] = [item for item in it.operations("inner", GROUP).values() if item.state == "Failed"]
    assert code in str(failed.error)


def test_two_deployments_of_one_resource_are_serialised(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        it.deploy(template(group()))
        await it.clock.finish(it.engine)
        it.deploy(inside(account("stone")), name="first", scope=GROUP)
        await it.clock.advance(5)
        it.deploy(inside(account("stone", tags={"a": "b"})), name="second", scope=GROUP)
        await it.clock.finish(it.engine)

    run(story())
    first, second = it.operations("first", GROUP)["stone"], it.operations("second", GROUP)["stone"]
    assert second.started < first.ends < second.ends
    stored = it.emulator.resources.get(f"{GROUP}/providers/{ACCOUNTS}/stone")
    assert stored is not None
    assert (stored.state, stored.desired["tags"]) == ("Succeeded", {"a": "b"})


def test_a_group_being_deleted_accepts_no_resources(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        it.deploy(template(group()))
        await it.clock.finish(it.engine)
        going = it.emulator.resources.get(GROUP)
        assert going is not None
        going.state = "Deleting"
        it.emulator.resources.save(going)
        it.deploy(inside(account("stone")), name="late", scope=GROUP)
        await it.clock.finish(it.engine)

    run(story())
    assert member(it.operations("late", GROUP)["stone"].error, "code") == "ResourceGroupBeingDeleted"


def test_only_incremental_mode_is_supported(tmp_path: Path) -> None:
    it = bench(tmp_path)
    with pytest.raises(ArmError, match="only Incremental"):
        it.deploy(template(group()), mode="Complete")


def test_outputs_are_evaluated_last_and_named_as_by_arm(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        outputs: dict[str, Json] = {"ACCOUNT_ID": {"type": "string", "value": f"[resourceId('{ACCOUNTS}', 'stone')]"}}
        it.deploy(template(group(), nested("inner", inside(account("stone"), outputs=outputs))))
        await it.clock.finish(it.engine)

    run(story())
    inner = it.deployment("inner", GROUP)
    assert inner.outputs == {"accounT_ID": {"type": "String", "value": f"{GROUP}/providers/{ACCOUNTS}/stone"}}
    assert it.emulator.deployments.operations(inner.key)[-1].kind == "EvaluateDeploymentOutput"
    assert it.deployment().output_resources == [{"id": GROUP}, {"id": f"{GROUP}/providers/{ACCOUNTS}/stone"}]


def test_an_unregistered_namespace_is_refused_until_registered(tmp_path: Path) -> None:
    it = bench(tmp_path)
    whole = template(group(), nested("inner", inside(resource("Microsoft.App/jobs", "job"))))

    async def story() -> None:
        with pytest.raises(ArmError) as refused:
            it.deploy(whole)
        assert (refused.value.status, refused.value.code) == (409, "MissingSubscriptionRegistration")
        assert refused.value.details[0]["target"] == "Microsoft.App"
        it.emulator.registrations.set(SCOPE.rsplit("/", 1)[-1], "Microsoft.App", "Registering", it.clock.now() + 20)
        with pytest.raises(ArmError, match="MissingSubscriptionRegistration"):
            it.deploy(whole)
        await it.clock.advance(20)
        it.deploy(whole)
        await it.clock.finish(it.engine)

    run(story())
    assert it.deployment().state == "Succeeded"


def test_an_optional_module_output_waits_for_the_module(tmp_path: Path) -> None:
    it = bench(tmp_path)
    made: dict[str, Json] = {
        "issuer": {
            "type": "string",
            "value": "[reference(resourceId('Microsoft.Storage/storageAccounts', 'stone'), '2025-06-01').primaryLocation]",
        }
    }
    first = nested("first", inside(account("stone"), outputs=made))
    asked = inside(
        identity("id-a"),
        parameters={"issuer": {"type": "string"}},
        outputs={"it": {"type": "string", "value": "[parameters('issuer')]"}},
    )
    shown = "reference(resourceId('11111111-2222-3333-4444-555555555555', 'rg-a', 'Microsoft.Resources/deployments', 'first'), '2025-04-01')"
    second = nested(
        "second",
        asked,
        parameters={"issuer": f"[coalesce(tryGet(tryGet({shown}, 'outputs'), 'issuer', 'value'), '')]"},
        after=[],
    )

    async def story() -> None:
        it.deploy(template(group(), first, second))
        await it.clock.finish(it.engine)
        assert it.deployment().state == "Succeeded", it.deployment().error
        outputs = it.deployment("second", GROUP).outputs or {}
        assert member(outputs["it"], "value") == "westeurope"

    run(story())


def test_an_unwritable_state_ends_the_server_but_no_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    it = bench(tmp_path)
    ended: list[int] = []
    monkeypatch.setattr("installer.emulator.deployments.engine.os._exit", ended.append)

    def full(_operation: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async def story() -> None:
        it.deploy(template(group(), nested("inner", inside(identity("id-a")))))
        await it.clock.advance(1)
        monkeypatch.setattr(it.emulator.deployments, "save_operation", full)
        await it.clock.finish(it.engine)

    run(story())
    assert ended == [STATE_LOST]
    assert it.deployment().state == "Running"  # so it resumes at the next start
