"""Hostile answers: of something in place of Azure, or of Azure's, changed on their way. Each is as described, and counted only where it has an effect."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Final

import pytest
import requests

from installer.emulator.faults.catalogue import catalogue
from installer.emulator.protocol.hostile_answers import ELSEWHERE, UNPRINTABLE
from tests.emulator.server_process import API, Served, serving

HOSTILE: Final = [kind.name for kind in catalogue().values() if kind.effect in {"replaced", "changed"}]
NUMBERS: Final = count()
"""Occurrences are counted by the text of a fault."""
BODY: Final = json.dumps({"location": "westeurope"})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server without faults, with a group."""
    with serving(tmp_path_factory.mktemp("hostile")) as found:
        found.raw("PUT", _path(found, "/rg-one"), body=BODY)
        yield found


def _path(server: Served, group: str = "") -> str:
    return f"{server.scope}/resourcegroups{group}?api-version={API}"


def _inject(server: Served, fault: str) -> requests.Response:
    return server.raw("POST", "/rehearsal/faults", body=json.dumps({"fault": fault}))


def _struck(server: Served, fault: str, method: str = "GET", group: str = "") -> requests.Response:
    assert _inject(server, f"{fault}:count=1,at=*resourcegroups*,seed={next(NUMBERS)}").status_code == 204
    return server._session.request(
        method,
        server.info["endpoint"] + _path(server, group),
        data=BODY if method == "PUT" else None,
        headers={"Authorization": f"Bearer {server.token()}"},
        verify=server.info["ca_file"],
        allow_redirects=False,
        timeout=30,
    )


def test_each_is_another_answer_once(server: Served) -> None:
    assert len(HOSTILE) >= 9
    for name in HOSTILE:
        if name != "foreign-poll":  # a list is polled nowhere
            assert _struck(server, name).content != server.raw("GET", _path(server)).content, name
        assert server.get(_path(server))["value"], f"{name} occurred once"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("captive-portal", ValueError),
        ("not-utf-8", UnicodeDecodeError),
        ("nested-answer", RecursionError),
        ("cut-answer", ValueError),
    ],
)
def test_what_is_no_json(server: Served, name: str, error: type[Exception]) -> None:
    answer = _struck(server, name)
    assert answer.status_code == 200
    with pytest.raises(error):
        json.loads(answer.content)


def test_hosts_of_others(server: Served) -> None:
    assert _struck(server, "foreign-redirect").headers["Location"].startswith(f"https://{ELSEWHERE}/subscriptions/")
    assert _struck(server, "foreign-page").json()["nextLink"].startswith(f"https://{ELSEWHERE}/subscriptions/")
    server.raw("PUT", _path(server, "/rg-gone"), body=BODY)
    polled = _struck(server, "foreign-poll", "DELETE", "/rg-gone")
    assert (polled.status_code, polled.headers["Location"][:25]) == (202, f"https://{ELSEWHERE}/"[:25])


def test_types_and_names(server: Served) -> None:
    assert _struck(server, "array-answer").json() == ["wrong", "answer"]
    right, wrong = server.get(_path(server, "/rg-one")), _struck(server, "wrong-types", "GET", "/rg-one").json()
    assert wrong.keys() == right.keys()
    assert wrong != right
    assert _struck(server, "unprintable-names").json()["value"][-1]["name"].endswith(UNPRINTABLE)
    assert _struck(server, "unprintable-names", "GET", "/rg-one").json()["tags"] == {UNPRINTABLE: UNPRINTABLE}


def test_an_answer_that_a_fault_does_not_change_is_not_counted(server: Served) -> None:
    _inject(server, "foreign-page:count=1,at=*resourcegroups*,seed=waits")
    assert "nextLink" not in server.get(_path(server, "/rg-one")), "no list"
    assert "nextLink" in server.get(_path(server))


@pytest.mark.parametrize(
    "fault", ["nothing", "SkuNotAvailable", "throttling:count=0", "throttling:probability=0.5", ""]
)
def test_a_running_server_takes_no_fault_that_lasts(server: Served, fault: str) -> None:
    refused = _inject(server, fault)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "InvalidFault")
