"""An answer that cannot come from Azure is refused with the status, the host and its first line; tokens go to the hosts of the cloud only."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import pytest
from azure.core.credentials import TokenCredential

from installer.cloud.answer_checks import check_host
from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused, WrongAnswer
from installer.cloud.price_list import PriceList
from installer.cloud.rest import Service, token
from installer.cloud.sign_in import _discover, _from_environment
from installer.errors import UsageError
from installer.jsontypes import Json
from tests.cloud.wire import HOST, Answer, scripted, target

SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000001"
PORTAL: Final = b"\n  <!DOCTYPE html>\x1b[2J\xe2\x80\xae\n<html>Sign in</html>"
FOREIGN: Final = "https://evil.example/subscriptions?page=2"
Call = Callable[[Arm], object]
READS: Final[dict[str, Call]] = {
    "a request": lambda arm: arm.service.ask("GET", "/x"),
    "a list": lambda arm: arm.service.every("/x"),
    "tenants": lambda arm: arm.tenants(),
    "subscriptions": lambda arm: arm.subscriptions(),
    "regions": lambda arm: arm.regions(),
    "networks": lambda arm: arm.networks(),
    "registrations": lambda arm: arm.registrations(SUBSCRIPTION),
    "register": lambda arm: arm.register("microsoft.web", SUBSCRIPTION),
    "groups": lambda arm: arm.groups(SUBSCRIPTION),
    "a resource": lambda arm: arm.read(f"/subscriptions/{SUBSCRIPTION}/x", "2024-01-01"),
    "a deployment": lambda arm: arm.deployment("main"),
    "deployments": lambda arm: arm.deployments(),
    "operations": lambda arm: arm.operations("main"),
    "begin": lambda arm: arm.begin("main", location="westeurope", template={}, parameters={}, tags={}),
    "what-if": lambda arm: arm.what_if("main", location="westeurope", template={}, parameters={}),
}
PAGED: Final = (
    "a list",
    "tenants",
    "subscriptions",
    "networks",
    "registrations",
    "groups",
    "deployments",
    "operations",
)


def deep(levels: int) -> bytes:
    return b'{"a":' + b"[" * levels + b"]" * levels + b"}"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("installer.waiting.time.sleep", lambda _seconds: None)


def arm() -> Arm:
    return Arm(target(), SUBSCRIPTION)


@pytest.mark.parametrize("call", READS.values(), ids=READS)
@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (PORTAL, "<!DOCTYPE html> [2J"),
        (b"\x00\xff\xfe\x80binary", "binary"),
        (b'{"value": [', '{"value": ['),
        (b"[1, 2]", "[1, 2]"),
        (b'"text"', '"text"'),
        (deep(500), '{"a":[[['),
        (deep(100_000), '{"a":[[['),
    ],
    ids=["portal", "bytes", "cut", "array", "text", "deep", "very deep"],
)
def test_an_answer_that_is_no_json_object_is_refused(
    call: Call, body: bytes, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, Answer(200, body, {"Content-Type": "application/json"}))
    with pytest.raises(WrongAnswer, match=r"management\.azure\.com answered 200 with something else") as refused:
        call(arm())
    first = str(refused.value).splitlines()[0]
    assert shown in first
    assert first.isprintable()
    assert len(first) < 400
    assert refused.value.exit_code == 4
    assert not refused.value.unreached, "it is not asked for an hour"


@pytest.mark.parametrize("call", READS.values(), ids=READS)
@pytest.mark.parametrize(
    "body",
    [
        {"value": {}},
        {"value": "x"},
        {"value": ["x", None, 1, []]},
        {"value": [{"id": [], "name": {}, "tags": "x", "properties": []}]},
        {"properties": [], "tags": [], "id": {}, "name": 1, "error": []},
        {"properties": {"outputs": [], "parameters": "x", "provisioningState": {}, "timestamp": 5, "error": "x"}},
        {"error": {"details": {"a": 1}, "code": []}},
    ],
    ids=str,
)
@pytest.mark.parametrize("status", [200, 400])
def test_members_of_wrong_types_are_no_bug(
    call: Call, body: Json, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, Answer.of(body, status))
    try:
        call(arm())
    except AzureRefused as refused:
        assert refused.exit_code == 4  # noqa: PT017  an answer may also be usable


@pytest.mark.parametrize(
    "body",
    [
        {"value": {}},
        {"value": "x"},
        {"value": 0},
        {"value": [{"id": "a"}, "x"]},
        {"value": [None]},
        {"value": [], "nextLink": ["/x"]},
        {"value": [], "nextLink": {"url": "/x"}},
        {"value": [], "@odata.nextLink": 1},
    ],
    ids=str,
)
def test_a_list_of_another_form_is_not_taken_for_a_shorter_one(body: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer.of(body))
    with pytest.raises(
        WrongAnswer, match=r"management\.azure\.com answered 200 with a list of another form"
    ) as refused:
        READS["a list"](arm())
    assert not refused.value.transient


PLACES: Final[dict[str, Call]] = {
    "a resource": lambda arm: arm.service.find("/x"),
    "an item": lambda arm: arm.service.every("/x"),
    "an answer to a write": lambda arm: arm.service.ask("PUT", "/x", {}),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ["/subscriptions/s"]},
        {"id": 1},
        {"name": ["one"]},
        {"name": True},
        {"type": {"a": "b"}},
        {"location": []},
        {"tags": "installation"},
        {"properties": ["state"]},
        {"properties": "x"},
    ],
    ids=str,
)
def test_a_resource_of_another_form_is_not_taken_for_another_resource(
    place: str, wrong: dict[str, Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    body: Json = {"id": "/x/one", "name": "one", "type": "A.B/c", "tags": {}, "properties": {}, **wrong}
    scripted(monkeypatch, Answer.of({"value": [{"id": "/x/two"}, body]} if place == "an item" else body))
    with pytest.raises(
        WrongAnswer, match=rf"management\.azure\.com answered 200 with {next(iter(wrong))} of another form"
    ):
        PLACES[place](arm())


@pytest.mark.parametrize(
    "body",
    [
        {"name": {"value": "cores", "localizedValue": "Total Regional vCPUs"}, "currentValue": 1},
        {"id": "a", "displayName": "app", "tags": ["HideApp"]},
        {"id": "/x", "name": "x", "tags": None, "properties": None, "location": None},
    ],
    ids=["a usage", "an application", "nothing"],
)
def test_other_forms_of_documented_answers_are_read(body: dict[str, Json], monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer.of({"value": [body]}))
    assert arm().service.every("/x") == [body]


@pytest.mark.parametrize(
    "body",
    [{}, {"value": None}, {"value": []}, {"value": [], "nextLink": None}, {"value": [], "nextLink": ""}],
    ids=str,
)
def test_an_empty_list_is_none_of_another_form(body: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer.of(body))
    assert READS["a list"](arm()) == []


@pytest.mark.parametrize("status", [400, 403, 500, 502])
@pytest.mark.parametrize("body", [PORTAL, deep(100_000), b"[1]", b"\xff"], ids=["page", "deep", "array", "bytes"])
def test_an_error_with_a_page_keeps_its_status(status: int, body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer(status, body, {"Content-Type": "text/html"}))
    for call in READS.values():
        with pytest.raises(AzureRefused) as refused:
            call(arm())
        assert refused.value.status == status
        assert all(line.isprintable() for line in str(refused.value).splitlines())


@pytest.mark.parametrize("name", PAGED)
@pytest.mark.parametrize(
    "link",
    [
        FOREIGN,
        "http://management.azure.com/x",
        "https://management.azure.com.evil.example/x",
        "https://evil.example\\.management.azure.com/x",
    ],
)
def test_a_next_page_elsewhere_gets_no_token(name: str, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = scripted(monkeypatch, Answer.of({"value": [], "nextLink": link}))
    with pytest.raises(WrongAnswer, match="another host") as refused:
        READS[name](arm())
    assert not refused.value.transient
    assert wire.hosts_with_token() == {"management.azure.com"}
    assert len(wire.sent) == 1


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_elsewhere_is_not_followed(name: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = scripted(monkeypatch, Answer(status, b"", {"Location": FOREIGN}))
    with pytest.raises(WrongAnswer, match=r"another host, evil\.example"):
        READS[name](arm())
    assert {str(one.url).split("/")[2] for one in wire.sent} == {"management.azure.com"}


@pytest.mark.parametrize("link", [FOREIGN, "https://evil.example\\.management.azure.com/x"])
def test_an_operation_that_is_polled_elsewhere_gets_no_token(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = scripted(monkeypatch, Answer(202, b"", {"Location": link}), Answer.of({"status": "Succeeded"}))
    with pytest.raises(WrongAnswer, match="another host"):
        READS["what-if"](arm())
    assert wire.hosts_with_token() == {"management.azure.com"}


def test_a_redirect_of_a_plain_request_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer(302, b"", {"Location": "/elsewhere"}))
    with pytest.raises(WrongAnswer, match="answered 302"):
        Service.of_arm(target()).ask("GET", "/x")


def credentials() -> Iterator[TokenCredential]:
    """Every credential of a sign-in whose requests are ours."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
            patch.setenv(name, SUBSCRIPTION)
        yield _from_environment("https://login.microsoftonline.com", None)[1]()


