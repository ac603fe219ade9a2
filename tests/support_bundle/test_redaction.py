"""Known secrets and text that matches a pattern of secrets do not leave the machine."""

import json
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from installer.secret_store import HIDDEN
from installer.support_bundle.redaction import Redaction

if TYPE_CHECKING:
    from installer.jsontypes import Json

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLXRoaXM"
KUBECONFIG = b64encode(b"-----BEGIN RSA PRIVATE KEY-----\nMIIabc").decode()
STORAGE = "A" * 43 + "b" * 43 + "=="


SAS = "?sv=1&sig=hunter2hunter2%3D"
HUNTER = [
    quote(f"https://st.blob.core.windows.net/c{SAS}", safe=""),
    quote(quote(SAS, safe=""), safe=""),
    SAS.replace("&", r"\u0026"),
    SAS.replace("&", "&amp;"),
    "?SIG=hunter2hunter2",
    quote("AccountName=st;AccountKey=hunter2hunter2==", safe=""),
    b64encode(b"AccountName=st;AccountKey=hunter2hunter2==").decode(),
    b64encode(b64encode(b"password: hunter2hunter2")).decode(),
    b64encode("$password = 'hunter2 hunter2'".encode("utf-16-le")).decode(),
    json.dumps({"message": json.dumps({"password": "hunter2"})}),
    json.dumps({"a": json.dumps({"message": json.dumps({"clientSecret": "x hunter2, y"})})}),
    '"password": "with, space; and hunter2"',
    "Password = 'with hunter2'",
    '"administratorLoginPassword": "hunter2"',
    "PGPASSWORD=hunter2 psql",
    "DB_PASS: hunter2",
    "PASS=hunter2",
    "pfxPassword=hunter2",
    "prefectToken: hunter2",
    "az login --service-principal -u x -p hunter2 --tenant y",
    "az login --password hunter2",
    "Ocp-Apim-Subscription-Key: hunter2",
    "Cookie: a=b; session=hunter2",
    'Set-Cookie: "session=hunter2; Path=/"',
    "ghp_hunter2hunter2hunter2hunter2",
]
"""Spellings in which a secret has been found in messages, logs and settings."""


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
        ('{"auths": {"registry.example": {"auth": "aHVudGVyMjpodW50ZXIy"}}}', "aHVudGVyMjpodW50ZXIy"),
        (f"client-key-data: {KUBECONFIG}", KUBECONFIG),
        ("PREFECT_API_KEY pnu_0123456789abcdefABCDEF", "pnu_0123456789"),
        ("InstrumentationKey=11111111-2222-3333-4444-555555555555", "11111111-2222"),
        ("secret abc8Q~0123456789012345678901234567890123 of Entra", "8Q~0123"),
        *((text, "hunter2") for text in HUNTER),
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
        "/subscriptions/4f2c8a5e/resourceGroups/rg-with-a-long-name/providers/Microsoft.Storage/storageAccounts/stlongname",
        "mkdir -p /home/x and the tests pass: all of them; 100%25 of it",
        b64encode(b"plain text without anything in it").decode(),
        "https://x.example/a%20b?page=2",
        "the password policy and the secret store; secretName: web-tls; tokens: 5",
    ],
)
def test_what_is_not_a_secret_stays(text: str) -> None:
    assert Redaction().text(text) == text


def test_json_is_redacted_by_name_and_by_content_and_keeps_its_shape() -> None:
    value: Json = {
        "password": "x",
        "administratorLoginPassword": "x",
        "clientSecret": "env:NAME",
        "outputs": [{"primaryKey": "k", "count": 3, "text": f"Bearer {JWT}"}, None, True, 1.5],
        "data": {"tokens": 7},
    }
    assert Redaction().value(value) == {
        "password": HIDDEN,
        "administratorLoginPassword": HIDDEN,
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
        ("%41", False),
        ("a.%3D", False),
        ("QUFB", False),
        ("\\u0041", False),
        ('password="', True),
        ("--password ", False),
        ("login -p ", True),
        ("sig=", True),
        ("Bearer ", False),
    ],
)
def test_half_a_megabyte_of_partial_matches_is_redacted(piece: str, hidden: bool) -> None:
    shown = Redaction().text(piece * 20_000)  # with a quadratic pattern this would take minutes
    assert (HIDDEN in shown) is hidden
    if not hidden:
        assert shown == piece * 20_000
