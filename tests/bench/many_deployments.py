"""Many deployments in one process of the embedded Azure: time and memory stay flat, and a fast run ends the same twice.

python -m tests.bench deployments
"""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from installer.jsontypes import Json
from tests.bench.rounds import measured
from tests.emulator.sample_templates import account, identity, inside, nested
from tests.emulator.server_process import API, Served, deployment, serving

SPEED: Final = 20_000
COUNT: Final = measured(800, 40)
QUARTER: Final = COUNT // 4
GROUP: Final = "rg-bench"


def small(number: int) -> dict[str, Json]:
    """A template with an account in a nested deployment and outputs; every fifth fails, every seventh has a bad output."""
    inner: dict[str, Json] = {
        **nested("inner", inside(account(f"stbench{number % 50:03d}", tags={"turn": str(number)})), into=GROUP),
        "name": f"inner-{number}",
        "dependsOn": [],
    }
    names: dict[str, Json] = {
        "key": {
            "type": "string",
            "value": f"[reference(resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'id-{number % 50}')).clientId]",
        },
        "zones": {"type": "array", "value": "[pickZones('Microsoft.Network', 'publicIPAddresses', 'westeurope', 3)]"},
    }
    if number % 7 == 0:
        names["missing"] = {"type": "string", "value": f"[reference('id-{number % 50}').nothing]"}
    after = [f"[resourceId('Microsoft.Resources/deployments', 'inner-{number}')]"]
    resources = [inner, identity(f"id-{number % 50}", after=after)]
    if number % 5 == 0:
        unknown = "[reference('/subscriptions/x/providers/A.B/c/d', '2020-01-01').e]"
        resources.append({**identity("id-lost", after=after), "properties": {"tag": unknown}})
    return inside(*resources, outputs=names)


@contextmanager
def served() -> Iterator[Served]:
    """A fast server with a group."""
    with tempfile.TemporaryDirectory() as state, serving(Path(state), "--no-processes", speed=SPEED) as server:
        made = server.raw(
            "PUT", f"{server.scope}/resourcegroups/{GROUP}?api-version={API}", body='{"location":"westeurope"}'
        )
        assert made.ok, made.text
        yield server


def deploy(server: Served, number: int) -> dict[str, Any]:
    """Make one deployment, and its record once it has ended."""
    path = f"{server.scope}/resourcegroups/{GROUP}/providers/Microsoft.Resources/deployments/turn-{number}?api-version={API}"
    sent = server.raw("PUT", path, body=json.dumps({"properties": deployment(small(number))["properties"]}))
    assert sent.ok, sent.text
    while True:
        record: dict[str, Any] = server.get(path)
        if record["properties"]["provisioningState"] in ("Succeeded", "Failed"):
            return record
        time.sleep(0.002)


def resident(server: Served) -> int:
    """Resident memory of the server in kilobytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def computing(server: Served) -> float:
    """Seconds of processor time of the server: independent of what else the machine does."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def outcome(server: Served, record: dict[str, Any]) -> Json:
    """The parts that do not depend on the moment: state, outputs, codes of errors, and each operation."""
    properties, own = record["properties"], record["id"]
    operations = server.get(f"{own}/operations?api-version={API}")["value"]
    shown: list[Json] = [
        [one["properties"].get("targetResource", {}).get("id"), one["properties"]["provisioningState"]]
        for one in operations
    ]
    error = properties.get("error") or {}
    found: Json = [
        own,
        properties["provisioningState"],
        properties.get("outputs"),
        error.get("code"),
        sorted(shown, key=str),
    ]
    return found


def flat() -> None:
    """Processor time and memory of the last quarter against the second: the first one warms up."""
    spent: list[float] = []
    memory: list[int] = []
    with served() as server:
        for number in range(COUNT):
            if number % QUARTER == 0:
                spent.append(computing(server))
                memory.append(resident(server))
            deploy(server, number)
        spent.append(computing(server))
        memory.append(resident(server))
    print(
        f"{COUNT} deployments, time of the last against the second quarter   {(spent[4] - spent[3]) / (spent[2] - spent[1]):.2f} times"
    )
    print(f"{COUNT} deployments, memory at the end against a quarter           {memory[4] / memory[1]:.2f} times")


def same_twice() -> None:
    """The outcomes of two runs at a high speed."""
    runs = []
    for _ in range(2):
        with served() as server:
            runs.append([outcome(server, deploy(server, number)) for number in range(QUARTER)])
    different = sum(one != other for one, other in zip(*runs, strict=True))
    failed = sum(1 for one in runs[0] if isinstance(one, list) and one[1] == "Failed")
    print(f"{QUARTER} deployments twice at speed {SPEED}: {different} outcomes differ ({failed} fail as intended)")
    if different:
        raise SystemExit(1)


def main() -> None:
    """Both figures."""
    flat()
    same_twice()