@pytest.mark.parametrize("body", [PORTAL, deep(100_000), b"[]"], ids=["portal", "deep", "array"])
def test_a_page_in_place_of_the_sign_in_is_no_refused_sign_in(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer(200, body, {"Content-Type": "text/html"}))
    for credential in credentials():
        with pytest.raises(WrongAnswer, match=r"login\.microsoftonline\.com answered 200 with something else"):
            token(replace(target(), credential=lambda it=credential: it), HOST)  # type: ignore[misc]


def test_a_secret_follows_no_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = scripted(monkeypatch, Answer(307, b"", {"Location": "https://evil.example/token"}))
    for credential in credentials():
        with pytest.raises(WrongAnswer, match="another host"):
            token(replace(target(), credential=lambda it=credential: it), HOST)  # type: ignore[misc]
    assert {str(one.url).split("/")[2] for one in wire.sent} == {"login.microsoftonline.com"}


@pytest.mark.parametrize(
    "answer", [Answer(200, PORTAL), Answer(200, deep(100_000)), Answer(200, b"[]"), Answer(200, b"")]
)
def test_a_price_list_that_is_none_is_refused(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, answer)
    with pytest.raises(WrongAnswer, match=r"prices\.azure\.com answered 200"):
        PriceList(None, "EUR").items({"serviceName": "x"})


