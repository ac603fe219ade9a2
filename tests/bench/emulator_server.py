"""Performance of the embedded Azure: latency of GETs under load, expansion of large templates, memory.

python -m tests.bench.emulator_server
"""

import asyncio
import json
import resource as usage
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from installer.arm_templates import Context, Scope, expand
from installer.jsontypes import Json
from tests.emulator.sample_templates import account, group, inside, nested, template
from tests.emulator.server_process import Served, deployment, serving

RESOURCES = 1000
IN_FLIGHT = 50
REQUESTS = 4000
API = "2025-04-01"


def many(count: int) -> dict[str, Json]:
    """A template with a resource group and `count` storage accounts."""
    accounts = [account(f"stbench{number:05d}", tags={"number": str(number)}) for number in range(count)]
    return template(group("rg-bench"), nested("inner", inside(*accounts), into="rg-bench"))


def heavy(size: int) -> dict[str, Json]:
    """A template of at least `size` bytes with many expressions."""
    count = 1
    while True:
        resources: list[dict[str, Json]] = [
            {
                **account(f"stheavy{number:05d}"),
                "name": f"[concat('st', parameters('prefix'), '{number:05d}')]",
                "tags": {
                    f"tag{tag}": f"[format('{{0}}-{{1}}', toUpper(variables('v').a), {tag})]" for tag in range(10)
                },
            }
            for number in range(count)
        ]
        made = inside(*resources, parameters={"prefix": {"type": "string", "defaultValue": "x"}})
        made["variables"] = {"v": {"a": "[toLower('ABC')]"}}
        length = len(json.dumps(made))
        if length >= size:
            return made
        count = max(count + 1, count * size // length)


def expansions() -> None:
    """Seconds to expand a thousand resources, and half a megabyte."""
    context = Context(
        Scope("resourceGroup", "t", "00000000-0000-0000-0000-000000000001", "rg"),
        "d",
        resource_group_location="westeurope",
    )
    for name, made in (
        ("1,000 resources", inside(*[account(f"st{n:05d}") for n in range(RESOURCES)])),
        ("500 kB", heavy(500_000)),
    ):
        begun = time.perf_counter()
        found = expand(made, {}, context).predict()
        print(f"expansion of {name}: {time.perf_counter() - begun:.2f} s, {len(found)} resources")


class Connection:
    """A persistent HTTP connection, kept minimal so that the client does not distort the measurement."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self._head = ""

    async def open(self, context: ssl.SSLContext) -> None:
        """Connect."""
        parts = urlsplit(self._server.info["endpoint"])
        self.reader, self.writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=context)
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {self._server.token()}\r\n\r\n"

    async def get(self, path: str) -> float:
        """Seconds that a GET took."""
        begun = time.perf_counter()
        self.writer.write(f"GET {path} HTTP/1.1\r\n{self._head}".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head[:20], head
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await self.reader.readexactly(length)
        return time.perf_counter() - begun


async def _measured(
    server: Served, paths: list[str], requests: int, *, until: asyncio.Event | None = None
) -> list[float]:
    context = ssl.create_default_context(cafile=server.info["ca_file"])
    taken: list[float] = []
    left = iter(range(requests))

    async def worker(number: int) -> None:
        connection = Connection(server)
        await connection.open(context)
        for turn in left:
            taken.append(await connection.get(paths[(number + turn) % len(paths)]))
            if until is not None and until.is_set():
                break
        connection.writer.close()

    await asyncio.gather(*(worker(number) for number in range(IN_FLIGHT)))
    return taken


def _report(what: str, taken: list[float]) -> None:
    ordered = sorted(taken)
    p99 = ordered[int(len(ordered) * 0.99) - 1]
    print(
        f"{what}: p50 {statistics.median(ordered) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, "
        f"most {ordered[-1] * 1000:.1f} ms, {len(taken)} requests, {IN_FLIGHT} in flight"
    )


def _memory(process: subprocess.Popen[str]) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def requests_in_flight() -> None:
    """GETs while nothing runs, and while a thousand resources are deployed."""
    with tempfile.TemporaryDirectory() as state, serving(Path(state), speed=30) as server:
        deployments = f"{server.scope}/providers/Microsoft.Resources/deployments"
        answer = server.raw(
            "PUT", f"{server.scope}/resourcegroups/rg-bench?api-version={API}", body='{"location":"westeurope"}'
        )
        assert answer.ok, answer.text
        group_path = f"{server.scope}/resourcegroups/rg-bench?api-version={API}"
        _report("GET of a group, idle", asyncio.run(_measured(server, [group_path], REQUESTS)))
        begun = time.perf_counter()
        made = server.raw("PUT", f"{deployments}/big?api-version={API}", body=json.dumps(deployment(many(RESOURCES))))
        assert made.ok, made.text
        print(f"PUT of {RESOURCES} resources: {time.perf_counter() - begun:.2f} s")
        inner = f"{server.scope}/resourcegroups/rg-bench/providers/Microsoft.Resources/deployments/inner"
        for _ in range(100):
            if server.raw("GET", f"{inner}?api-version={API}").ok:
                break
            time.sleep(0.05)
        paths = [group_path, f"{deployments}/big?api-version={API}", f"{deployments}/big/operations?api-version={API}"]
        _report("GET, during a deployment of 1,000 resources", asyncio.run(_measured(server, paths, REQUESTS)))
        paths.append(f"{inner}/operations?api-version={API}")
        _report("the same with lists of all operations", asyncio.run(_measured(server, paths, REQUESTS // 4)))
        print(f"most memory of the server: {_memory(server.process):.0f} MB")


if __name__ == "__main__":
    expansions()
    requests_in_flight()
    print(f"most memory of this process: {usage.getrusage(usage.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    sys.exit(0)
