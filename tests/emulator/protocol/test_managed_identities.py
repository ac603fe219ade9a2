"""Tokens of managed identities: for service accounts with a federated credential, and for jobs that have the identity."""

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from installer.emulator.protocol.managed_identities import ENDPOINT, EXCHANGE_AUDIENCE
from installer.emulator.state.resources import Resource
from installer.json_access import as_text
from tests.emulator.asgi_client import Local, Reply, local
from tests.emulator.in_memory import run

if TYPE_CHECKING:
    from installer.jsontypes import Json

IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
GROUP: Final = "/subscriptions/s/resourceGroups/g/providers"
IDENTITY: Final = f"{GROUP}/{IDENTITIES}/id-web"
ISSUER: Final = "https://issuer.example/c"
SUBJECT: Final = "system:serviceaccount:ns:web"
AUDIENCE: Final = "https://ossrdbms-aad.database.windows.net"


def built(path: Path) -> Local:
    """A managed identity, and its federated credential."""
    it = local(path)
    known: Json = {"clientId": "client-1", "principalId": "object-1"}
    trusted: Json = {"issuer": ISSUER, "subject": SUBJECT, "audiences": [EXCHANGE_AUDIENCE]}
    credential, kind = f"{IDENTITY}/federatedIdentityCredentials/web", f"{IDENTITIES}/federatedIdentityCredentials"
    resources = it.emulator.resources
    resources.save(Resource(IDENTITY, IDENTITIES, "id-web", "v", "Succeeded", 0, 0, computed={"properties": known}))
    resources.save(Resource(credential, kind, "web", "v", "Succeeded", 0, 0, desired={"properties": trusted}))
    return it


async def exchange(it: Local, client_id: str = "client-1", **claims: str) -> Reply:
    assertion = it.azure.identity.signed({"iss": ISSUER, "sub": SUBJECT, "aud": EXCHANGE_AUDIENCE, **claims})
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_assertion": assertion,
        "scope": f"{AUDIENCE}/.default",
    }
    return await it.ask("POST", f"/{it.emulator.directory.tenant_id}/oauth2/v2.0/token", raw=urlencode(form).encode())


def test_a_service_account_gets_a_token_of_the_identity_that_trusts_it(tmp_path: Path) -> None:
    it = built(tmp_path)

    async def story() -> None:
        claims = it.azure.identity.claims(as_text((await exchange(it)).json.get("access_token")))
        assert claims is not None
        assert (claims["aud"], claims["oid"], claims["appid"]) == (AUDIENCE, "object-1", "client-1")
        for client, changed, code in (
            ("client-1", {"sub": "system:serviceaccount:ns:other"}, "AADSTS700213"),
            ("client-1", {"iss": "https://issuer.example/other"}, "AADSTS700213"),
            ("client-1", {"aud": "https://management.azure.com"}, "AADSTS700211"),
            ("client-2", {}, "AADSTS700016"),
        ):
            refused = await exchange(it, client, **changed)
            assert refused.status == 401
            assert code in as_text(refused.json.get("error_description"))

    run(story())


def test_a_job_gets_tokens_of_its_own_identities_only(tmp_path: Path) -> None:
    it = built(tmp_path)

    async def asked(identities: list[str], client_id: str = "client-1") -> Reply:
        header = it.azure.identity.signed({"identities": [*identities]})
        query = urlencode({"api-version": "2019-08-01", "resource": AUDIENCE, "client_id": client_id})
        return await it.ask("GET", f"{ENDPOINT}?{query}", headers={"x-identity-header": header})

    async def story() -> None:
        given = await asked([IDENTITY])
        claims = it.azure.identity.claims(as_text(given.json.get("access_token")))
        assert claims is not None
        assert (claims["aud"], claims["oid"]) == (AUDIENCE, "object-1")
        assert (await asked([f"{IDENTITY}-other"])).status == 400
        assert (await asked([IDENTITY], "client-2")).status == 400
        assert (await it.ask("GET", f"{ENDPOINT}?client_id=client-1&resource=x")).status == 400

    run(story())


def test_an_assertion_is_no_access_token(tmp_path: Path) -> None:
    it = built(tmp_path)
    assertion = it.azure.identity.signed({"iss": ISSUER, "sub": SUBJECT, "aud": EXCHANGE_AUDIENCE})

    async def story() -> None:
        refused = await it.ask(
            "GET", "/subscriptions?api-version=2022-12-01", headers={"authorization": f"Bearer {assertion}"}
        )
        assert refused.status == 401

    run(story())
