"""Known secrets and text that matches a pattern of secrets do not leave the machine."""

from typing import TYPE_CHECKING

import pytest

from installer.secret_store import HIDDEN
from installer.support_bundle.redaction import Redaction

if TYPE_CHECKING:
    from installer.jsontypes import Json

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLXRoaXM"
STORAGE = "A" * 43 + "b" * 43 + "=="


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"Authorization: Bearer {JWT}", JWT),
        ("Authorization: Basic ZmxvdzpwYXNzd29yZA==", "ZmxvdzpwYXNzd29yZA=="),
        (f"the token was {JWT}.", "c2lnbmF0dXJl"),
        ("https://st.blob.core.windows.net/c?sv=2024&sig=a%2Fb%3Dsecretsig&se=1", "a%2Fb%3Dsecretsig"),
        (f"AccountName=st;AccountKey={STORAGE};EndpointSuffix=x", STORAGE),
        (f"the key {STORAGE} was refused", STORAGE),
        ("Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=abc/def+123=", "abc/def+123"),
        ("postgresql+asyncpg://flow:p4ss%2Fword@pg-ff.postgres.database.azure.com/x", "p4ss%2Fword"),
        ("Server=x;User Id=y;Password=hunter2;Encrypt=true", "hunter2"),
        ('{"clientSecret": "hunter2hunter2"}', "hunter2hunter2"),
        ("client_secret: hunter2hunter2", "hunter2hunter2"),
        ("key -----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY----- end", "MIIabc"),
        ("-----BEGIN PRIVATE KEY-----\\nMIIabc", "MIIabc"),
        ("PREFECT_API_KEY pnu_0123456789abcdefABCDEF", "pnu_0123456789"),
        ("InstrumentationKey=11111111-2222-3333-4444-555555555555", "11111111-2222"),
        ("secret abc8Q~0123456789012345678901234567890123 of Entra", "8Q~0123"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, secret: str) -> None:
    shown = Redaction().text(text)
    assert secret not in shown
    assert HIDDEN in shown


@pytest.mark.parametrize(
    "text",
    [
        "client_secret: env:FLOWFORGE_CLIENT_SECRET",
        "cloud_key: keyring:contoso/platform.cloud_key",
        "/subscriptions/4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv",
        "https://flowforge.contoso.com:8443/path?page=2",
        "QuotaExceeded: 4 more cores of Standard DDSv5 are needed in swedencentral, and 2 are left.",
        "d" * 64,
    ],
)
def test_what_is_not_a_secret_stays(text: str) -> None:
    assert Redaction().text(text) == text


def test_json_is_redacted_by_name_and_by_content_and_keeps_its_shape() -> None:
    value: Json = {
        "password": "x",
        "clientSecret": "env:NAME",
        "outputs": [{"primaryKey": "k", "count": 3, "text": f"Bearer {JWT}"}, None, True, 1.5],
        "data": {"tokens": 7},
    }
    assert Redaction().value(value) == {
        "password": HIDDEN,
        "clientSecret": "env:NAME",
        "outputs": [{"primaryKey": HIDDEN, "count": 3, "text": f"Bearer {HIDDEN}"}, None, True, 1.5],
        "data": {"tokens": 7},
    }


def test_a_secret_of_the_session_is_hidden_wherever_it_stands() -> None:
    redaction = Redaction(lambda text: text.replace("plainword", HIDDEN))
    assert redaction.value({"plainword": ["a plainword b"]}) == {HIDDEN: [f"a {HIDDEN} b"]}


@pytest.mark.parametrize(
    ("piece", "hidden"),
    [
        ("-----BEGIN PRIVATE KEY-----", True),
        ("eyJaaaaaaaa.", True),
        ("password=", True),
        ("://a:", False),
        ("sig=", True),
        ("Bearer ", False),
    ],
)
def test_half_a_megabyte_of_partial_matches_is_redacted(piece: str, hidden: bool) -> None:
    shown = Redaction().text(piece * 20_000)  # with a quadratic pattern this would take minutes
    assert (HIDDEN in shown) is hidden
    if not hidden:
        assert shown == piece * 20_000
