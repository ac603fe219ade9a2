"""Runs `az` in a separate folder, signed in to one emulator."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.emulator.server_process import Served

EXECUTABLE: Final = os.environ.get("AZ") or shutil.which("az")
NEEDS_AZ: Final = [
    pytest.mark.skipif(EXECUTABLE is None, reason="there is no Azure CLI: set AZ to one, or put it on the PATH"),
    pytest.mark.e2e,
]


@dataclass(frozen=True)
class Az:
    """One configured Azure CLI; `folder` is its working directory and holds its configuration."""

    azure: Served
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Environment of its commands."""
        return {
            **os.environ,
            "AZURE_CONFIG_DIR": str(self.folder / "config"),
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "AZURE_CORE_NO_COLOR": "true",
            "REQUESTS_CA_BUNDLE": self.azure.info["ca_file"],
        }

    def done(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs a command without checking its exit code."""
        assert EXECUTABLE is not None
        return subprocess.run(
            [EXECUTABLE, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def text(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        done = self.done(*arguments)
        assert done.returncode == 0, f"az {' '.join(arguments)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """The JSON output of a command, None if it is empty."""
        printed = self.text(*arguments, "-o", "json")
        return json.loads(printed) if printed.strip() else None

    def refused(self, *arguments: str) -> str:
        """The error output of a command that must fail."""
        done = self.done(*arguments)
        assert done.returncode != 0, done.stdout
        return done.stderr


def signed_in(azure: Served, folder: Path) -> Az:
    """Registers the emulator as a cloud and signs in its service principal."""
    az, info = Az(azure, folder), azure.info
    az.text("cloud", "register", "-n", "Rehearsal", "--endpoint-resource-manager", info["endpoint"])
    az.text("cloud", "set", "-n", "Rehearsal")
    secret = ("-u", info["client_id"], "-p", info["client_secret"], "-t", info["tenant"])
    found = az.json("login", "--service-principal", *secret)
    assert {item["id"] for item in found} == {item["id"] for item in info["subscriptions"]}
    return az
