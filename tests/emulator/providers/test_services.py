"""Every service of an estate deploys, provides its outputs, and does not change when it is deployed again."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from bicep.compile import Compiler, find_compiler
from installer.durations import types
from installer.emulator.deployments.request import propose, scope_of
from installer.emulator.deployments.whatif import what_if
from installer.emulator.providers.data_files import load
from installer.json_access import as_object, as_text, member
from installer.provider_needs import all_needs
from tests.arm_templates.compiler import compiled
from tests.arm_templates.test_snapshots import bare
from tests.emulator.deployments.what_if_changes import without_noise
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, Bench, bench, run
from tests.emulator.sample_templates import group, template

if TYPE_CHECKING:
    from installer.jsontypes import Json

SOURCE = Path(__file__).parent / "data" / "services.bicep"
SERVICES = cast("dict[str, Json]", json.loads(SOURCE.with_suffix(".json").read_text()))


def registered(it: Bench) -> Bench:
    """Registers the subscription for every namespace."""
    needed = {name for need in all_needs() for name in need.needs}
    for namespace in {*as_object(load("api_versions")), *needed}:
        it.emulator.registrations.set(SUBSCRIPTION, namespace, "Registered", 0)
    return it


async def _deploy(it: Bench) -> None:
    it.deploy(template(group()), name="group")
    await it.clock.finish(it.engine)
    it.deploy(SERVICES, name="services", scope=GROUP, location=None)
    await it.clock.finish(it.engine)


def _changes(it: Bench) -> list[str]:
    """The changes that what-if reports, without its noise: values that Azure adds."""
    body = json.dumps({"properties": {"mode": "Incremental", "template": SERVICES}})
    scope = scope_of(GROUP, it.emulator.directory.tenant_id)
    proposal = propose(it.emulator, scope, "services", body, runtime=it.engine.runtime, needs_location=False)
    found = what_if(it.emulator, proposal, "c")
    assert member(found, "properties", "changes")
    return [json.dumps(change) for change in without_noise(found)]


def test_every_service_deploys_and_a_second_deployment_changes_nothing(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))

    async def story() -> None:
        await _deploy(it)
        record = it.deployment("services", GROUP)
        assert record.state == "Succeeded", record.error
        outputs = {name: member(entry, "value") for name, entry in (record.outputs or {}).items()}
        assert len(outputs) == len(as_object(SERVICES["outputs"]))
        assert [name for name, value in outputs.items() if not value] == []
        assert as_text(outputs["ingestion"]).startswith("https://dcr-runs-")
        assert as_text(outputs["immutableId"]).startswith("dcr-")
        assert as_text(outputs["resolverAddress"]) == "10.8.2.100"
        assert _changes(it) == []
        before = it.clock.now()
        it.deploy(SERVICES, name="services", scope=GROUP, location=None)
        await it.clock.finish(it.engine)
        assert it.deployment("services", GROUP).state == "Succeeded"
        assert it.clock.now() - before < 60

    run(story())


def test_declared_outputs_and_durations_name_existing_types() -> None:
    known = {
        f"{namespace}/{kind}".lower()
        for namespace, kinds in as_object(load("api_versions")).items()
        for kind in as_object(kinds)
    }
    known |= set(as_object(member(load("clients"), "statuses")))
    known |= {name.partition("@")[0].lower() for name in as_object(member(load("read_members"), "resources"))}
    declared = as_object(member(load("outputs"), "types"))
    assert [name for name in declared if name.lower() not in known] == []
    assert set(as_object(member(load("outputs"), "sources"))) <= set(declared)
    lengths = types()
    assert {as_text(member(entry, "source")) for entry in lengths.values()} <= {"recorded", "documented", "estimated"}


@pytest.mark.compiler
def test_the_committed_template_equals_the_compiled_one() -> None:
    executable = find_compiler()
    if executable is None:
        pytest.skip("no Bicep compiler: set BICEP to one")
    with Compiler(executable) as compiler:
        assert bare(compiled(compiler, SOURCE)) == bare(SERVICES)
