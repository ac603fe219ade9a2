"""Replays recorded requests to the real Azure: the emulator returns equivalent responses."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from installer.json_access import as_text, member
from tests.emulator.server_process import Served, serving
from tests.processes import until

RECORDED: Final = "5ca082f3-38f2-4bb0-b0a4-c401184ae3a8"
SCOPE: Final = f"/subscriptions/{RECORDED}"
_FOLDER = Path(__file__).parent / "data" / "recordings"
_NAMESPACES = ("Microsoft.App", "Microsoft.ContainerRegistry", "Microsoft.OperationalInsights")
_IN_PROGRESS = {"Accepted", "Running", "InProgress"}
_IGNORED = {
    "nextLink": "the history of the recorded subscription is longer than a page",
    "systemData": "the author of a resource is not stored",
    "createdBy": "the author of a resource is not stored",
    "updatedBy": "the author of a resource is not stored",
}
_SCALARS = {bool: "boolean", int: "number", float: "number", str: "text"}


@dataclass
class Client:
    """Sends recorded requests; where the recorded client followed a link, it follows the emulator's."""

    server: Served
    links: dict[str, str] = field(default_factory=dict)

    def exchange(self, recorded: dict[str, Any]) -> requests.Response:
        """The emulator's response, polled where the recorded client polled."""
        path = recorded["path"]
        kind = next((name for name in ("operationstatuses", "operationresults") if f"/{name}/" in path.lower()), "")
        url = self.links[kind] if kind else path
        body = None if recorded["sent"] is None else json.dumps(recorded["sent"])
        answer = self.server.raw(recorded["method"], url, body=body)

        def finished() -> bool:
            nonlocal answer, url
            if not _pending(answer, kind):
                return True
            url = answer.headers.get("Location", url)
            answer = self.server.raw(recorded["method"], url, body=body)
            return not _pending(answer, kind)

        until(finished, f"{recorded['method']} {url} has a result")
        for name, header in (("operationstatuses", "Azure-AsyncOperation"), ("operationresults", "Location")):
            if header in answer.headers:
                self.links[name] = answer.headers[header]
        return answer


def _pending(answer: requests.Response, kind: str) -> bool:
    if not kind:
        return False
    return answer.status_code == 202 or bool(answer.content and answer.json().get("status") in _IN_PROGRESS)


def _differences(recorded: Any, actual: Any, place: str = "") -> Iterator[str]:
    """Structural differences of two bodies; null and empty values match anything."""
    if recorded in (None, "", [], {}) or actual in (None, "", [], {}):
        return
    if isinstance(recorded, dict) and isinstance(actual, dict):
        yield from _members(recorded, actual, place)
    elif isinstance(recorded, list) and isinstance(actual, list):
        for index, item in enumerate(recorded):
            yield from _differences(item, _counterpart(item, index, actual), f"{place}[]")
    elif _SCALARS.get(type(recorded), "structure") != _SCALARS.get(type(actual), "structure"):
        yield f"{place}: {recorded!r} became {actual!r}"


def _members(recorded: dict[str, Any], actual: dict[str, Any], place: str) -> Iterator[str]:
    # Ids as member names differ in case where ARM is inconsistent.
    recorded_members, actual_members = (
        {_folded(name): value for name, value in item.items()} for item in (recorded, actual)
    )
    for name in recorded_members.keys() - actual_members.keys() - _IGNORED.keys():
        yield f"{place}.{name} is missing: {recorded_members[name]!r}"
    for name in actual_members.keys() - recorded_members.keys() - _IGNORED.keys():
        if actual_members[name] not in (None, "", [], {}):
            yield f"{place}.{name} is too much: {actual_members[name]!r}"
    for name in recorded_members.keys() & actual_members.keys():
        yield from _differences(recorded_members[name], actual_members[name], f"{place}.{name}")


def _folded(name: str) -> str:
    return name.lower() if name.startswith("/") else name


def _counterpart(item: Any, index: int, actual: list[Any]) -> Any:
    """The actual element with the same id, else that index the same index, else the last."""
    wanted = as_text(member(item, "id")).lower()
    same = [other for other in actual if isinstance(other, dict) and other.get("id", "").lower() == wanted]
    return same[0] if same else actual[min(index, len(actual) - 1)]


def _registered(server: Served, url: str) -> bool:
    return bool(server.get(url)["registrationState"] == "Registered")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A server with the recorded subscription and the resources that existed before the recording."""
    with serving(tmp_path, "--subscription", f"{RECORDED}=Recorded") as server:
        for namespace in _NAMESPACES:
            server.raw("POST", f"{SCOPE}/providers/{namespace}/register?api-version=2021-04-01")
            url = f"{SCOPE}/providers/{namespace}?api-version=2021-04-01"
            until(partial(_registered, server, url), f"{namespace} is registered")
        owner = f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
        assignment = {
            "properties": {
                "roleDefinitionId": owner,
                "principalId": "6c37e0ec-712d-4900-a73f-bcfd17630788",
                "principalType": "User",
            }
        }
        name = "fc14d582-d744-4057-927e-b2ac56269010"
        where = f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01"
        assert server.raw("PUT", where, body=json.dumps(assignment)).status_code == 201
        group = json.dumps({"location": "eastus2"})
        assert server.raw("PUT", f"{SCOPE}/resourcegroups/rg-other?api-version=2021-04-01", body=group).ok
        yield Client(server)


@pytest.mark.parametrize("name", ["create-and-delete", "container-app"])
def test_the_emulator_responds_as_the_real_azure_did(client: Client, name: str) -> None:
    conversation = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))["exchanges"]
    found: list[str] = []
    for number, recorded in enumerate(conversation):
        answer = client.exchange(recorded)
        place = f"{number} {recorded['method']} {recorded['path'].split('?')[0]}"
        if answer.status_code != recorded["status"]:
            found.append(f"{place}: {recorded['status']} became {answer.status_code} {answer.text[:400]}")
        found += [f"{place}: no header {header}" for header in recorded["headers"] if header not in answer.headers]
        body = answer.json() if answer.content else None
        if (recorded["body"] is None) != (body is None):
            found.append(f"{place}: one body is empty, the other is not")
        found += [f"{place}{difference}" for difference in _differences(recorded["body"], body)]
    assert not found, "\n".join(found)
