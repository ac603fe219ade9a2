"""A plan against a runtime: bodies, nested plans and outputs are evaluated on demand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from installer.arm_templates import Plan, TemplateError, expand, parse_document
from tests.arm_templates.cases import context, load_cases

if TYPE_CHECKING:
    from installer.jsontypes import Json

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg1"
STORE = "Microsoft.Storage/storageAccounts"


@dataclass
class RecordingRuntime:
    """A runtime that answers from fixed properties, and records its calls."""

    properties: dict[str, Json] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def reference(self, resource_id: str, api_version: str | None, *, full: bool) -> Json:
        self.calls.append(("full" if full else "reference", resource_id, str(api_version)))
        if resource_id not in self.properties:
            raise TemplateError(f"The resource '{resource_id}' was not found.", code="ResourceNotFound")
        found = self.properties[resource_id]
        return {"id": resource_id, "properties": found} if full else found

    def invoke(self, function: str, resource_id: str, api_version: str | None, body: Json) -> Json:
        self.calls.append((function, resource_id, str(api_version), json.dumps(body)))
        return "from the vault" if function == "getSecret" else {"keys": [{"value": "k1"}]}

    def resource_group(self, subscription_id: str, name: str) -> Json:
        return {"id": f"/subscriptions/{subscription_id}/resourceGroups/{name}", "name": name, "tags": {"a": "b"}}

    def new_guid(self) -> str:
        return "5c7d1f0e-0000-4000-8000-000000000000"

    def subscription(self, subscription_id: str) -> Json:
        return {"displayName": f"Name of {subscription_id}"}

    def tenant(self) -> Json:
        return {"displayName": "Contoso", "countryCode": "DE"}

    def zones(self, subscription_id: str, resource_type: str, location: str) -> list[str]:
        self.calls.append(("zones", subscription_id, resource_type, location))
        return ["1", "2"]

    def zone_mappings(self, subscription_id: str, location: str) -> dict[str, str]:
        self.calls.append(("zone_mappings", subscription_id, location))
        return {"1": f"{location}-az2", "2": f"{location}-az1"}

    def provider(self, namespace: str, kind: str | None) -> Json:
        return {"resourceType": kind, "locations": [namespace], "apiVersions": []}

    def role_definition(self, name: str, scope: str) -> Json:
        return {"id": f"{scope}/{name}", "roleDefinitionId": name}


def resource(name: str, *, kind: str = STORE, **members: Json) -> dict[str, Json]:
    return {"type": kind, "apiVersion": "2023-01-01", "name": name, **members}


def module(name: str, template: dict[str, Json], **parameters: Json) -> dict[str, Json]:
    properties: dict[str, Json] = {
        "mode": "Incremental",
        "expressionEvaluationOptions": {"scope": "inner"},
        "parameters": {key: {"value": value} for key, value in parameters.items()},
        "template": {"contentVersion": "1.0.0.0", **template},
    }
    return resource(name, kind="Microsoft.Resources/deployments", properties=properties)


def plan_of(*resources: dict[str, Json], runtime: RecordingRuntime | None = None, **template: Json) -> Plan:
    return expand({"contentVersion": "1.0.0.0", "resources": [*resources], **template}, {}, context(), runtime)


def store(name: str) -> str:
    return f"{GROUP}/providers/{STORE}/{name}"


def test_body_queries_the_runtime_for_references() -> None:
    plan = plan_of(
        resource("a"),
        resource(
            "b",
            properties={
                "blob": f"[reference(resourceId('{STORE}', 'a')).endpoint]",
                "whole": "[reference('a', '2023-01-01', 'Full').id]",
                "key": f"[listKeys(resourceId('{STORE}', 'a'), '2023-01-01').keys[0].value]",
                "tag": "[resourceGroup().tags.a]",
                "suffix": "[environment().suffixes.storage]",
            },
        ),
    )
    runtime = RecordingRuntime({store("a"): {"endpoint": "https://a"}})
    assert plan.resources[1].body(runtime) == {
        "properties": {
            "blob": "https://a",
            "whole": store("a"),
            "key": "k1",
            "tag": "b",
            "suffix": "core.windows.net",
        }
    }
    assert ("reference", store("a"), "2023-01-01") in runtime.calls
    assert ("listKeys", store("a"), "2023-01-01", "null") in runtime.calls


def test_body_without_a_runtime_keeps_the_expression() -> None:
    plan = plan_of(resource("a"), resource("b", properties={"x": "[reference('a').endpoint]"}))
    assert plan.resources[1].body() == {"properties": {"x": f"[reference('{store('a')}', '2023-01-01').endpoint]"}}


def test_error_during_the_run_names_the_resource() -> None:
    text = json.dumps({"resources": [resource("b", properties={"x": "[reference('/nowhere').y]"})]}, indent=1)
    document = parse_document(text)
    plan = expand(document.value, {}, context(), document=document)
    with pytest.raises(TemplateError) as caught:
        plan.resources[0].body(RecordingRuntime())
    assert caught.value.message == (
        f"Unable to process template language expressions for resource '{store('b')}' at line '3' and column '3'. "
        "'The resource '/nowhere' was not found.'"
    )


def test_nested_plan_receives_runtime_values() -> None:
    inner: dict[str, Json] = {
        "parameters": {"x": {"type": "string"}, "s": {"type": "securestring"}},
        "resources": [resource("[concat('in', parameters('x'))]", tags={"d": "[deployment().name]"})],
        "outputs": {
            "id": {"type": "string", "value": f"[resourceId('{STORE}', concat('in', parameters('x')))]"},
            "secret": {"type": "securestring", "value": "[parameters('s')]"},
        },
    }
    plan = plan_of(resource("a"), module("m", inner, x="[reference('a').number]", s="hush"))
    runtime = RecordingRuntime({store("a"): {"number": "7"}})
    nested = plan.nested(plan.resources[1], runtime)
    assert plan.resources[1].is_deployment
    assert [node.id for node in nested.resources] == [store("in7")]
    assert nested.resources[0].body(runtime) == {"tags": {"d": "m"}}
    assert nested.context.deployment_name == "m"
    assert nested.outputs(runtime) == {
        "id": {"type": "String", "value": store("in7")},
        "secret": {"type": "SecureString"},
    }
    assert nested.parameters["s"].secure


def test_deployment_body_keeps_the_inner_template_unevaluated() -> None:
    inner: dict[str, Json] = {"resources": [resource("[parameters('x')]")]}
    body = plan_of(module("m", inner, x="[concat('a', 'b')]")).resources[0].body()
    properties = body["properties"]
    assert isinstance(properties, dict)
    assert properties["parameters"] == {"x": {"value": "ab"}}
    assert properties["template"] == {"contentVersion": "1.0.0.0", **inner}


def test_outer_evaluation_sees_the_parents_names() -> None:
    nested = module("m", {"resources": [resource("x", tags={"v": "[variables('v')]"})]})
    properties = nested["properties"]
    assert isinstance(properties, dict)
    del properties["expressionEvaluationOptions"], properties["parameters"]
    plan = plan_of({**nested, "resourceGroup": "rg2"}, variables={"v": "outer"})
    inner = plan.nested(plan.resources[0])
    assert inner.resources[0].body() == {"tags": {"v": "outer"}}
    assert inner.resources[0].id == store("x").replace("rg1", "rg2")
    assert inner.predict()[0]["tags"] == {"v": "outer"}


def test_parameters_have_type_value_and_secrecy() -> None:
    declared: dict[str, Json] = {
        "text": {"type": "string"},
        "secret": {"type": "secureString"},
        "number": {"type": "int", "defaultValue": 3},
        "guid": {"type": "string", "defaultValue": "[newGuid()]"},
        "now": {"type": "string", "defaultValue": "[utcNow('yyyy-MM-dd')]"},
        "vault": {"type": "securestring"},
    }
    given: dict[str, Json] = {
        "TEXT": {"value": "t"},
        "secret": {"value": "s"},
        "vault": {"reference": {"keyVault": {"id": "/vault"}, "secretName": "n"}},
    }
    runtime = RecordingRuntime()
    here = replace(context(), now=datetime(2026, 11, 24, 12, 0, tzinfo=UTC))
    plan = expand({"parameters": declared, "resources": []}, given, here, runtime)
    values = {name: (found.type, found.value, found.secure) for name, found in plan.parameters.items()}
    assert values == {
        "text": ("String", "t", False),
        "secret": ("SecureString", "s", True),
        "number": ("Int", 3, False),
        "guid": ("String", "5c7d1f0e-0000-4000-8000-000000000000", False),
        "now": ("String", "2026-11-24", False),
        "vault": ("SecureString", "from the vault", True),
    }
    assert runtime.calls == [("getSecret", "/vault", "None", '{"secretName": "n"}')]


def test_dependencies_by_id_name_loop_reference_and_batch() -> None:
    copy: Json = {"name": "lp", "count": 5, "mode": "serial", "batchSize": 2}
    plan = plan_of(
        resource("a"),
        resource("[concat('l', copyIndex())]", copy=copy, dependsOn=["a"]),
        resource("b", dependsOn=["lp", f"{STORE}/a"]),
        resource("c", properties={"x": "[reference('b').y]", "k": "[listKeys('a', '2023-01-01')]"}),
        resource("d", dependsOn=[f"[resourceId('{STORE}', 'c')]", "gone"]),
        resource("gone", condition=False),
    )
    before = {node.name: [key.rpartition("/")[2] for key in node.depends_on] for node in plan.resources}
    assert before == {
        "a": [],
        "l0": ["a"],
        "l1": ["a"],
        "l2": ["a", "l0", "l1"],
        "l3": ["a", "l0", "l1"],
        "l4": ["a", "l2", "l3"],
        "b": ["l0", "l1", "l2", "l3", "l4", "a"],
        "c": ["b", "a"],
        "d": ["c"],
    }


def test_symbolic_names_are_the_keys() -> None:
    case = next(case for case in load_cases() if case.name == "symbolic")
    plan = expand(case.template(), case.arguments(), context())
    nodes = {node.key: node for node in plan.resources}
    assert nodes["existing1"].existing
    assert nodes["account[1]"].symbolic_name == "account"
    assert set(nodes["site"].depends_on) == {"existing1", "other", "far", "account[0]", "account[1]"}
    assert nodes["many[1]"].depends_on == ("site", "many[0]")
    assert "never" not in nodes


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        ([resource("a"), resource("A")], "The resource 'Microsoft.Storage/storageAccounts/A' at line '0' and column"),
        ([resource("a", dependsOn=["b"]), resource("b", dependsOn=["a"])], "Circular dependency detected on resource"),
        ([resource("a", dependsOn=["zz"])], "The resource 'zz' is not defined in the template."),
        ([resource("a", condition="yes")], "The template resource 'a' at line '0' and column '0' is not valid"),
    ],
    ids=["twice", "circle", "unknown", "condition"],
)
def test_arm_refuses_what_the_compiler_accepts(resources: list[dict[str, Json]], message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        plan_of(*resources)
    assert caught.value.message.startswith(message)
    assert caught.value.code == "InvalidTemplate"


def test_outputs_against_a_runtime() -> None:
    plan = plan_of(
        resource("a"),
        outputs={
            "one": {"type": "int", "value": "[reference('a').size]"},
            "none": {"type": "string", "nullable": True, "value": "[null()]"},
            "left": {"type": "string", "condition": False, "value": "x"},
            "list": {"type": "array", "copy": {"count": 2, "input": "[copyIndex(1)]"}},
        },
    )
    assert plan.outputs(RecordingRuntime({store("a"): {"size": 3}})) == {
        "one": {"type": "Int", "value": 3},
        "none": {"type": "String"},
        "list": {"type": "Array", "value": [1, 2]},
    }


def test_positions_are_those_of_the_submitted_body() -> None:
    text = """{properties: {mode: 'Incremental', // as the Azure CLI sends it
  template: {
    "parameters": {"p": {"type": "string"}},
    "resources": [],
  }
}}"""
    document = parse_document(text)
    assert document.position(("properties", "template")) == (2, 13)
    assert document.position(("nowhere",)) == (0, 0)
    properties = document.value
    assert isinstance(properties, dict)
    members = properties["properties"]
    assert isinstance(members, dict)
    with pytest.raises(TemplateError) as caught:
        expand(members["template"], {}, context(), document=document)
    error = caught.value
    assert (error.line, error.column, error.path) == (3, 25, "parameters.p")
    assert error.message.startswith(
        "The value for the template parameter 'p' at line '3' and column '25' is not provided."
    )


@pytest.mark.parametrize(
    ("text", "line", "column"), [('{"a": 1,\n "b" 2}', 2, 6), ("{", 1, 2), ("{'a': tru}", 1, 7), ("[1] 2", 1, 5)]
)
def test_unreadable_requests(text: str, line: int, column: int) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_document(text)
    assert caught.value.code == "InvalidRequestContent"
    assert (caught.value.line, caught.value.column) == (line, column)
