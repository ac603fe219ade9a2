"""Deployment stacks: managed, deleted and detached resources, and restarts."""

import json
from pathlib import Path

from installer.emulator.deployments.request import propose, scope_of
from installer.emulator.deployments.stacks import DELETION, Stacks, deployment_name, managed, stack_id
from installer.emulator.state.resources import Resource
from installer.json_access import as_list, as_text, member
from installer.jsontypes import Json
from tests.emulator.in_memory import SCOPE, Bench, bench, run
from tests.emulator.sample_templates import Template, group, identity, inside, nested, template

WHERE = stack_id(SCOPE, "all")
TWO = template(group(), nested("inner", inside(identity("id-a"), identity("id-b"))))
ONE = template(group(), nested("inner", inside(identity("id-a"))))


def _submit(it: Bench, stacks: Stacks, what: Template, action: str = "delete") -> bool:
    properties: dict[str, Json] = {
        "template": what,
        "actionOnUnmanage": {"resources": action, "resourceGroups": action},
        "denySettings": {"mode": "none"},
    }
    body: dict[str, Json] = {"location": "westeurope", "properties": properties}
    scope = scope_of(SCOPE, it.emulator.directory.tenant_id)
    proposal = propose(
        it.emulator,
        scope,
        deployment_name("all"),
        json.dumps(body),
        runtime=it.engine.runtime,
        needs_location=True,
    )
    return stacks.submit(WHERE, body, proposal, "2024-03-01", "a-correlation")


def _stack(it: Bench) -> Resource:
    found = it.emulator.resources.get(WHERE)
    assert found is not None
    return found


def _names(value: Json) -> set[str]:
    return {as_text(member(item, "id")).rsplit("/", 1)[-1] for item in as_list(value)}


def _leaves(names: list[str]) -> set[str]:
    return {name.rsplit("/", 1)[-1] for name in names}


def test_resources_removed_from_the_template_are_deleted_or_detached(tmp_path: Path) -> None:
    it = bench(tmp_path)
    stacks = Stacks(it.emulator, it.engine)

    async def story() -> None:
        assert _submit(it, stacks, TWO)
        await it.clock.finish(it.engine)
        assert _stack(it).state == "succeeded"
        assert _leaves(managed(_stack(it))) == {"rg-a", "id-a", "id-b"}
        assert not _submit(it, stacks, ONE, "detach")
        await it.clock.finish(it.engine)
        assert _names(member(_stack(it).computed, "properties", "detachedResources")) == {"id-b"}
        assert _leaves([item.id for item in it.emulator.resources.of_group(SCOPE.rsplit("/", 1)[-1], "rg-a")]) == {
            "id-a",
            "id-b",
        }
        _submit(it, stacks, template(group()))
        await it.clock.finish(it.engine)
        assert _names(member(_stack(it).computed, "properties", "deletedResources")) == {"id-a"}

    run(story())


def test_a_failed_deployment_fails_its_stack_and_deletes_nothing(tmp_path: Path) -> None:
    it = bench(tmp_path)
    stacks = Stacks(it.emulator, it.engine)
    wrong = template(group(), nested("inner", inside(identity("id-c")), into="rg-nowhere", after=[]))

    async def story() -> None:
        _submit(it, stacks, TWO)
        await it.clock.finish(it.engine)
        _submit(it, stacks, wrong)
        await it.clock.finish(it.engine)

    run(story())
    assert _stack(it).state == "failed"
    assert member(_stack(it).computed, "properties", "error", "code") == "DeploymentStackDeploymentFailed"
    assert it.emulator.resources.get(f"{SCOPE}/resourceGroups/rg-a") is not None


def test_stacks_resume_after_a_restart(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def begin() -> None:
        _submit(it, Stacks(it.emulator, it.engine), TWO)
        await it.clock.advance(1)
        await it.engine.stop()

    run(begin())
    again = it.died()
    stacks = Stacks(again.emulator, again.engine)

    async def go_on() -> None:
        again.engine.resume()
        stacks.resume()
        await again.clock.finish(again.engine)
        assert _stack(again).state == "succeeded"
        stacks.delete(_stack(again), {"resources": "delete", "resourceGroups": "delete"})
        await again.engine.stop()

    run(go_on())
    last = again.died()
    remaining = Stacks(last.emulator, last.engine)

    async def end() -> None:
        last.engine.resume()
        remaining.resume()
        await last.clock.finish(last.engine)

    run(end())
    assert last.emulator.resources.get(WHERE) is None
    assert last.emulator.resources.get(f"{SCOPE}/resourceGroups/rg-a") is None
    assert last.emulator.jobs.unfinished(DELETION) == []
