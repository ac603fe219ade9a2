"""Children in the body of their parent, asked for by requests."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from installer.json_access import as_object, member, objects_of
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.deployments.test_implicit_children import RULE
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

NETWORK = f"{GROUP}/providers/Microsoft.Network"


def _asked(
    path: Path, body: Json, url: str, *questions: tuple[str, str], children: Mapping[str, Json] = MappingProxyType({})
) -> list[Reply]:
    """The answers about a resource after its write, and after that of its children."""
    found: list[Reply] = []

    async def story(it: Local) -> None:
        it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.Network", "Registered", 0)
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        await it.ask("PUT", f"{url}?api-version=2024-05-01", body)
        await it.done()
        for rest, child in children.items():
            await it.ask("PUT", f"{url}{rest}?api-version=2024-05-01", as_object(child))
            await it.done()
        found.extend([await it.ask(method, f"{url}{rest}?api-version=2024-05-01") for method, rest in questions])

    run(story(local(path)))
    return found


def test_a_rule_in_the_body_of_its_group_is_a_resource_with_an_id_and_in_a_list(tmp_path: Path) -> None:
    body: dict[str, Json] = {"location": "westeurope", "properties": {"securityRules": [RULE]}}
    group = f"{NETWORK}/networkSecurityGroups/nsg"
    one, many, none = _asked(
        tmp_path, body, group, ("GET", "/securityRules/https"), ("GET", "/securityRules"), ("GET", "/securityRules/ssh")
    )
    assert (one.json["id"], one.json["type"]) == (
        f"{group}/securityRules/https",
        "Microsoft.Network/networkSecurityGroups/securityRules",
    )
    assert member(one.json, "properties", "destinationPortRange") == "443"
    assert [item["name"] for item in many.value] == ["https"]
    assert (none.status, none.code) == (404, "ResourceNotFound")


def test_a_rule_that_was_written_takes_the_place_of_the_one_in_the_body(tmp_path: Path) -> None:
    changed: Json = {"properties": {**as_object(member(RULE, "properties")), "priority": 200}}
    group = f"{NETWORK}/networkSecurityGroups/nsg"
    body: dict[str, Json] = {"location": "westeurope", "properties": {"securityRules": [RULE]}}
    (many,) = _asked(tmp_path, body, group, ("GET", "/securityRules"), children={"/securityRules/https": changed})
    assert [member(one, "properties", "priority") for one in objects_of(many.json["value"])] == [200]
