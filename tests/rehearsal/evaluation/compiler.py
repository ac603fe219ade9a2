"""The real Bicep compiler as an oracle: found where it may be, spoken to over JSON-RPC by one process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from installer.rehearsal.evaluation import Json

TENANT = "00000000-0000-0000-0000-00000000000a"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = "rg1"
LOCATION = "westeurope"
DEPLOYMENT = "dep1"


def find_compiler() -> Path | None:
    """BICEP, the tools beside the checkout, PATH, then where the Azure CLI puts it."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "tools" / "bicep"
    named = os.environ.get("BICEP")
    on_path = shutil.which("bicep")
    places = [named, beside, on_path, Path.home() / ".azure" / "bin" / "bicep"]
    return next((Path(place) for place in places if place and Path(place).is_file()), None)


class Compiler:
    """One ``bicep jsonrpc`` process."""

    def __init__(self, executable: Path) -> None:
        self._process = subprocess.Popen(
            [executable, "jsonrpc", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._count = 0

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _call(self, method: str, params: dict[str, Json]) -> dict[str, Json]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._count += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self._count, "method": method, "params": params}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()
        size = 0
        while line := self._process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        answer = json.loads(self._process.stdout.read(size))
        return cast("dict[str, Json]", answer.get("result", answer.get("error")))

    def compile(self, source: Path) -> dict[str, Json]:
        """The ARM template that the source compiles to."""
        answer = self._call("bicep/compile", {"path": str(source)})
        assert answer.get("success"), answer
        return cast("dict[str, Json]", json.loads(str(answer["contents"])))

    def snapshot(self, parameters: Path, scope: str) -> dict[str, Json]:
        """What the compiler predicts for a parameter file, with the figures of this module as context."""
        metadata: dict[str, Json] = {
            "tenantId": TENANT,
            "subscriptionId": SUBSCRIPTION,
            "resourceGroup": GROUP if scope == "resourceGroup" else None,
            "location": LOCATION,
            "deploymentName": DEPLOYMENT,
        }
        answer = self._call("bicep/getSnapshot", {"path": str(parameters), "metadata": metadata, "externalInputs": []})
        if "snapshot" not in answer:
            data = answer.get("data")
            message = data.get("message") if isinstance(data, dict) else answer
            raise ValueError(str(message))
        return cast("dict[str, Json]", json.loads(str(answer["snapshot"])))


def bicep_value(value: Json) -> str:
    """A JSON value in Bicep's own notation, for parameter files."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${").replace("\n", "\\n")
        return f"'{escaped}'"
    if isinstance(value, list):
        return "[\n" + "".join(f"{bicep_value(item)}\n" for item in value) + "]"
    if isinstance(value, dict):
        return "{\n" + "".join(f"{bicep_value(key)}: {bicep_value(item)}\n" for key, item in value.items()) + "}"
    return json.dumps(value)