@pytest.mark.parametrize("body", [PORTAL, deep(100_000), b"[]", b"{}", b'{"authentication": []}'])
def test_an_endpoint_of_another_kind_is_no_cloud(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, Answer(200, body))
    with pytest.raises(UsageError, match="no Azure Resource Manager at this endpoint"):
        _discover(HOST)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        (f"{HOST}/x", True),
        (f"{HOST}:443/x", True),
        ("https://MANAGEMENT.azure.com/x", True),
        ("https://westus.management.azure.com/x", True),
        ("https://westus.management.azure.com:443/x", True),
        (f"{HOST}:8443/x", False),
        ("http://management.azure.com/x", False),
        ("https://me@management.azure.com/x", False),
        ("https://management.azure.com@evil.example/x", False),
        ("https://management.azure.com.evil.example/x", False),
        ("https://evilmanagement.azure.com/x", False),
        ("https://azure.com/x", False),
        ("https://[::1/x", False),
        ("https://management.azure.com:port/x", False),
        ("https://management.azure.com:/x", False),
        ("https://evil.example\\.management.azure.com/x", False),  # urllib3 ends the host at the backslash
        ("https://evil.example\\@management.azure.com/x", False),
        ("https://management.azure.com\\.evil.example/x", False),
        ("https://evil.example\t.management.azure.com/x", False),
        ("https://mana\ngement.azure.com/x", False),
        ("https://westus\u3002management.azure.com/x", False),
        ("https://\u00fc.management.azure.com/x", False),
        ("https://evil.example%5c.management.azure.com/x", False),
        ("https://.management.azure.com/x", False),
        ("https://management.azure.com./x", False),
        ("", False),
    ],
)
def test_hosts_of_the_endpoint(url: str, same: bool) -> None:
    if same:
        check_host(url, HOST)
        return
    with pytest.raises(WrongAnswer, match="another host"):
        check_host(url, HOST)
