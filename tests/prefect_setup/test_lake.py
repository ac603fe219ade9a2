"""Deleted files, directories and containers of a data lake: found by path and time, restored in their order, refusals left."""

import io
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any, Final

import pytest

from installer.errors import VerificationFailed
from installer.jsontypes import Json
from installer.prefect_setup.lake.blob_service import BlobService
from installer.prefect_setup.lake.order import LakeOrder
from installer.prefect_setup.lake.restore import found_in, read, restore
from tests.emulator.asgi_client import Local
from tests.emulator.data_plane.test_blob_requests import ask
from tests.emulator.data_plane.test_soft_delete import DAY, keeping, put
from tests.emulator.in_memory import run

URL: Final = "https://lake.blob.core.windows.net"


class Answer(io.BytesIO):
    """A response of urllib."""

    def __init__(self, status: int, content: bytes) -> None:
        super().__init__(content)
        self.status = status


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Local:
    """A lake in the embedded Azure, which requests of the program reach."""
    it = keeping(tmp_path)

    def urlopen(request: urllib.request.Request, **_: object) -> Answer:
        named = {name.lower().replace("-", "_"): value for name, value in request.header_items()}
        path = request.full_url.removeprefix(URL)
        named.pop("authorization")
        reply = run(ask(it, request.get_method(), path, b"", **named))
        if reply.status >= 400:
            headers = Message()
            headers["x-ms-error-code"] = reply.headers.get("x-ms-error-code", "")
            raise urllib.error.HTTPError(path, reply.status, "", headers, io.BytesIO())
        return Answer(reply.status, reply.text.encode())

    monkeypatch.setattr("installer.prefect_setup.lake.blob_service.open_on_host", urlopen)
    return it


def service() -> BlobService:
    return BlobService(URL, lambda: "token", lambda _seconds: None)


def order(it: Local, **given: Any) -> LakeOrder:
    return LakeOrder("read", URL, "https://storage.azure.com", **{"before": it.clock.now() + 1, **given})


def write(it: Local, *paths: str, text: bytes = b"1") -> None:
    for path in paths:
        run(put(it, f"/landing/{path}", text))


def delete(it: Local, *paths: str) -> None:
    for path in paths:
        assert run(ask(it, "DELETE", f"/landing/{path}")).status == 202


def names(it: Local, **given: Any) -> list[str]:
    return [one.name for one in found_in(service(), order(it, **given))]


def restored(it: Local, **given: Any) -> tuple[dict[str, Json], list[dict[str, Json]]]:
    lines: list[dict[str, Json]] = []
    return restore(service(), order(it, **given), lines.append), lines


def content(it: Local, path: str) -> str:
    return str(run(ask(it, "GET", f"/landing/{path}")).text)


def test_paths_are_chosen_by_container_prefix_and_time(lake: Local) -> None:
    write(lake, "orders/1", "orders/2", "other/3")
    delete(lake, "orders/1", "other/3")
    run(lake.clock.advance(DAY))
    later = lake.clock.now()
    delete(lake, "orders/2")
    assert names(lake) == ["landing/orders/1", "landing/orders/2", "landing/other/3"]
    assert names(lake, container="landing", prefix="orders/") == ["landing/orders/1", "landing/orders/2"]
    assert names(lake, container="none") == []
    assert names(lake, after=later - 1) == ["landing/orders/2"]
    assert names(lake, before=later - 10) == ["landing/orders/1", "landing/other/3"]
    lines: list[dict[str, Json]] = []
    assert read(service(), order(lake, prefix="orders/1"), lines.append) == {"found": 1, "size": 1}
    assert lines[0]["deleted"] == "file"
    assert lines[0]["days"] == 6


def test_directories_come_back_before_what_is_in_them_and_the_newest_content_of_a_path(lake: Local) -> None:
    write(lake, "a/b/x", text=b"old")
    delete(lake, "a/b/x")
    run(lake.clock.advance(60.0))
    write(lake, "a/b/x", text=b"new")
    delete(lake, "a/b/x", "a/b", "a")
    result, lines = restored(lake)
    assert (result["restored"], result["refused"]) == (3, 0)
    assert [line["name"] for line in lines] == ["landing/a", "landing/a/b"]
    assert content(lake, "a/b/x") == "new"


def test_files_of_acceptance_runs_are_left_out_unless_they_are_named(lake: Local) -> None:
    write(lake, "_flowforge/acceptance/x", "_flowforges")
    delete(lake, "_flowforge/acceptance/x", "_flowforges")
    assert names(lake) == ["landing/_flowforges"]
    assert names(lake, prefix="_flowforge/") == ["landing/_flowforge/acceptance/x"]


def test_what_exists_is_not_replaced_and_a_second_restore_changes_nothing_else(lake: Local) -> None:
    write(lake, "x", "y", text=b"old")
    delete(lake, "x", "y")
    write(lake, "x", text=b"new")
    result, lines = restored(lake)
    assert (result["restored"], result["refused"]) == (1, 1)
    assert [(line["event"], line["text"]) for line in lines] == [("kept", "file landing/x: BlobAlreadyExists")]
    assert (content(lake, "x"), content(lake, "y")) == ("new", "old")
    again, _ = restored(lake)
    assert (again["restored"], again["refused"]) == (0, 1)


def test_a_container_comes_back_with_its_files(lake: Local) -> None:
    write(lake, "x", text=b"kept")
    run(ask(lake, "DELETE", "/landing?restype=container"))
    assert names(lake) == ["landing"]
    assert names(lake, prefix="x") == []
    result, _ = restored(lake, container="landing")
    assert result["restored"] == 1
    assert content(lake, "x") == "kept"


def test_an_interrupted_restore_continues(lake: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    write(lake, "1", "2", "3")
    delete(lake, "1", "2", "3")
    real, sent = BlobService.restore, list[str]()

    def dying(self: BlobService, item: Any) -> str:
        if len(sent) == 2:
            raise KeyboardInterrupt
        sent.append(item.name)
        return real(self, item)

    monkeypatch.setattr(BlobService, "restore", dying)
    with pytest.raises(KeyboardInterrupt):
        restored(lake)
    monkeypatch.setattr(BlobService, "restore", real)
    assert restored(lake)[0]["restored"] == 1


def test_a_lake_that_refuses_or_is_not_reached_is_named(lake: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.emulator.resources.remove(
        next(one.id for one in lake.emulator.resources.of_type("Microsoft.Authorization/roleAssignments"))
    )
    with pytest.raises(VerificationFailed, match=r"refused to list .*AuthorizationPermissionMismatch"):
        names(lake)

    def gone(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no route")

    monkeypatch.setattr("installer.prefect_setup.lake.blob_service.open_on_host", gone)
    with pytest.raises(VerificationFailed, match=f"{URL} cannot be reached: .*no route"):
        names(lake)


def test_an_order_crosses_the_network_unchanged(lake: Local) -> None:
    given = order(lake, container="gold", prefix="a b/", after=1.5)
    assert LakeOrder.from_json(given.to_json()) == given
