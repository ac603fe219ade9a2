"""Ten thousand mutated requests cause no server error, no log entry and no file outside the state directory."""

import json
import random
from pathlib import Path
from typing import Final

import pytest

from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, local
from tests.emulator.in_memory import GROUP, SCOPE, SUBSCRIPTION, run
from tests.emulator.sample_templates import account, group, inside, nested, template

REQUESTS: Final = 10_000
_DEPLOYMENT: Final[Json] = {
    "location": "westeurope",
    "properties": {"mode": "Incremental", "template": template(group(), nested("n", inside(account("stmutated01"))))},
}
_STACK: Final[Json] = {
    "location": "westeurope",
    "properties": {
        "template": template(group()),
        "actionOnUnmanage": {"resources": "delete"},
        "denySettings": {"mode": "none"},
    },
}
_LINK: Final[Json] = [{"name": "l", "properties": {"privateLinkServiceId": GROUP, "groupIds": ["blob"]}}]
_SUBNET: Final = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
_RESOURCES: Final[dict[str, Json]] = {
    "Microsoft.Network/virtualNetworks/v?api-version=2025-05-01": {
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24", "delegations": []}}],
    },
    "Microsoft.Network/privateEndpoints/p?api-version=2025-05-01": {
        "subnet": {"id": _SUBNET},
        "privateLinkServiceConnections": _LINK,
    },
    "Microsoft.Network/applicationGateways/g?api-version=2025-05-01": {
        "gatewayIPConfigurations": [{"name": "g", "properties": {"subnet": {"id": _SUBNET}}}],
        "frontendPorts": [{"name": "f", "properties": {"port": 443}}],
    },
    "Microsoft.Storage/storageAccounts/stmutated02?api-version=2025-06-01": {"isHnsEnabled": True},
    "Microsoft.KeyVault/vaults/kv-mutated?api-version=2026-02-01": {"softDeleteRetentionInDays": 7},
    "Microsoft.Authorization/policyAssignments/pa?api-version=2024-04-01": {
        "policyDefinitionId": "/x",
        "notScopes": [],
    },
    "Microsoft.Authorization/roleAssignments/11111111-0000-0000-0000-000000000001?api-version=2022-04-01": {
        "roleDefinitionId": "r",
        "principalId": "p",
        "condition": "((!(ActionMatches{'*'})) OR (@Request[a:b] StringEquals {'c'}))",
    },
    "Microsoft.Web/sites/webmutated01?api-version=2025-03-01": {"virtualNetworkSubnetId": _SUBNET},
}
_WORDS: Final = [
    "",
    "null",
    "..",
    "%2e%2e",
    "providers",
    "providers/providers",
    "'",
    "é",
    "\x00",
    "a" * 300,
    "{0}",
    "*",
    "-1",
]
_VALUES: Final[list[Json]] = [
    None,
    True,
    -1,
    2**70,
    1.5,
    "",
    "[concat(",
    "x" * 500,
    "\ud800",
    {"\udfff": "a\udc00"},
    [],
    {},
    [[]],
    {"": {}},
    "10.0.0.0/99",
]


def _valid() -> list[tuple[str, str, Json]]:
    """Valid requests."""
    deployments = f"{SCOPE}/providers/Microsoft.Resources/deployments"
    stacks = f"{SCOPE}/providers/Microsoft.Resources/deploymentStacks"
    found: list[tuple[str, str, Json]] = [
        ("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope", "tags": {"a": "b"}}),
        ("GET", f"{SCOPE}/resources?api-version={API}&$filter=tagName eq 'a' and tagValue eq 'b'&$top=3", None),
        ("GET", f"{SCOPE}/resourcegroups?api-version={API}&$skiptoken=MQ==", None),
        *(("POST", f"{deployments}/d/{verb}?api-version={API}", _DEPLOYMENT) for verb in ("validate", "whatIf")),
        ("PUT", f"{deployments}/d?api-version={API}", _DEPLOYMENT),
        ("POST", f"{deployments}/d/cancel?api-version={API}", None),
        ("PUT", f"{stacks}/s?api-version=2024-03-01", _STACK),
        ("DELETE", f"{stacks}/s?api-version=2024-03-01&unmanageAction.Resources=delete", None),
        ("GET", f"{SCOPE}/providers/Microsoft.Compute/skus?api-version=2021-07-01&$filter=location eq 'ukwest'", None),
        ("GET", f"{SCOPE}/providers/Microsoft.Network/locations/ukwest/usages?api-version=2025-05-01", None),
        ("POST", f"{SCOPE}/providers/Microsoft.Storage/checkNameAvailability?api-version=2025-06-01", {"name": "n"}),
        (
            "POST",
            f"{GROUP}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions?api-version=2024-10-01",
            {
                "resourceDetails": {"resourceContent": {"type": "A/b"}},
                "pendingFields": [{"field": "tags", "values": [1]}],
            },
        ),
        (
            "PATCH",
            f"{GROUP}/providers/Microsoft.Resources/tags/default?api-version={API}",
            {"operation": "Merge", "properties": {"tags": {"a": "b"}}},
        ),
        ("GET", f"{GROUP}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01", None),
        ("GET", "/v1.0/servicePrincipals?$filter=appId eq 'x'", None),
        ("POST", f"/{SUBSCRIPTION}/oauth2/v2.0/token", None),
    ]
    for path, properties in _RESOURCES.items():
        found.append(("PUT", f"{GROUP}/providers/{path}", {"location": "westeurope", "properties": properties}))
        found.append(("GET", f"{GROUP}/providers/{path}", None))
        found.append(("DELETE", f"{GROUP}/providers/{path}", None))
    return found


