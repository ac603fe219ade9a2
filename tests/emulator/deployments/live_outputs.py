"""Expressions evaluated as outputs of a running deployment to a resource group, beside resources that it deploys."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from installer.json_access import JsonObject, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.in_memory import GROUP, SCOPE, Bench, bench, run
from tests.emulator.sample_templates import group, inside, template


def deployed(
    path: Path,
    *resources: Mapping[str, Json],
    values: Mapping[str, str] | None = None,
    parameters: Mapping[str, Json] | None = None,
    given: Mapping[str, Json] | None = None,
    namespaces: Sequence[str] = (),
    script_outputs: Mapping[str, JsonObject] | None = None,
) -> Bench:
    """A bench whose group `rg-a` has these resources; `values` are expressions that become outputs of any type."""
    it = bench(path, script_outputs=script_outputs)
    for namespace in namespaces:
        it.emulator.registrations.set(SCOPE.rpartition("/")[2], namespace, "Registered", 0)
    outputs: dict[str, Json] = {
        name: {"type": "array", "value": f"[createArray({expression})]"} for name, expression in (values or {}).items()
    }

    async def story() -> None:
        it.deploy(template(group()), name="groups")
        await it.clock.finish(it.engine)
        made = {**inside(*resources), "parameters": dict(parameters or {}), "outputs": outputs}
        it.deploy(made, given, scope=GROUP, location=None)
        await it.clock.finish(it.engine)

    run(story())
    return it


def outputs(it: Bench) -> dict[str, Json]:
    """The values of the outputs, of a deployment that succeeded."""
    record = it.deployment(scope=GROUP)
    assert record.state == "Succeeded", (record.error, [one.error for one in it.operations(scope=GROUP).values()])
    shown = as_object(record.outputs)
    return {name: _only(member(entry, "value")) for name, entry in shown.items()}


def output_error(it: Bench) -> str:
    """The message of a deployment whose outputs could not be evaluated."""
    record = it.deployment(scope=GROUP)
    assert record.state == "Failed"
    return as_text(member(record.error, "message"))


def _only(value: Json) -> Json:
    assert isinstance(value, list)
    [single] = value
    return single
