"""A real Prefect server with a worker, and helpers to read and modify its objects."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from installer.job_program.changes import Change
from installer.jsontypes import Json
from installer.prefect_setup.model import Estate
from installer.prefect_setup.rest import Api, request_with_retries
from tests.prefect_setup.program_runner import Applied, apply
from tests.processes import pause, until

VOLATILE = frozenset({"updated", "last_polled", "last_updated", "status", "id", "created"})
"""Fields that change automatically or differ between an object and its replacement."""


@dataclass
class World:
    """One server for a test module. `first` has the results of the first apply, `news` its events."""

    api: Api
    home: Path
    estate: Estate
    first: Applied
    news: list[Change]

    def apply(self, estate: Estate | None = None) -> tuple[Applied, dict[str, str]]:
        """Apply an estate, by default that of the module; returns the changes (event by name)."""
        changes: list[Change] = []
        applied = apply(self.api, estate or self.estate, home=self.home, emit=changes.append)
        done: dict[str, str] = {c.name: c.doing for c in changes if c.doing in {"created", "updated"}}
        return applied, done

    def objects(self) -> dict[str, list[Json]]:
        """Everything that an estate describes, as the API has it."""
        paths = {
            "pools": "/work_pools/filter",
            "queues": "/work_queues/filter",
            "variables": "/variables/filter",
            "blocks": "/block_documents/filter",
            "deployments": "/deployments/filter",
            "flows": "/flows/filter",
        }
        found: dict[str, list[Json]] = {}
        for kind, path in paths.items():
            items = request_with_retries(self.api, "POST", path, {}, what=path, pause=pause)
            assert isinstance(items, list)
            found[kind] = items
        return found

    def described(self) -> dict[str, list[str]]:
        """The same without ids and times, for comparing."""
        return {
            kind: sorted(json.dumps(still(item), sort_keys=True) for item in items)
            for kind, items in self.objects().items()
        }

    def ids(self) -> set[str]:
        """The ids of all of them."""
        return {str(item["id"]) for items in self.objects().values() for item in items if isinstance(item, dict)}

    def get(self, path: str) -> dict[str, Json]:
        """One object."""
        found = request_with_retries(self.api, "GET", path, what=path, pause=pause)
        assert isinstance(found, dict)
        return found

    def patch(self, path: str, body: Json) -> None:
        """Change something by hand."""
        until(lambda: self._patched(path, body), f"the server takes a change of {path}")

    def _patched(self, path: str, body: Json) -> bool:
        """One attempt; 503 is a busy server's database, and is tried again as Prefect's own client does."""
        url = urlsplit(self.api.url)
        connection = HTTPConnection(url.hostname or "", url.port, timeout=10)
        headers = {"Content-Type": "application/json", **self.api.headers()}
        connection.request("PATCH", url.path + path, json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        assert answer.status < 300 or answer.status == 503, (path, answer.status, said)
        return answer.status < 300


def still(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: still(item) for key, item in value.items() if key not in VOLATILE and not key.endswith("_id")}
    return [still(item) for item in value] if isinstance(value, list) else value
