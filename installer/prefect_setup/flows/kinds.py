"""How each kind of object is read, created, changed and deleted: variables, blocks, limits and queues."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote

from installer.flow_project.objects import FlowObject
from installer.json_access import as_object, as_text, member
from installer.jsontypes import Json
from installer.prefect_setup.flows.server import Server

Fields = Mapping[str, Json]


class KindOfObject(Protocol):
    """Reads and changes objects of a kind. Every method raises PrefectFailed."""

    def find(self, server: Server, name: str) -> Fields | None:
        """The fields of an object as Prefect has them; None if it does not exist."""

    def create(self, server: Server, one: FlowObject) -> None:
        """Create an object."""

    def update(self, server: Server, one: FlowObject, fields: Fields) -> None:
        """Change fields of an object."""

    def delete(self, server: Server, name: str) -> None:
        """Delete an object."""


def quoted(name: str) -> str:
    """A name as part of a path."""
    return quote(name, safe="")


@dataclass(frozen=True)
class Named:
    """Objects whose path has their name.

    Attributes:
        kind: For messages.
        new: Path to create one.
        path: Path of one, to which its name is added.

    """

    kind: str
    new: str
    path: str

    def find(self, server: Server, name: str) -> Fields | None:
        """As its interface."""
        return server.find(self.path + quoted(name), f"{self.kind} {name}")

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface."""
        server.send("POST", self.new, {"name": one.name, **one.fields}, one.key)

    def update(self, server: Server, one: FlowObject, fields: Fields) -> None:
        """As its interface."""
        server.send("PATCH", self.path + quoted(one.name), {**fields}, one.key)

    def delete(self, server: Server, name: str) -> None:
        """As its interface."""
        server.delete(self.path + quoted(name), f"{self.kind} {name}")


class WorkQueues:
    """Queues of a work pool; their names are "pool/queue"."""

    def _path(self, name: str) -> str:
        pool, _, queue = name.partition("/")
        return f"/work_pools/{quoted(pool)}/queues/{quoted(queue)}"

    def find(self, server: Server, name: str) -> Fields | None:
        """As its interface."""
        return server.find(self._path(name), f"work queue {name}")

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface."""
        pool, _, queue = one.name.partition("/")
        server.send("POST", f"/work_pools/{quoted(pool)}/queues", {"name": queue, **one.fields}, one.key)

    def update(self, server: Server, one: FlowObject, fields: Fields) -> None:
        """As its interface."""
        server.send("PATCH", self._path(one.name), {**fields}, one.key)

    def delete(self, server: Server, name: str) -> None:
        """As its interface."""
        server.delete(self._path(name), f"work queue {name}")


class Blocks:
    """Block documents; their names are "type/name", also in references: {"$ref": "type/name"}."""

    def find(self, server: Server, name: str) -> Fields | None:
        """As its interface; nothing without its type, so that a comparison needs no unknown type."""
        kind, _, block = name.partition("/")
        found = self.found(server, kind, block)
        return None if found is None else {"data": self.named_data(found)}

    @staticmethod
    def named_data(found: Fields) -> dict[str, Json]:
        """The data of a document as the API returns it, with names in its references, without what is not set."""
        data: dict[str, Json] = {key: value for key, value in as_object(found.get("data")).items() if value is not None}
        for key, reference in as_object(found.get("block_document_references")).items():
            other = as_object(member(reference, "block_document"))
            slug = as_text(member(other, "block_type", "slug"))
            data[key] = {"$ref": f"{slug}/{as_text(other.get('name'))}"}
        return data

    def found(self, server: Server, kind: str, block: str) -> dict[str, Json] | None:
        """The document as the API returns it, with asterisks in place of secrets."""
        return server.find(
            f"/block_types/slug/{quoted(kind)}/block_documents/name/{quoted(block)}", f"block {kind}/{block}"
        )

    def create(self, server: Server, one: FlowObject) -> None:
        """As its interface."""
        kind, _, block = one.name.partition("/")
        type_id, schema_id = server.block_type(kind)
        body: Json = {
            "name": block,
            "block_type_id": type_id,
            "block_schema_id": schema_id,
            "data": self.data_with_ids(server, one),
        }
        server.send("POST", "/block_documents/", body, one.key)

    def update(self, server: Server, one: FlowObject, fields: Fields) -> None:  # noqa: ARG002  data is one field
        """As its interface."""
        kind, _, block = one.name.partition("/")
        server.block_type(kind)
        found = self.found(server, kind, block) or {}
        body: Json = {"data": self.data_with_ids(server, one), "merge_existing_data": False}
        server.send("PATCH", f"/block_documents/{as_text(found.get('id'))}", body, one.key)

    def delete(self, server: Server, name: str) -> None:
        """As its interface."""
        kind, _, block = name.partition("/")
        if found := self.found(server, kind, block):
            server.delete(f"/block_documents/{as_text(found['id'])}", f"block {name}")

    def data_with_ids(self, server: Server, one: FlowObject) -> dict[str, Json]:
        """Data with IDs in its references."""
        data = dict(as_object(one.fields["data"]))
        for key, value in data.items():
            reference = as_text(member(value, "$ref"))
            if reference:
                kind, _, block = reference.partition("/")
                other = self.found(server, kind, block) or {}
                data[key] = {"$ref": {"block_document_id": as_text(other.get("id"))}}
        return data


VARIABLES: Final = Named("variable", "/variables/", "/variables/name/")
CONCURRENCY_LIMITS: Final = Named("concurrency limit", "/v2/concurrency_limits/", "/v2/concurrency_limits/")
