"""Every type and every list* function of Microsoft's published types can be shown without a provider."""

import json
from pathlib import Path

from installer.emulator.providers import registry
from installer.emulator.providers.data_files import load
from installer.emulator.providers.implicit_children import implicit_child
from installer.emulator.providers.published_lists import result
from installer.emulator.providers.read_members import complete, is_published
from installer.emulator.state.resources import Resource
from installer.json_access import as_list, as_object, as_text, member
from installer.resource_id import parse_id
from tests.emulator.in_memory import GROUP, Bench, bench


def _resource(kind: str) -> Resource:
    segments = kind.split("/")
    path = "/".join(f"{one}/made" for one in segments[1:])
    where = f"{GROUP}/providers/{segments[0]}/{path}"
    return Resource(where, kind, "made", "2024-01-01", "Succeeded", 0, 0, desired={"properties": {}})


def _types() -> list[str]:
    return [name.partition("@")[0] for name in as_object(member(load("read_members"), "resources"))]


def test_a_read_of_every_type_has_members_that_are_json(tmp_path: Path) -> None:
    it = bench(tmp_path)
    empty = 0
    for kind in _types():
        made = _resource(kind)
        view = complete(it.emulator.provider_context(made), made.view())
        assert json.loads(json.dumps(view)) == view
        empty += set(as_object(view["properties"])) <= {"provisioningState"}
    assert empty < len(_types()) / 3


def test_every_list_function_answers_with_json(tmp_path: Path) -> None:
    it = bench(tmp_path)
    functions = as_object(member(load("list_results"), "functions"))
    answers = 0
    for kind, names in functions.items():
        for name in as_object(names):
            found = result(it.emulator.provider_context(_resource(kind)), name)
            assert found is not None, (kind, name)
            assert json.loads(json.dumps(found)) == found
            answers += bool(found)
    assert answers > 300


def test_implicit_children_have_published_types_and_an_existing_parent(tmp_path: Path) -> None:
    it = bench(tmp_path)
    kinds = as_object(member(load("implicit_children"), "types"))
    for kind, entry in kinds.items():
        assert is_published(kind.rpartition("/")[0]) or kind.rpartition("/")[0] in kinds, kind
        assert kind.partition("/")[0] in as_object(member(load("implicit_children"), "sources"))
        for name in as_object(member(entry, "names")):
            parent = _resource(kind.rpartition("/")[0])
            it.emulator.resources.save(parent)
            parsed = parse_id(f"{parent.id}/{kind.rpartition('/')[2]}/{name}")
            assert parsed is not None
            child = implicit_child(it.emulator.resources, parsed, it.emulator.view)
            assert child is not None, (kind, name)
            assert _has_no_placeholder(it, child)


def _has_no_placeholder(it: Bench, child: Resource) -> bool:
    return "{parent}" not in json.dumps(it.emulator.view(child))


def test_types_without_read_only_members_are_known_too() -> None:
    others = [as_text(one) for one in as_list(member(load("read_members"), "others"))]
    assert others
    assert all(is_published(one) for one in others[:50])
    assert not is_published("Microsoft.Devices/IotHubs/eventHubEndpoints")


def test_an_action_of_a_provider_comes_before_the_published_one(tmp_path: Path) -> None:
    it = bench(tmp_path)
    account = _resource("Microsoft.Storage/storageAccounts")
    keys = as_object(registry.act(it.emulator.provider_context(account), "listKeys", {}, "2024-01-01"))
    assert [as_text(member(one, "keyName")) for one in as_list(keys["keys"])] == ["key1", "key2"]
