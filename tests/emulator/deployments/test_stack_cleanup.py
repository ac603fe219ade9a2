"""Stacks remove resources that are no longer in the template, despite locks and server crashes."""

import json
from pathlib import Path

import pytest

from installer.emulator.deployments.request import propose, scope_of
from installer.emulator.deployments.stacks import Stacks, deployment_name, stack_id
from installer.emulator.state.resources import Resource
from installer.json_access import member
from installer.jsontypes import Json
from tests.emulator.in_memory import GROUP, SCOPE, Bench, bench, run
from tests.emulator.sample_templates import Template, account, group, identity, inside, nested, template

NAME = "platform"
WHERE = stack_id(SCOPE, NAME)
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stone"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a"
BOTH = template(group(), nested("inner", inside(account("stone"), identity("id-a"))))
ONE = template(group(), nested("inner", inside(account("stone"))))


def _body(content: Template) -> dict[str, Json]:
    return {
        "location": "westeurope",
        "properties": {
            "template": content,
            "parameters": {},
            "actionOnUnmanage": {"resources": "delete", "resourceGroups": "delete"},
            "denySettings": {"mode": "none"},
        },
    }


def _submit(it: Bench, stacks: Stacks, content: Template) -> None:
    body = _body(content)
    proposal = propose(
        it.emulator,
        scope_of(SCOPE, it.emulator.directory.tenant_id),
        deployment_name(NAME),
        json.dumps(body),
        runtime=it.engine.runtime,
        needs_location=True,
    )
    stacks.submit(WHERE, body, proposal, "2024-03-01", "a-correlation")


def _stack(it: Bench) -> Resource:
    found = it.emulator.resources.get(WHERE)
    assert found is not None
    return found


def _noted(it: Bench, name: str) -> list[Json]:
    found = member(_stack(it).computed, "properties", name)
    assert isinstance(found, list)
    return [member(item, "id") for item in found]


def test_a_locked_resource_is_kept_and_reported_by_the_stack(tmp_path: Path) -> None:
    it = bench(tmp_path)
    stacks = Stacks(it.emulator, it.engine)
    lock: dict[str, Json] = {
        "type": "Microsoft.Authorization/locks",
        "apiVersion": "2020-05-01",
        "name": "keep",
        "scope": "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'id-a')]",
        "properties": {"level": "CanNotDelete"},
    }

    async def twice() -> None:
        _submit(it, stacks, BOTH)
        await it.clock.finish(it.engine)
        it.deploy(inside(lock), name="lock", scope=GROUP, location=None)
        await it.clock.finish(it.engine)
        _submit(it, stacks, ONE)
        await it.clock.finish(it.engine)

    run(twice())
    assert _stack(it).state == "failed"
    assert it.emulator.resources.exists(IDENTITY)
    assert _noted(it, "failedResources") == [IDENTITY]


@pytest.mark.parametrize("state", ["deploying", "deletingResources", "succeeded"])
def test_unmanaged_resources_are_deleted_after_a_kill_at_any_point(tmp_path: Path, state: str) -> None:
    it = bench(tmp_path)

    async def begin() -> None:
        stacks = Stacks(it.emulator, it.engine)
        _submit(it, stacks, BOTH)
        await it.clock.finish(it.engine)
        _submit(it, stacks, ONE)
        while _stack(it).state != state:
            await it.clock.advance(0.5)
        await it.engine.stop()

    run(begin())
    again = it.died()

    async def go_on() -> None:
        again.engine.resume()
        Stacks(again.emulator, again.engine).resume()
        await again.clock.finish(again.engine)

    run(go_on())
    assert _stack(again).state == "succeeded"
    assert not again.emulator.resources.exists(IDENTITY)
    assert again.emulator.resources.exists(ACCOUNT)
