"""dependsOn names instances that are not deployed this time; nested deployments name no resource group."""

from pathlib import Path

import pytest

from installer.emulator.errors import ArmError
from installer.jsontypes import Json
from tests.emulator.deployments.live_outputs import deployed, outputs
from tests.emulator.in_memory import GROUP, Bench, bench, run
from tests.emulator.sample_templates import account, group, inside, nested, template

ACCOUNTS = "Microsoft.Storage/storageAccounts"


def _loop(count: Json, **more: Json) -> dict[str, Json]:
    return {**account("[concat('stlp', copyIndex())]"), "copy": {"name": "lp", "count": count}, **more}


def _deployed(path: Path, loop: dict[str, Json], entry: str, *, symbolic: bool) -> Bench:
    last: dict[str, Json] = {**account("stlast"), "dependsOn": [entry]}
    if not symbolic:
        return deployed(path, loop, last)
    it = bench(path)

    async def story() -> None:
        it.deploy(template(group()), name="groups")
        await it.clock.finish(it.engine)
        made: dict[str, Json] = {**inside(), "languageVersion": "2.0", "resources": {"lp": loop, "last": last}}
        it.deploy(made, scope=GROUP, location=None)
        await it.clock.finish(it.engine)

    run(story())
    return it


BY_ID = f"[resourceId('{ACCOUNTS}', 'stlp2')]"


@pytest.mark.parametrize(
    ("entry", "symbolic"),
    [
        ("lp", False),
        ("lp", True),
        (BY_ID, False),
        (BY_ID, True),
        (f"[concat('{ACCOUNTS}/', 'stlp0')]", False),
        ("stlp1", False),
        ("[format('lp[{0}]', 0)]", True),
        ("LP[3]", True),
    ],
)
def test_an_instance_of_a_loop_without_instances_is_no_dependency(
    tmp_path: Path, entry: str, *, symbolic: bool
) -> None:
    it = _deployed(tmp_path, _loop(0), entry, symbolic=symbolic)
    assert it.deployment(scope=GROUP).state == "Succeeded"
    assert it.emulator.resources.get(f"{GROUP}/providers/{ACCOUNTS}/stlast") is not None


@pytest.mark.parametrize(
    ("entry", "symbolic"),
    [
        ("lp[0]", True),
        ("[format('lp[{0}]', 1)]", True),
        (f"[resourceId('{ACCOUNTS}', 'stlp0')]", False),
        ("stlp0", True),
    ],
)
def test_an_instance_whose_condition_is_false_is_no_dependency(tmp_path: Path, entry: str, *, symbolic: bool) -> None:
    it = _deployed(tmp_path, _loop(2, condition="[equals(copyIndex(), 1)]"), entry, symbolic=symbolic)
    assert it.deployment(scope=GROUP).state == "Succeeded"


def test_an_instance_whose_false_condition_guards_its_name_is_no_dependency(tmp_path: Path) -> None:
    loop = _loop(1, name="[createArray()[copyIndex()]]", condition=False)
    assert _deployed(tmp_path, loop, "lp[0]", symbolic=True).deployment(scope=GROUP).state == "Succeeded"


def test_a_template_without_symbolic_names_has_no_names_of_instances(tmp_path: Path) -> None:
    with pytest.raises(ArmError, match="is not defined in the template"):
        _deployed(tmp_path, _loop(0), "lp[0]", symbolic=False)


def test_names_from_an_empty_list_end_where_the_list_ends(tmp_path: Path) -> None:
    loop = _loop(0, name="[createArray('stone', 'sttwo')[copyIndex()]]")
    it = _deployed(tmp_path, loop, f"[resourceId('{ACCOUNTS}', 'sttwo')]", symbolic=False)
    assert it.deployment(scope=GROUP).state == "Succeeded"


@pytest.mark.parametrize("symbolic", [False, True])
@pytest.mark.parametrize(
    ("count", "entry"), [(2, "lp[7]"), (2, f"[resourceId('{ACCOUNTS}', 'stlp7')]"), (0, "other[0]"), (0, "stlpx")]
)
def test_what_the_template_does_not_define_is_refused(
    tmp_path: Path, count: int, entry: str, *, symbolic: bool
) -> None:
    with pytest.raises(ArmError, match="is not defined in the template"):
        _deployed(tmp_path, _loop(count), entry, symbolic=symbolic)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("entry", [f"[resourceId('{ACCOUNTS}', 'sttwice')]", f"{ACCOUNTS}/sttwice", "sttwice"])
def test_of_two_resources_with_one_id_the_deployed_one_is_the_dependency(
    tmp_path: Path, entry: str, *, first: bool
) -> None:
    pair: list[dict[str, Json]] = [
        {**account("sttwice"), "condition": deployed_one, "tags": {"n": n}} for n, deployed_one in _either(first)
    ]
    last: dict[str, Json] = {
        **account("stlast"),
        "dependsOn": [entry],
        "tags": {"e": "[reference('sttwice').primaryEndpoints.blob]"},
    }
    it = deployed(tmp_path, *pair, last, values={"n": "reference('sttwice', '2025-06-01', 'full').tags.n"})
    assert outputs(it) == {"n": "first" if first else "second"}
    done = it.operations(scope=GROUP)
    assert done["stlast"].started >= done["sttwice"].ends


def _either(first: bool) -> list[tuple[str, bool]]:
    return [("first", first), ("second", not first)]


@pytest.mark.parametrize("value", ["", None, "[if(true(), '', 'x')]", "[parameters('group')]", "[variables('none')]"])
@pytest.mark.parametrize("name", ["resourceGroup", "subscriptionId"])
def test_a_nested_deployment_without_a_target_is_deployed_where_its_parent_is(
    tmp_path: Path, name: str, value: Json
) -> None:
    child: dict[str, Json] = {**nested("inner", inside(account("stin"))), "dependsOn": [], name: value}
    if name != "resourceGroup":
        child.pop("resourceGroup", None)
    it = bench(tmp_path)

    async def story() -> None:
        it.deploy(template(group()), name="groups")
        await it.clock.finish(it.engine)
        given: dict[str, Json] = {"group": {"type": "string", "defaultValue": ""}}
        made: dict[str, Json] = {**inside(child, parameters=given), "variables": {"none": "[null()]"}}
        it.deploy(made, scope=GROUP, location=None)
        await it.clock.finish(it.engine)

    run(story())
    assert it.deployment("inner", GROUP).state == "Succeeded"
    assert it.emulator.resources.get(f"{GROUP}/providers/{ACCOUNTS}/stin") is not None
