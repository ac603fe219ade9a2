"""Requests to the Prefect API for one kind of object after another."""

import http
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from installer.errors import PrefectFailed
from installer.json_access import JsonObject, as_list, as_object, as_text
from installer.jsontypes import Json
from installer.prefect_setup.rest import (
    BUSY,
    BUSY_SECONDS,
    BUSY_TRIES,
    Api,
    Method,
    Response,
    ask,
    object_in,
    objects_in,
    pages,
    successful_body,
)

_GONE: Final = http.HTTPStatus.NOT_FOUND
_EXISTS: Final = http.HTTPStatus.CONFLICT
PAGE: Final = 200
"""Maximum of one answer (PREFECT_API_DEFAULT_LIMIT)."""


@dataclass
class Server:
    """A Prefect server or Prefect Cloud.

    Attributes:
        api: Its API.
        pause: Waits for a number of seconds.

    """

    api: Api
    pause: Callable[[float], None] = time.sleep
    _block_types: dict[str, tuple[str, str]] = field(default_factory=dict)

    def find(self, path: str, what: str) -> dict[str, Json] | None:
        """An object; None if it does not exist. Raises PrefectFailed."""
        answer = self._send("GET", path)
        return None if answer is not None and answer.status == _GONE else object_in(successful_body(answer, what), what)

    def send(self, method: Method, path: str, body: Json, what: str) -> Json:
        """Send a change or a filter; returns the body. Raises PrefectFailed in the words of the server."""
        return successful_body(self._send(method, path, body), what)

    def listed(self, path: str, body: Json, what: str) -> list[JsonObject]:
        """The objects that a filter returns in one page. Raises PrefectFailed."""
        return objects_in(self.send("POST", path, body, what), what)

    def create_unique(self, path: str, body: Json, what: str) -> Json:
        """Create an object; None if one of that name exists (409). Raises PrefectFailed."""
        answer = self._send("POST", path, body)
        return None if answer is not None and answer.status == _EXISTS else successful_body(answer, what)

    def delete(self, path: str, what: str) -> None:
        """Delete an object; it may be gone already. Raises PrefectFailed."""
        answer = self._send("DELETE", path)
        if answer is None or answer.status != _GONE:
            successful_body(answer, what)

    def block_type(self, slug: str) -> tuple[str, str]:
        """IDs of a block type and of its newest schema. Raises PrefectFailed."""
        if slug not in self._block_types:
            found, schema = self.type_and_schema(slug)
            self._refuse_secrets(slug, schema)
            self._block_types[slug] = (as_text(found["id"]), as_text(schema["id"]))
        return self._block_types[slug]

    def type_and_schema(self, slug: str) -> tuple[dict[str, Json], dict[str, Json]]:
        """A block type and its newest schema. Raises PrefectFailed."""
        found = self.find(f"/block_types/slug/{quote(slug, safe='')}", f"the block type {slug}")
        if found is None:
            raise PrefectFailed(f"the Prefect server has no block type {slug}")
        wanted: Json = {"block_schemas": {"block_type_id": {"any_": [found["id"]]}}, "limit": 1}
        schemas = self.listed("/block_schemas/filter", wanted, f"the schema of {slug}")
        if not schemas:
            raise PrefectFailed(f"the Prefect server has no schema for blocks of type {slug}")
        return found, schemas[0]

    def every(self, path: str, body: dict[str, Json], what: str) -> list[JsonObject]:
        """All objects that a filter returns, page by page. Raises PrefectFailed."""
        found: list[JsonObject] = []
        for page in pages(lambda offset: self.listed(path, {**body, "offset": offset, "limit": PAGE}, what), what):
            found += page
            if len(page) % PAGE:
                break
        return found

    @staticmethod
    def _refuse_secrets(slug: str, schema: dict[str, Json]) -> None:
        """Blocks that consist of a secret are not for files."""
        fields = as_object(schema.get("fields"))
        secret, needed = as_list(fields.get("secret_fields")), as_list(fields.get("required"))
        if any(one in needed for one in secret):
            raise PrefectFailed(
                f"blocks of type {slug} consist of a secret; keep it in Key Vault and read it in the flow"
            )

    def _send(self, method: Method, path: str, body: Json = None) -> Response | None:
        for _ in range(BUSY_TRIES):
            answer = ask(self.api, method, path, body)
            if answer is not None and answer.status not in BUSY:
                break
            self.pause(BUSY_SECONDS)
        return answer
