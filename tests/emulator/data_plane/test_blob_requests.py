"""Requests to the Blob endpoint that no client library sends, and networks that have no way to it."""

import base64
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.certificates import Authority
from installer.emulator.data_plane.blob.contents import crc64
from installer.emulator.data_plane.hosts import certificate_names, is_azure, service_at
from installer.emulator.data_plane.proxy import NameProxy, _Place
from installer.emulator.state.resources import Resource
from installer.jsontypes import Json
from tests.emulator.asgi_client import Local, Reply, local
from tests.emulator.in_memory import GROUP, run

ACCOUNT: Final = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/lake"
CONTAINER: Final = f"{ACCOUNT}/blobServices/default/containers/landing"
AT: Final = "https://lake.blob.core.windows.net"
CONTRIBUTOR: Final = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
ROLES: Final = "Microsoft.Authorization/roleAssignments"


def built(path: Path, **properties: Json) -> Local:
    """An account with a container that the caller may write."""
    it = local(path)
    own: dict[str, Json] = {"isHnsEnabled": True, "allowSharedKeyAccess": False, **properties}
    role: dict[str, Json] = {
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}",
        "principalId": it.azure.identity.object_id,
    }
    for where, kind, desired in (
        (ACCOUNT, "Microsoft.Storage/storageAccounts", own),
        (CONTAINER, "Microsoft.Storage/storageAccounts/blobServices/containers", {}),
        (f"{ACCOUNT}/providers/{ROLES}/6f3a5d0e-2b1c-4c8e-9a55-1d2e3f405162", ROLES, role),
    ):
        name = where.rsplit("/", 1)[-1]
        it.emulator.resources.save(
            Resource(where, kind, name, "v", "Succeeded", -99999, 0, desired={"properties": desired})
        )
    return it


async def ask(it: Local, method: str, path: str, raw: bytes = b"", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await it.ask(method, f"{AT}{path}", raw=raw, headers=named, audience="https://storage.azure.com")


def code(reply: Reply) -> str:
    return reply.headers.get("x-ms-error-code", "")


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><BlockList><Latest>&a;</Latest></BlockList>',
        b"<BlockList><Latest>YQ==</BlockList>",
        b"<BlockList><Latest><More/></Latest></BlockList>",
        b"<Other/>",
        b"\x00",
        b"",
    ],
)
def test_a_block_list_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    it = built(tmp_path)

    async def story() -> None:
        assert code(await ask(it, "PUT", "/landing/x?comp=blocklist", content)) == "InvalidXmlDocument"

    run(story())


def test_odd_requests_are_refused_by_name(tmp_path: Path) -> None:
    it = built(tmp_path)

    async def story() -> None:
        for method, path, expected in (
            ("PUT", "/landing/x?comp=block&blockid=%21", "InvalidBlockId"),
            ("PUT", "/landing/x", "MissingRequiredHeader"),
            ("POST", "/landing/x", "UnsupportedHttpVerb"),
            ("GET", "/landing/x?comp=none", "InvalidQueryParameterValue"),
            ("GET", "/landing?restype=container&comp=list&maxresults=0", "OutOfRangeInput"),
            ("GET", "/landing?restype=container&comp=list&marker=%ff", "InvalidQueryParameterValue"),
            ("PUT", "/landing/x?comp=lease", "NotImplemented"),
            ("POST", "/?restype=service&comp=userdelegationkey", "NotImplemented"),
            ("PUT", "/a--b?restype=container", "InvalidResourceName"),
            ("GET", "/landing", "ResourceNotFound"),
        ):
            assert code(await ask(it, method, path)) == expected, (method, path)
        long = "x" * 1025
        assert code(await ask(it, "PUT", f"/landing/{long}", b"1", x_ms_blob_type="BlockBlob")) == "OutOfRangeInput"
        assert list((tmp_path / "blobs").iterdir()) == [], "no content of a refused request stays"

    run(story())


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_every_response_has_the_headers_of_the_service(tmp_path: Path, method: str) -> None:
    it = built(tmp_path)

    async def story() -> None:
        found = await ask(it, method, "/landing/none", x_ms_client_request_id="mine", x_ms_version="2025-11-05")
        assert found.status == 404
        assert found.headers["x-ms-client-request-id"] == "mine"
        assert found.headers["x-ms-version"] == "2025-11-05"
        assert ("BlobNotFound" in found.text) is (method != "HEAD")

    run(story())


@pytest.mark.parametrize(
    ("properties", "connected", "status"),
    [
        ({}, False, 200),
        ({"publicNetworkAccess": "Disabled"}, False, 403),
        ({"publicNetworkAccess": "Disabled"}, True, 200),
        ({"networkAcls": {"defaultAction": "Deny"}}, False, 403),
        ({"networkAcls": {"defaultAction": "Deny"}}, True, 200),
    ],
)
def test_a_closed_account_needs_an_approved_private_endpoint(
    tmp_path: Path, properties: dict[str, Json], status: int, *, connected: bool
) -> None:
    it = built(tmp_path, **properties)
    if connected:
        kind = "Microsoft.Storage/storageAccounts/privateEndpointConnections"
        state: Json = {"privateLinkServiceConnectionState": {"status": "Approved"}}
        made = Resource(f"{ACCOUNT}/privateEndpointConnections/pe", kind, "pe", "v", "Succeeded", 0, 0)
        made.desired, made.computed = {"properties": state}, {"properties": {"groupIds": ["blob"]}}
        it.emulator.resources.save(made)

    async def story() -> None:
        found = await ask(it, "GET", "/landing?restype=container&comp=list")
        assert found.status == status, found.text
        assert code(found) == ("" if status == 200 else "AuthorizationFailure")

    run(story())


def test_a_container_that_is_made_again_is_empty(tmp_path: Path) -> None:
    it = built(tmp_path)

    async def story() -> None:
        assert (await ask(it, "PUT", "/landing/a/b", b"1", x_ms_blob_type="BlockBlob")).status == 201
        assert (await ask(it, "DELETE", "/landing?restype=container")).status == 202
        await it.clock.advance(1)
        assert (await ask(it, "PUT", "/landing?restype=container")).status == 201
        assert "<Blob>" not in (await ask(it, "GET", "/landing?restype=container&comp=list")).text
        assert list((tmp_path / "blobs").iterdir()) == []

    run(story())


def test_the_checksum_is_that_of_its_specification() -> None:
    """Check value of CRC-64/NVME."""
    assert base64.b64decode(crc64(b"123456789")) == 0xAE8B14860A799888.to_bytes(8, "little")


def test_names_lead_to_deployed_resources_only(tmp_path: Path) -> None:
    it = built(tmp_path)
    proxy = NameProxy(it.emulator, 1234, Authority.new())
    assert proxy._place("lake.blob.core.windows.net", 443) == _Place("127.0.0.1", 1234)
    assert proxy._place("LAKE.blob.core.windows.net.", 443) == _Place("127.0.0.1", 1234)
    assert proxy._place("other.blob.core.windows.net", 443) is None
    assert proxy._place("lake.blob.core.usgovcloudapi.net", 443) is None, "a name of another cloud"
    assert proxy._place("pypi.org", 443) == _Place("pypi.org", 443)
    assert not is_azure("notazure.com")
    assert service_at(it.emulator, "nowhere.monitoring.azure.com") is None
    assert "*.blob.core.usgovcloudapi.net" in certificate_names()
