"""Soft-deleted blobs and containers of an account with a hierarchical namespace: listed until their day, and restored once."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from installer.emulator.state.resources import Resource
from tests.emulator.asgi_client import Local
from tests.emulator.data_plane.test_blob_requests import ACCOUNT, CONTAINER, ask, built, code
from tests.emulator.in_memory import run

DAY: Final = 86_400.0


def keeping(path: Path, days: int = 7, **properties: Any) -> Local:
    """An account that keeps what is deleted."""
    it = built(path, **properties)
    policy: Any = {"enabled": True, "days": days}
    service = f"{ACCOUNT}/blobServices/default"
    kind = "Microsoft.Storage/storageAccounts/blobServices"
    desired: Any = {"properties": {"deleteRetentionPolicy": policy, "containerDeleteRetentionPolicy": policy}}
    it.emulator.resources.save(Resource(service, kind, "default", "v", "Succeeded", -99999, 0, desired=desired))
    return it


async def put(it: Local, path: str, text: bytes = b"1") -> None:
    assert (await ask(it, "PUT", path, text, x_ms_blob_type="BlockBlob")).status == 201


async def deleted(it: Local, prefix: str = "") -> list[tuple[str, str]]:
    found = await ask(it, "GET", f"/landing?restype=container&comp=list&showonly=deleted&prefix={prefix}")
    assert found.status == 200
    return re.findall("<Name>([^<]*)</Name><Deleted>true</Deleted><DeletionId>([^<]*)<", found.text)


async def undelete(it: Local, path: str, identity: str, target: str = "") -> str:
    source = f"{path}?deletionid={identity}"
    found = await ask(it, "PUT", f"/landing/{target or path}?comp=undelete", x_ms_undelete_source=source)
    return code(found) or str(found.status)


def test_a_deleted_blob_is_listed_and_restored_with_its_content(tmp_path: Path) -> None:
    it = keeping(tmp_path)

    async def story() -> None:
        await put(it, "/landing/a/x", b"first")
        await put(it, "/landing/b", b"other")
        for path in ("/landing/a/x", "/landing/b"):
            assert (await ask(it, "DELETE", path)).status == 202
        assert [name for name, _ in await deleted(it)] == ["a/x", "b"]
        ((name, identity),) = await deleted(it, "a/")
        assert await undelete(it, name, identity) == "200"
        assert (await ask(it, "GET", "/landing/a/x")).text == "first"
        assert [name for name, _ in await deleted(it)] == ["b"]
        assert await undelete(it, name, identity) == "BlobNotFound"

    run(story())


def test_each_deletion_of_a_path_is_kept_and_none_is_restored_over_a_newer_file(tmp_path: Path) -> None:
    it = keeping(tmp_path)

    async def story() -> None:
        for text in (b"one", b"two"):
            await put(it, "/landing/x", text)
            await ask(it, "DELETE", "/landing/x")
        (_, first), (_, second) = await deleted(it)
        await put(it, "/landing/x", b"three")
        assert await undelete(it, "x", second) == "BlobAlreadyExists"
        await ask(it, "DELETE", "/landing/x")
        assert await undelete(it, "x", first) == "200"
        assert (await ask(it, "GET", "/landing/x")).text == "one"

    run(story())


def test_what_azure_refuses_is_refused(tmp_path: Path) -> None:
    it = keeping(tmp_path)

    async def story() -> None:
        await put(it, "/landing/a/x")
        await ask(it, "DELETE", "/landing/a/x")
        await ask(it, "DELETE", "/landing/a")
        (_, folder), (_, file) = await deleted(it)
        assert await undelete(it, "a/x", file) == "ResourceNotFound", "the directory above it is deleted"
        assert await undelete(it, "a", folder) == "200"
        assert await undelete(it, "a/x", file, target="a/y") == "BlobNotFound"
        assert await undelete(it, "a/x", file) == "200"
        both = await ask(it, "GET", "/landing?restype=container&comp=list&showonly=deleted&include=deleted")
        assert code(both) == "InvalidQueryParameterValue"
        assert code(await ask(it, "PUT", "/landing/a/x?comp=undelete")) == "MissingRequiredHeader"

    run(story())


@pytest.mark.parametrize("days", [1, 7])
def test_it_is_gone_after_its_days(tmp_path: Path, days: int) -> None:
    it = keeping(tmp_path, days)

    async def story() -> None:
        await put(it, "/landing/x")
        await ask(it, "DELETE", "/landing/x")
        ((_, identity),) = await deleted(it)
        await it.clock.advance(days * DAY - 10)
        assert len(await deleted(it)) == 1
        await it.clock.advance(20)
        assert await deleted(it) == []
        assert await undelete(it, "x", identity) == "BlobNotFound"

    run(story())


def test_without_a_policy_nothing_is_kept(tmp_path: Path) -> None:
    it = built(tmp_path)

    async def story() -> None:
        await put(it, "/landing/x")
        await ask(it, "DELETE", "/landing/x")
        assert await deleted(it) == []
        assert list((tmp_path / "blobs").iterdir()) == []

    run(story())


@pytest.mark.parametrize("by", ["blob", "arm"])
def test_a_deleted_container_is_restored_with_its_blobs_whoever_deleted_it(tmp_path: Path, by: str) -> None:
    it = keeping(tmp_path)

    async def story() -> None:
        await put(it, "/landing/x", b"kept")
        if by == "blob":
            assert (await ask(it, "DELETE", "/landing?restype=container")).status == 202
        else:
            it.emulator.remove(CONTAINER)
        listed = await ask(it, "GET", "/?comp=list&include=deleted")
        ((name, version),) = re.findall("<Name>([^<]*)</Name><Deleted>true</Deleted><Version>([^<]*)<", listed.text)
        assert "<Deleted>" not in (await ask(it, "GET", "/?comp=list")).text
        named = {"x_ms_deleted_container_name": name, "x_ms_deleted_container_version": version}
        other = await ask(it, "PUT", "/other?restype=container&comp=undelete", **named)
        assert code(other) == "ContainerNotFound"
        assert (await ask(it, "PUT", "/landing?restype=container&comp=undelete", **named)).status == 201
        assert (await ask(it, "GET", "/landing/x")).text == "kept"
        await ask(it, "DELETE", "/landing?restype=container")
        assert (await ask(it, "PUT", "/landing?restype=container")).status == 201
        again = await ask(it, "GET", "/?comp=list&include=deleted")
        (version,) = re.findall("<Version>([^<]*)<", again.text)
        named["x_ms_deleted_container_version"] = version
        assert (
            code(await ask(it, "PUT", "/landing?restype=container&comp=undelete", **named)) == "ContainerAlreadyExists"
        )

    run(story())
