"""An answer of another shape than Prefect's is refused: an empty list would say that nothing exists, and work would be done again."""

from collections.abc import Callable

import pytest
from pydantic import SecretStr

from installer.errors import PrefectFailed
from installer.fleet import history
from installer.jsontypes import Json
from installer.prefect_setup import rest
from installer.prefect_setup.flows import server as flow_server
from installer.prefect_setup.flows.server import PAGE, Server
from installer.prefect_setup.rest import Api, Response, ask, successful_body
from tests.prefect_setup.test_same_host import server

API = Api("http://127.0.0.1:1/api", SecretStr(""), "")
NO_LISTS: list[Json] = [None, {}, "x", 5, {"detail": "x"}, [None], [1, {"id": "1"}], [[]]]
READS: dict[str, Callable[[], object]] = {
    "members of a fleet": lambda: history.newest_of_all(API, "f", ["m"], rehearse=False),
    "one member": lambda: history.newest_of(API, "f", "m", rehearse=False),
    "pages of objects": lambda: Server(API).every("/variables/filter", {}, "the variables"),
    "schema of a block": lambda: Server(API).type_and_schema("secret"),
}


def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[], Response]) -> None:
    for module in (rest, flow_server):
        monkeypatch.setattr(module, "ask", lambda *_given, **_options: answer())


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (read, body)
        for name, read in READS.items()
        for body in NO_LISTS
        if name != "schema of a block" or not isinstance(body, dict)  # the block type itself is an object
    ],
)
def test_what_is_no_list_of_objects_is_not_an_empty_list(
    read: Callable[[], object], body: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, lambda: Response(200, body))
    with pytest.raises(PrefectFailed, match="something else than Prefect answered"):
        read()


@pytest.mark.parametrize("status", [300, 302, 304, 307, 308, 399])
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_redirect_that_was_not_followed_is_no_answer(
    read: Callable[[], object], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, lambda: Response(status, None))
    with pytest.raises(PrefectFailed, match=f"something else than Prefect answered {status}"):
        read()


@pytest.mark.parametrize("rows", [1, PAGE])
@pytest.mark.parametrize("read", [READS["members of a fleet"], READS["pages of objects"]])
def test_pages_without_an_end_are_refused(
    read: Callable[[], object], rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []

    def page() -> Response:
        sent.append(1)
        return Response(200, [{"id": "1", "name": "x"} for _ in range(rows)])

    answering(monkeypatch, page)
    if rows < PAGE and read is READS["pages of objects"]:
        read()  # it is the last page
        return
    with pytest.raises(PrefectFailed, match="the same page again"):
        read()
    assert len(sent) == 2


@pytest.mark.parametrize("location", ["http://[::x", "http://127.0.0.1:port/x", "//[", "http://\x7f:99999999/"])
def test_a_redirect_to_no_address_is_no_bug(location: str) -> None:
    with server(302, location=location) as (url, _):
        answer = ask(Api(url, SecretStr("me:secret"), ""), "GET", "/x")
        assert answer is not None
        with pytest.raises(PrefectFailed, match="something else than Prefect answered 302"):
            successful_body(answer, "read x")
