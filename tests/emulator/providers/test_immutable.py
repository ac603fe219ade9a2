"""A change of a property that Azure fixes at creation is refused, for a request and for a deployment, before all else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.errors import ArmError
from installer.emulator.providers.immutable import check_immutable, kept
from installer.emulator.state.resources import Resource
from installer.immutable_properties import Immutable, rules_of
from installer.json_access import JsonObject, as_object, member
from installer.jsontypes import Json
from installer.shipped_files import immutable_properties
from tests.emulator.asgi_client import local
from tests.emulator.in_memory import GROUP, Bench, bench, run
from tests.emulator.providers.test_services import registered
from tests.emulator.sample_templates import group, template

LEAST: Final = 70
"""Immutable properties of the types of the estate, at least."""
OF_TWO: Final = frozenset({"overlap", "elsewhere"})
"""Changes that concern two resources (tests/estate/test_changes.py)."""
VAULT: Final = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-one"


def _all_rules() -> list[tuple[str, Immutable]]:
    types = dict.fromkeys(row["type"] for row in json.loads(immutable_properties())["properties"])
    every = rules_of("*")
    return [
        (kind, rule)
        for kind in types
        if kind != "*"
        for rule in rules_of(kind)
        if rule not in every and rule.change not in OF_TWO
    ]


RULES: Final = _all_rules()


def _state(path: tuple[str, ...], value: Json) -> JsonObject:
    """A resource with a value at a path."""
    if not path:
        raise AssertionError
    name, rest = path[0], path[1:]
    inner: Json = value if not rest else _state(rest, value)
    if name.endswith("[]"):
        return {name.removesuffix("[]"): [{"name": "one", **as_object(inner)}]}
    return {name: inner}


_VALUES: Final[Mapping[str, tuple[Json, Json]]] = {
    "any": ("one", "another"),
    "lower": (18, 16),
    "unset": (True, False),
    "shrink": (["10.0.0.0/16", "10.1.0.0/16"], ["10.0.0.0/16"]),
    "zonal": ("Standard_LRS", "Standard_ZRS"),
    "downgrade": ("Premium_AzureFrontDoor", "Standard_AzureFrontDoor"),
}


def _values(rule: Immutable) -> tuple[Json, Json]:
    if isinstance(rule.default, bool):
        return not rule.default, rule.default
    return (["1", "2"], ["1"]) if rule.path[-1] in {"zones", "availabilityZones"} else _VALUES[rule.change]


def _written(it: Bench, kind: str, body: JsonObject) -> Resource:
    """Store a resource as a completed write leaves it."""
    levels = kind.split("/")[1:]
    where = f"{GROUP}/providers/{kind.split('/', 1)[0]}/" + "/".join(f"{level}/n{i}" for i, level in enumerate(levels))
    return Resource(where, kind, "n", "2025-01-01", "Succeeded", 0, 0, desired=body)


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """One world for all rows."""
    return bench(tmp_path_factory.mktemp("azure"))


@pytest.mark.parametrize(("kind", "rule"), RULES, ids=lambda value: value if isinstance(value, str) else value.label)
def test_every_row_of_the_table_is_refused_or_ignored(it: Bench, kind: str, rule: Immutable) -> None:
    assert rule.source.startswith("https://")
    old, new = _values(rule)
    before, after = _written(it, kind, _state(rule.path, old)), _written(it, kind, _state(rule.path, new))
    same = it.emulator.provider_context(before, before)
    check_immutable(same)
    if rule.ignored:
        assert member(kept(after, before), *(part for part in rule.path)) == old
        return
    if rule.occupied:
        holder = _written(
            it, "Microsoft.Network/networkInterfaces", {"properties": {"subnet": {"id": before.id.lower()}}}
        )
        it.emulator.resources.save(holder)
    with pytest.raises(ArmError) as refused:
        check_immutable(it.emulator.provider_context(after, before))
    assert (refused.value.status, refused.value.code) == (rule.status, rule.code)
    assert "{" not in refused.value.message


def test_the_table_covers_the_estate() -> None:
    assert len(RULES) >= LEAST


def _vault(days: int, **more: Json) -> JsonObject:
    sku: JsonObject = {"family": "A", "name": "standard"}
    return {
        "location": "westeurope",
        "properties": {
            "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
            "sku": sku,
            "softDeleteRetentionInDays": days,
            "enableRbacAuthorization": True,
            **more,
        },
    }


def test_a_deployment_with_another_retention_fails_like_azure(tmp_path: Path) -> None:
    it = registered(bench(tmp_path))

    def sent(days: int) -> JsonObject:
        frame: JsonObject = {"type": "Microsoft.KeyVault/vaults", "apiVersion": "2023-07-01", "name": "kv-one"}
        return template({**frame, **_vault(days)})

    async def story() -> None:
        it.deploy(template(group()), name="group")
        await it.clock.finish(it.engine)
        for days, state in ((14, "Succeeded"), (14, "Succeeded"), (90, "Failed")):
            it.deploy(sent(days), scope=GROUP, location=None)
            await it.clock.finish(it.engine)
            found = it.deployment(scope=GROUP)
            assert found.state == state, (days, found.error)
        assert "has been set already" in str(it.operations(scope=GROUP)["kv-one"].error)
        assert it.properties(VAULT)["softDeleteRetentionInDays"] == 14

    run(story())


def test_a_request_is_refused_and_a_change_that_azure_ignores_changes_nothing(tmp_path: Path) -> None:
    it = local(tmp_path)
    registered(it)
    version = "api-version=2025-07-01"
    apps = f"{GROUP}/providers/Microsoft.App/managedEnvironments/cae-one?{version}"

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version=2025-04-01", {"location": "westeurope"})
        assert (
            await it.ask("PUT", apps, {"location": "westeurope", "properties": {"zoneRedundant": False}})
        ).status < 300
        await it.done()
        changed = await it.ask("PUT", apps, {"location": "westeurope", "properties": {"zoneRedundant": True}})
        assert changed.status == 400
        inside: Json = {"infrastructureSubnetId": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"}
        joined = await it.ask(
            "PUT", apps, {"location": "westeurope", "properties": {"vnetConfiguration": inside, "zoneRedundant": False}}
        )
        assert joined.status < 300, joined.code
        await it.done()
        now = (await it.ask("GET", apps)).json
        assert member(now, "properties", "vnetConfiguration", "infrastructureSubnetId") is None

    run(story())
