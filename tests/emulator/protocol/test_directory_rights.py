"""Microsoft Entra of the embedded Azure: rights to register, policies of the tenant, and a rejected sign-in."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from installer.emulator.survey import parse
from installer.jsontypes import Json
from tests.emulator.asgi_client import Local, Reply, local
from tests.preflight.surveyed import TENANT

APPLICATION: Json = {"displayName": "flowforge"}
DEVELOPER = "cf1c38e5-3621-4004-a7cb-879624dced7c"


def azure(tmp_path: Path, **directory: Any) -> Local:
    tmp_path.mkdir(exist_ok=True)
    return local(tmp_path, survey=parse(json.dumps({"version": 1, "directory": directory})))


async def registered(tmp_path: Path, **directory: Any) -> Reply:
    return await azure(tmp_path, **directory).ask("POST", "/v1.0/applications", APPLICATION)


@pytest.mark.parametrize(
    ("directory", "status"),
    [
        ({}, 201),
        ({"permissions": ["Application.ReadWrite.OwnedBy"]}, 201),
        ({"permissions": ["User.Read.All"]}, 403),
        ({"claims": {"idtyp": "user"}}, 201),
        ({"claims": {"idtyp": "user"}, "usersRegister": False}, 403),
        ({"claims": {"idtyp": "user"}, "usersRegister": False, "roles": [DEVELOPER]}, 201),
        ({"claims": {"idtyp": "user", "acct": 1}}, 403),
    ],
)
def test_who_may_register_applications(tmp_path: Path, directory: dict[str, Any], status: int) -> None:
    reply = asyncio.run(registered(tmp_path, **directory))
    assert reply.status == status
    assert reply.code == ("Authorization_RequestDenied" if status == 403 else "")


def asked(world: Local, method: str, path: str, raw: bytes = b"") -> Reply:
    """One request."""
    return asyncio.run(world.ask(method, path, raw=raw))


def test_only_users_ask_for_themselves(tmp_path: Path) -> None:
    me = asked(azure(tmp_path / "user", claims={"idtyp": "user", "acct": 1}), "GET", "/v1.0/me")
    assert me.json["userType"] == "Guest"
    assert asked(azure(tmp_path / "app"), "GET", "/v1.0/me").status == 400


def test_reads_without_rights_are_refused(tmp_path: Path) -> None:
    world = azure(tmp_path, unreadable=["policies"])
    assert asked(world, "GET", "/v1.0/policies/authorizationPolicy").code == "Authorization_RequestDenied"
    assert asked(world, "GET", "/v1.0/applications").status == 200


def test_a_refused_sign_in_has_the_answer_of_entra(tmp_path: Path) -> None:
    world = azure(tmp_path, refusal="AADSTS50076: MFA.")
    reply = asked(world, "POST", f"/{TENANT}/oauth2/v2.0/token", b"grant_type=client_credentials")
    assert reply.status == 400
    assert reply.json == {"error": "interaction_required", "error_description": "AADSTS50076: MFA."}