def _mutated(chance: random.Random, value: Json) -> Json:
    """The same JSON with one element replaced, dropped or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        changed = dict(value)
        name = chance.choice(list(changed))
        fate = chance.random()
        if fate < 0.1:
            del changed[name]
        elif fate < 0.2:
            changed[chance.choice(_WORDS)] = changed.pop(name)
        else:
            changed[name] = _mutated(chance, changed[name])
        return changed
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        return [*value[:place], _mutated(chance, value[place]), *value[place : place + chance.randrange(2)]]
    return chance.choice(_VALUES)


def _path(chance: random.Random, path: str) -> str:
    parts = path.split("/")
    place = chance.randrange(1, len(parts))
    parts[place : place + chance.randrange(2)] = [chance.choice(_WORDS)]
    return "/".join(parts)


def _bytes(chance: random.Random, content: bytes) -> bytes:
    mangled = bytearray(content or b"{}")
    for _ in range(chance.randint(1, 5)):
        mangled[chance.randrange(len(mangled))] = chance.randrange(256)
    return bytes(mangled[: chance.randrange(1, len(mangled) + 1)] if chance.random() < 0.2 else mangled)


async def _send_mutated(it: Local, chance: random.Random, method: str, url: str, body: Json) -> int:
    path, _, query = url.partition("?")
    headers = {"user-agent": "bicep/1", "content-type": "application/json"}
    raw: bytes | None = None
    fate = chance.random()
    if fate < 0.25:
        path = _path(chance, path)
    elif fate < 0.35:
        query = _bytes(chance, query.encode()).decode("latin-1")
    elif fate < 0.4:
        method = chance.choice(["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"])
    elif fate < 0.45:
        name = chance.choice(["authorization", "x-ms-correlation-request-id", "if-match", "host", "traceparent"])
        headers[name] = chance.choice(["", "é\x01", "Bearer a.b.c", "-" * 400, "00-" + "f" * 32 + "-1-1"])
    elif fate < 0.7:
        raw = _bytes(chance, json.dumps(body).encode())
    else:
        body = _mutated(chance, body)
    return (await it.ask(method, f"{path}?{query}", body, raw=raw, headers=headers)).status


def test_ten_thousand_mutated_requests(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    state = tmp_path / "state"
    state.mkdir()
    it = local(state)
    chance = random.Random(20261124)  # noqa: S311 - repeatable, not secret
    valid = _valid()

    async def story() -> dict[int, int]:
        counts: dict[int, int] = {}
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        for number in range(REQUESTS):
            method, url, body = valid[number % len(valid)]
            status = await _send_mutated(it, chance, method, url, body)
            counts[status] = counts.get(status, 0) + 1
            if number % 1000 == 0:
                await it.clock.advance(3600)
        await it.clock.advance(3600)
        assert (await it.ask("GET", f"/subscriptions?api-version={API}")).status == 200
        await it.engine.stop()
        return counts

    counts = run(story())
    assert sum(counts.values()) == REQUESTS
    assert {status for status in counts if status < 400} == {200, 201, 202, 204}
    assert {status for status in counts if status >= 400} == {400, 401, 404, 405, 409, 412}
    assert [record.getMessage() for record in caplog.records if record.name.startswith("installer.emulator")] == []
    assert {path.name for path in tmp_path.iterdir()} == {"state"}
    assert {path.name for path in state.iterdir()} <= {"azure.sqlite", "azure.sqlite-wal", "azure.sqlite-shm"}
