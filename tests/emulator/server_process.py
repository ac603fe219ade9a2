"""An emulator process, and the real clients connected to it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import requests
from azure.identity import ClientSecretCredential
from azure.mgmt.resource.deployments import DeploymentsMgmtClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.subscription import SubscriptionClient

from installer.jsontypes import Json
from tests.processes import until

SPEED: Final = 2000
API: Final = "2025-04-01"
POLL: Final = 0.05


@dataclass
class Served:
    """A running server: what it announced, its process, and clients for it."""

    process: subprocess.Popen[str]
    info: dict[str, Any]  # the announcement is JSON for other programs

    @property
    def subscription(self) -> str:
        """The default subscription."""
        return str(self.info["subscription"])

    @property
    def scope(self) -> str:
        """The default subscription's id."""
        return f"/subscriptions/{self.subscription}"

    @cached_property
    def credential(self) -> ClientSecretCredential:
        """The announced service principal."""
        return ClientSecretCredential(
            self.info["tenant"],
            self.info["client_id"],
            self.info["client_secret"],
            authority=self.info["authority"],
            disable_instance_discovery=True,
            connection_verify=self.info["ca_file"],
        )

    @cached_property
    def subscriptions(self) -> SubscriptionClient:
        """azure-mgmt-subscription."""
        return SubscriptionClient(self.credential, **self._connection)

    @cached_property
    def resources(self) -> ResourceManagementClient:
        """azure-mgmt-resource."""
        return ResourceManagementClient(self.credential, self.subscription, **self._connection)

    @cached_property
    def deployments(self) -> DeploymentsMgmtClient:
        """azure-mgmt-resource-deployments."""
        return DeploymentsMgmtClient(self.credential, self.subscription, **self._connection)

    @cached_property
    def _session(self) -> requests.Session:
        return requests.Session()

    @property
    def _connection(self) -> dict[str, Any]:
        endpoint = self.info["endpoint"]
        return {
            "base_url": endpoint,
            "credential_scopes": [f"{endpoint}/.default"],
            "connection_verify": self.info["ca_file"],
        }

    def token(self) -> str:
        """A bearer token."""
        return self.credential.get_token(f"{self.info['endpoint']}/.default").token

    def raw(
        self,
        method: str,
        path: str,
        *,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> requests.Response:
        """A hand-made request; `path` may be a full URL."""
        url = path if path.startswith("https://") else self.info["endpoint"] + path
        sent = {
            "Authorization": f"Bearer {token or self.token()}",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        return self._session.request(method, url, data=body, headers=sent, verify=self.info["ca_file"], timeout=30)

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        answer = self.raw("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, path: str, version: str, body: Mapping[str, Json]) -> dict[str, Any]:
        """Make a resource, and wait until it exists."""
        where = f"{path}?api-version={version}"
        answer = self.raw("PUT", where, body=json.dumps(body))
        assert answer.status_code in {200, 201, 202}, answer.text
        found: dict[str, Any] = {}

        def done() -> bool:
            nonlocal found
            found = self.raw("GET", where).json()
            return bool(found.get("properties", {}).get("provisioningState", "Succeeded") == "Succeeded")

        until(done, path)
        return found

    def stop(self) -> int:
        """Close its standard input and wait until it is gone."""
        self._session.close()
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(timeout=20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def kill(self) -> None:
        """kill -9."""
        self._session.close()
        self.process.kill()
        self.process.wait(timeout=20)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def start(state: Path, *more: str, speed: float = SPEED) -> Served:
    """Start a server and wait until it listens."""
    command = [sys.executable, "-m", "installer.emulator", "--state-dir", str(state), "--speed", str(speed)]
    process = subprocess.Popen(
        [*command, "--follow-stdin", *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return Served(process, json.loads(process.stdout.readline()))


@contextmanager
def serving(state: Path, *more: str, speed: float = SPEED) -> Iterator[Served]:
    """A server for the length of a test or a module."""
    server = start(state, *more, speed=speed)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def deployment(template: Mapping[str, Json], location: str | None = "westeurope", **parameters: Json) -> Any:
    """The body of a deployment request."""
    given = {name: {"value": value} for name, value in parameters.items()}
    body = {"properties": {"mode": "Incremental", "template": template, "parameters": given}}
    return {"location": location, **body} if location else body
