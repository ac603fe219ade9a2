"""Recorded requests of another client to Azure, repeated against the emulator: the same responses."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from tests.emulator.server_process import Served, serving
from tests.processes import PATIENCE, pause, until

RECORDED: Final = "5ca082f3-38f2-4bb0-b0a4-c401184ae3a8"
SCOPE: Final = f"/subscriptions/{RECORDED}"
_FOLDER = Path(__file__).parent / "data" / "recordings"
_NAMESPACES = ("Microsoft.App", "Microsoft.ContainerRegistry", "Microsoft.OperationalInsights")
_GOING_ON = {"Accepted", "Running", "InProgress"}
_OTHERWISE = {
    "nextLink": "the history of the recorded subscription is longer than a page",
    "systemData": "who made a resource is not kept",
    "createdBy": "who made a resource is not kept",
    "updatedBy": "who made a resource is not kept",
}
_SCALARS = {bool: "boolean", int: "number", float: "number", str: "text"}


@dataclass
class Client:
    """Repeats recorded requests; where the recorded client followed a link, follows that of the response."""

    server: Served
    links: dict[str, str] = field(default_factory=dict)

    def exchange(self, recorded: dict[str, Any]) -> requests.Response:
        """The final response; polls where the recorded client polled."""
        path = recorded["path"]
        kind = next((name for name in ("operationstatuses", "operationresults") if f"/{name}/" in path.lower()), "")
        url = self.links[kind] if kind else path
        body = None if recorded["sent"] is None else json.dumps(recorded["sent"])
        deadline = time.monotonic() + PATIENCE
        while _pending(answer := self.server.raw(recorded["method"], url, body=body), kind):
            assert time.monotonic() < deadline, f"{url} stays pending"
            url = answer.headers.get("Location", url)
            pause(0.02)
        for name, header in (("operationstatuses", "Azure-AsyncOperation"), ("operationresults", "Location")):
            if header in answer.headers:
                self.links[name] = answer.headers[header]
        return answer


def _pending(answer: requests.Response, kind: str) -> bool:
    if not kind:
        return False
    return answer.status_code == 202 or bool(answer.content and answer.json().get("status") in _GOING_ON)


def _differences(recorded: Any, ours: Any, place: str = "") -> Iterator[str]:
    """Where two bodies differ in shape; null and emptiness agree with anything."""
    if recorded in (None, "", [], {}) or ours in (None, "", [], {}):
        return
    if isinstance(recorded, dict) and isinstance(ours, dict):
        yield from _members(recorded, ours, place)
    elif isinstance(recorded, list) and isinstance(ours, list):
        for at, item in enumerate(recorded):
            yield from _differences(item, _counterpart(item, at, ours), f"{place}[]")
    elif _SCALARS.get(type(recorded), "structure") != _SCALARS.get(type(ours), "structure"):
        yield f"{place}: {recorded!r} became {ours!r}"


def _members(recorded: dict[str, Any], ours: dict[str, Any], place: str) -> Iterator[str]:
    # Ids as names differ in the case of what ARM itself spells in two ways.
    theirs, own = ({_folded(name): value for name, value in item.items()} for item in (recorded, ours))
    for name in theirs.keys() - own.keys() - _OTHERWISE.keys():
        yield f"{place}.{name} is missing: {theirs[name]!r}"
    for name in own.keys() - theirs.keys() - _OTHERWISE.keys():
        if own[name] not in (None, "", [], {}):
            yield f"{place}.{name} is too much: {own[name]!r}"
    for name in theirs.keys() & own.keys():
        yield from _differences(theirs[name], own[name], f"{place}.{name}")


def _folded(name: str) -> str:
    return name.lower() if name.startswith("/") else name


def _counterpart(item: Any, at: int, ours: list[Any]) -> Any:
    """Our element with the same id, else that at the same place, else our last."""
    wanted = item.get("id", "").lower() if isinstance(item, dict) else ""
    same = [other for other in ours if isinstance(other, dict) and other.get("id", "").lower() == wanted]
    return same[0] if same else ours[min(at, len(ours) - 1)]


def _registered(server: Served, url: str) -> bool:
    return bool(server.get(url)["registrationState"] == "Registered")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """The recorded subscription with its initial resources."""
    with serving(tmp_path, "--subscription", f"{RECORDED}=Recorded") as server:
        for namespace in _NAMESPACES:
            server.raw("POST", f"{SCOPE}/providers/{namespace}/register?api-version=2021-04-01")
        for namespace in _NAMESPACES:
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
        image = {
            "registry": f"{SCOPE}/resourceGroups/rg-azdtest-d209f3e/providers/{_NAMESPACES[1]}/registries/crpogq2w7bplv2u",
            "repository": "containerapp/web-azdtest-d209f3e",
            "tag": "azd-deploy-1775758879",
            "digest": f"sha256:{'ab' * 32}",
        }
        assert server.raw("POST", "/rehearsal/images", body=json.dumps(image)).status_code == 204
        yield Client(server)


@pytest.mark.parametrize("name", ["create-and-delete", "container-app"])
def test_responses_match_recordings_of_azure(client: Client, name: str) -> None:
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
