"""Children in the body of their parent, asked for by requests."""

from pathlib import Path

from installer.json_access import as_object, member, objects_of
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.deployments.test_implicit_children import RULE
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

NETWORK = f"{GROUP}/providers/Microsoft.Network"


def _asked(path: Path, body: Json, url: str, *questions: tuple[str, str]) -> list[Reply]:
    found: list[Reply] = []

    async def story(it: Local) -> None:
        it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.Network", "Registered", 0)
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        await it.ask("PUT", f"{url}?api-version=2024-05-01", body)
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
    found: list[Json] = []

    async def story(it: Local) -> None:
        it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.Network", "Registered", 0)
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        await it.ask("PUT", f"{group}?api-version=2024-05-01", body)
        await it.done()
        await it.ask("PUT", f"{group}/securityRules/https?api-version=2024-05-01", as_object(changed))
        await it.done()
        many = await it.ask("GET", f"{group}/securityRules?api-version=2024-05-01")
        found.extend(member(one, "properties", "priority") for one in objects_of(many.json["value"]))

    run(story(local(tmp_path)))
    assert found == [200]
