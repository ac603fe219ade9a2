"""Order, batches and the effect of failures match Microsoft's deployment engine, graph by graph."""

from pathlib import Path

import pytest

from installer.emulator.deployments import resources
from installer.emulator.errors import ArmError
from installer.emulator.providers import registry
from installer.emulator.providers.provider import ProviderContext
from installer.json_access import as_text, member
from installer.jsontypes import Json
from tests.emulator.deployments.order_graphs import GRAPHS, Part, golden, timeline
from tests.emulator.in_memory import GROUP, bench, run
from tests.emulator.sample_templates import group, identity, inside, template

GOLDEN = golden()


def _resource(part: Part) -> dict[str, Json]:
    name = f"[format('{part.name}{{0}}', copyIndex())]" if part.loop else part.name
    made: dict[str, Json] = {**identity(name), "dependsOn": [*part.after]}
    if part.loop:
        loop: dict[str, Json] = {"name": part.name, "count": len(part.lengths)}
        if part.batch:
            loop |= {"mode": "serial", "batchSize": part.batch}
        made["copy"] = loop
    return made


def _events(times: dict[str, tuple[float, float, bool]]) -> dict[tuple[str, str], float]:
    """The moment of every begin and end, in seconds from the beginning of all."""
    found: dict[tuple[str, str], float] = {}
    for name, (begin, end, fine) in times.items():
        found["begin", name] = round(begin, 6)
        found["end" if fine else "fail", name] = round(end, 6)
    return found


def test_recorded_graphs_cover_every_kind() -> None:
    assert len(GOLDEN) == GRAPHS
    parts = [part for graph, _ in GOLDEN for part in graph]
    assert {part.batch for part in parts if part.loop} == {0, 1, 2}
    assert sum(any(part.failing for part in graph) for graph, _ in GOLDEN) > 10


@pytest.mark.parametrize("number", range(len(GOLDEN)))
def test_a_graph_runs_in_the_recorded_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    parts, observed = GOLDEN[number]
    lengths = {name: ms for part in parts for name, ms in zip(part.instances(), part.lengths, strict=True)}
    failing = {part.instances()[index] for part in parts for index in part.failing}

    def length(_kind: str, resource_id: str, _change: str) -> float:
        return lengths.get(resource_id.rsplit("/", 1)[-1], 0) / 1000

    def ending(case: ProviderContext) -> ArmError | None:
        return ArmError(409, "Conflict", "asked to fail") if case.leaf in failing else None

    monkeypatch.setattr(resources, "length_of", length)
    monkeypatch.setattr(registry, "ending", ending)
    it = bench(tmp_path)

    async def story() -> None:
        it.deploy(template(group()), name="group")
        await it.clock.finish(it.engine)
        resources: Json = {part.name: _resource(part) for part in parts}
        it.deploy({**inside(), "languageVersion": "2.0", "resources": resources}, scope=GROUP, location=None)
        await it.clock.finish(it.engine)

    run(story())
    begun = it.deployment("main", GROUP).started
    times = {
        as_text(member(operation.target, "resourceName")): (
            operation.started - begun,
            operation.ends - begun,
            operation.state == "Succeeded",
        )
        for operation in it.operations("main", GROUP).values()
        if operation.target is not None
    }
    events = _events(times)
    assert set(events) == set(observed)
    moments = [events[event] for event in observed]
    assert moments == sorted(moments), "the engine did it in the same order; what falls together has none"
    assert set(times) == set(timeline(parts))
