"""Values and error messages of functions and operators match the compiler's console and snapshot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from installer.arm_templates import TemplateError, expand
from tests.arm_templates.cases import SUBSCRIPTION_SCOPE, context
from tests.arm_templates.console import show

if TYPE_CHECKING:
    from installer.jsontypes import Json

DATA = Path(__file__).parent / "data"


def load(name: str) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", json.loads((DATA / f"{name}.json").read_text()))


def template(value: Json) -> dict[str, Json]:
    variables: dict[str, Json] = {"x": "v1", "rg": "[resourceGroup()]", "tags": "[resourceGroup().tags]"}
    shown: Json = value
    if isinstance(value, dict) and {"name", "count", "input"} <= value.keys():
        variables["copy"] = [value]
        shown = f"[variables('{value['name']}')]"
    return {
        "contentVersion": "1.0.0.0",
        "parameters": {
            "p": {"type": "string", "defaultValue": "pv"},
            "s": {"type": "securestring", "defaultValue": "sv"},
            "sec": {"type": "securestring"},
        },
        "variables": variables,
        "resources": [{"type": "A.B/c", "apiVersion": "2020-01-01", "name": "n0", "properties": {"v": shown}}],
        "outputs": {"o": {"type": "object", "value": {"v": shown}}},
    }


ARGUMENTS: dict[str, Json] = {"sec": {"value": "zz"}}
VECTORS = [entry for entry in load("expressions") if "arm" in entry]
SCOPED = [entry for entry in load("expressions") if "snapshot, " in str(entry["oracle"])]


def output(value: Json, scope: str = "resourceGroup") -> Json:
    source = template(value)
    source["resources"] = []
    plan = expand(source, ARGUMENTS, context(scope))
    shown = plan.outputs()["o"]
    assert isinstance(shown, dict)
    result = shown["value"]
    assert isinstance(result, dict)
    return result["v"]


def predicted(value: Json) -> Json:
    plan = expand(template(value), ARGUMENTS, context())
    properties = plan.predict()[0]["properties"]
    assert isinstance(properties, dict)
    return properties["v"]


@pytest.mark.parametrize("entry", [e for e in VECTORS if e["kind"] == "ok"], ids=lambda e: str(e["arm"])[:60])
def test_value(entry: dict[str, Json]) -> None:
    got = output(entry["arm"])
    if entry["oracle"] == "console":
        assert show(got) == entry["result"]
    else:
        wanted = json.loads(str(entry["result"]))
        assert (type(got), got) == (type(wanted), wanted)


@pytest.mark.parametrize("entry", [e for e in VECTORS if e["kind"] == "engine-error"], ids=lambda e: str(e["arm"])[:60])
def test_refusal(entry: dict[str, Json]) -> None:
    with pytest.raises(TemplateError) as caught:
        output(entry["arm"])
    assert caught.value.message == entry.get("message", "")
    assert caught.value.code == "InvalidTemplate"


@pytest.mark.parametrize("entry", SCOPED, ids=lambda e: str(e["expr"])[:60])
def test_scope_functions(entry: dict[str, Json]) -> None:
    at_subscription = "subscription scope" in str(entry["oracle"])
    tenant = "" if at_subscription else "00000000-0000-0000-0000-00000000000a"
    here = context("subscription" if at_subscription else "resourceGroup")
    scope = type(SUBSCRIPTION_SCOPE)(here.scope.kind, tenant, here.scope.subscription_id, here.scope.resource_group)
    expression = str(entry["expr"]).removeprefix("any(az.").removesuffix(")")
    source: dict[str, Json] = {
        "resources": [
            {
                "type": "A.B/c",
                "apiVersion": "2020-01-01",
                "name": "n",
                "properties": {"v": f"[{expression + ')' * (expression.count('(') - expression.count(')'))}]"},
            }
        ]
    }
    plan = expand(source, {}, type(here)(scope, "dep1", here.location, here.resource_group_location))
    properties = plan.predict()[0]["properties"]
    assert isinstance(properties, dict)
    wanted = json.loads(str(entry["result"]))
    if isinstance(properties["v"], dict):
        members = wanted.removeprefix("[createObject('").removesuffix(")]")
        assert [members.partition("'")[0]] == list(properties["v"])[:1]
    else:
        assert properties["v"] == wanted


@pytest.mark.parametrize("entry", load("arguments"), ids=lambda e: str(e["arm"])[:60])
def test_argument_types_and_counts(entry: dict[str, Json]) -> None:
    if "message" in entry:
        with pytest.raises(TemplateError) as caught:
            output(entry["arm"])
        assert caught.value.message == entry["message"]
    elif "unresolved" in entry:
        assert entry["unresolved"] in {str(predicted(entry["arm"]))[1:-1], _as_call(entry["arm"])}
    else:
        assert json.dumps(predicted(entry["arm"])) == json.dumps(entry["result"])


@pytest.mark.parametrize("entry", load("corners"), ids=lambda e: str(e["arm"])[:60])
def test_edge_cases_of_formats_dates_uris_networks_and_order(entry: dict[str, Json]) -> None:
    if "message" in entry:
        with pytest.raises(TemplateError) as caught:
            output(entry["arm"])
        assert caught.value.message == entry["message"]
    else:
        assert json.dumps(output(entry["arm"])) == json.dumps(entry["result"])


@pytest.mark.parametrize("entry", load("partial"), ids=lambda e: str(e["arm"])[:60])
def test_values_known_only_during_the_run(entry: dict[str, Json]) -> None:
    if "unresolved" in entry:
        assert entry["unresolved"] in {str(predicted(entry["arm"]))[1:-1], _as_call(entry["arm"])}
    else:
        assert predicted(entry["arm"]) == entry["predicted"]


def _as_call(value: Json) -> str:
    """A partly known container as one expression, the way the outputs of a snapshot show it."""
    source = template(value)
    source["outputs"] = {"o": {"type": "string", "value": f"[string({str(value)[1:-1]})]"}}
    source["resources"] = [
        {
            "type": "A.B/c",
            "apiVersion": "2020-01-01",
            "name": "n",
            "properties": {"v": f"[string({str(value)[1:-1]})]"},
        }
    ]
    properties = expand(source, ARGUMENTS, context()).predict()[0]["properties"]
    assert isinstance(properties, dict)
    return str(properties["v"]).removeprefix("[string(").removesuffix(")]")
