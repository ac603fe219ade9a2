"""A template with a member that no template has is refused before anything else of it is read."""

import json
from pathlib import Path

import pytest

from installer.arm_templates import parse_document
from installer.emulator.deployments.template_members import check_members
from installer.emulator.errors import ArmError
from installer.json_access import as_object, member
from installer.jsontypes import Json
from tests.emulator.in_memory import GROUP, Bench, bench, run
from tests.emulator.sample_templates import account, group, inside, nested, template

GRAPH: dict[str, Json] = {"import": "graph", "type": "Microsoft.Graph/groups@v1.0", "properties": {}, "uniqueName": "g"}


def _refused(path: Path, made: dict[str, Json]) -> str:
    it = bench(path)
    run(_group(it))
    with pytest.raises(ArmError) as refusal:
        it.deploy(made, scope=GROUP, location=None)
    error = refusal.value.error()
    assert (refusal.value.status, error["code"]) == (400, "InvalidRequestContent")
    assert not any(it.emulator.resources.of_type("Microsoft.Storage/storageAccounts"))
    return str(error["message"])


async def _group(it: Bench) -> None:
    it.deploy(template(group()), name="groups")
    await it.clock.finish(it.engine)


def _loop(name: str, **more: Json) -> dict[str, Json]:
    return {**account(f"[concat('{name}', copyIndex())]"), "copy": {"name": "l", "count": 2}, **more}


@pytest.mark.parametrize(
    ("made", "owner", "path"),
    [
        ({**inside(account("sta")), "variabels": {}}, "Template", "variabels"),
        (
            inside(account("sta"), {**account("stb"), "apiVersion1": "x"}),
            "TemplateResource",
            "resources[1].apiVersion1",
        ),
        (inside({**account("sta"), "etag": "*"}), "TemplateResource", "resources[0].etag"),
        (inside({**account("sta"), "dependOn": []}), "TemplateResource", "resources[0].dependOn"),
        (inside({**account("sta"), "condition": False, "foo": 1}), "TemplateResource", "resources[0].foo"),
        (inside(_loop("st", batch=1)), "TemplateResource", "resources[0].batch"),
        (
            {**inside(), "languageVersion": "2.0", "resources": {"one": {**account("sta"), "depends": []}}},
            "TemplateResource",
            "resources.one.depends",
        ),
        (
            inside({**account("sta"), "resources": [{"type": "blobServices", "nmae": "default"}]}),
            "TemplateResource",
            "resources[0].resources[0].nmae",
        ),
        (
            inside(nested("n", inside({**account("sta"), "etag": "*"}))),
            "TemplateResource",
            "resources[0].properties.template.resources[0].etag",
        ),
    ],
)
def test_an_unknown_member_is_named_with_its_owner_and_place(
    tmp_path: Path, made: dict[str, Json], owner: str, path: str
) -> None:
    text = _refused(tmp_path, made)
    name = path.rpartition(".")[2]
    assert (
        f"'Could not find member '{name}' on object of type '{owner}'. Path 'properties.template.{path}', line 1"
        in text
    )


@pytest.mark.parametrize(
    ("without", "named"),
    [
        ({"contentVersion"}, "contentVersion"),
        ({"resources"}, "resources"),
        ({"$schema"}, "$schema"),
        ({"resources", "contentVersion"}, "contentVersion"),
    ],
)
def test_a_member_that_each_template_has_is_missed(tmp_path: Path, without: set[str], named: str) -> None:
    it = bench(tmp_path)
    run(_group(it))
    made = {name: value for name, value in inside(account("sta")).items() if name not in without}
    with pytest.raises(ArmError) as refusal:
        it.deploy(made, scope=GROUP, location=None)
    error = refusal.value.error()
    assert (refusal.value.status, error["code"]) == (400, "InvalidTemplate")
    assert f"Deployment template parse failed: 'Required property '{named}' not found in JSON." in str(error["message"])


def test_the_position_is_that_of_the_name() -> None:
    """As in the documented error: line 32, position 20 for a name of 13 characters with quotes behind 6 blanks."""
    text = '{"properties": {"template": {\n  "resources": [\n    {\n      "apiVersion1": "x"\n    }\n  ]\n}}}'
    document = parse_document(text)
    with pytest.raises(ArmError, match="line 4, position 20"):
        check_members(document, as_object(member(document.value, "properties", "template")))


@pytest.mark.parametrize(
    "resource",
    [
        {"TYPE": "a/b", "Name": "x", "ApiVersion": "1", "comments": "c", "metadata": {}, "Tags": {}, "zones": []},
        {"id": "/x", "sku": {}, "kind": "k", "plan": {}, "identity": {}, "scale": {}, "managedBy": "m"},
        {"type": "Microsoft.Resources/deployments", "properties": {"template": "[variables('t')]", "other": 1}},
        {"resourceGroup": "g", "subscriptionId": "s", "scope": "/", "existing": True, "extendedLocation": {}},
        GRAPH,
    ],
)
def test_known_members_and_those_of_extensions_are_accepted(resource: dict[str, Json]) -> None:
    made: dict[str, Json] = {**inside(resource), "apiProfile": "x", "definitions": {}, "metadata": {}}
    document = parse_document(json.dumps({"properties": {"template": made}}))
    check_members(document, made)
