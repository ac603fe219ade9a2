"""Secure values: used during the deployment, stored nowhere, reported as lost after a restart."""

import base64
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.deployments.secure_values import SecureValues, secure_names, withheld
from installer.json_access import as_list, member
from installer.jsontypes import Json
from tests.emulator.in_memory import GROUP, Bench, bench, run
from tests.emulator.sample_templates import Template, account, group, identity, inside, nested, resource, template

CANARY: Final = "canary/5e5d+with=signs"
SERVERS: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
ACCOUNTS: Final = "Microsoft.Storage/storageAccounts"
PASSWORD: Final[dict[str, Json]] = {"password": {"type": "secureString", "minLength": 40, "maxLength": 60}}
VALUE: Final = CANARY.ljust(40, "x")


def _with_password(*, before: bool) -> Template:
    """A password goes through a nested deployment into a resource, which waits for an account if `before`."""
    after = [f"[resourceId('{ACCOUNTS}', 'stone')]"] if before else []
    properties: dict[str, Json] = {
        "administratorLogin": "admin",
        "somethingElse": "[parameters('password')]",
        "connection": "[format('password={0};', parameters('password'))]",
        "encoded": "[base64(parameters('password'))]",
        "listed": ["[parameters('password')]"],
    }
    secret = resource(
        "Microsoft.ManagedIdentity/userAssignedIdentities", "id-secret", after=after, properties=properties
    )
    output: dict[str, Json] = {"leak": {"type": "string", "value": "[concat('is ', parameters('password'))]"}}
    inner = inside(account("stone"), secret, parameters=PASSWORD, outputs=output)
    return template(
        group(), nested("inner", inner, parameters={"password": "[parameters('password')]"}), parameters=PASSWORD
    )


def _kept(it: Bench) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(it.path.iterdir()))


def test_secure_values_appear_in_no_file_and_no_response(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        it.deploy(_with_password(before=False), {"password": VALUE})
        await it.clock.finish(it.engine)

    run(story())
    assert it.deployment().state == "Succeeded"
    assert it.deployment().parameters == {"password": {"type": "SecureString"}}
    made = it.properties(f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-secret")
    assert made["administratorLogin"] == "admin"
    assert {"somethingElse", "connection", "encoded"} & set(made) == set()
    assert member(it.deployment("inner", GROUP).outputs, "leak", "value") == "is (secure)"
    for form in (VALUE, CANARY, base64.b64encode(VALUE.encode()).decode()):
        assert form.encode() not in _kept(it)


def test_after_a_restart_only_resources_that_need_a_secure_value_fail(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def first() -> None:
        it.deploy(_with_password(before=True), {"password": VALUE})
        await it.clock.advance(10)
        await it.engine.stop()

    run(first())
    again = it.died()

    async def second() -> None:
        again.engine.resume()
        await again.clock.finish(again.engine)

    run(second())
    inner = again.operations("inner", GROUP)
    assert inner["stone"].state == "Succeeded"
    assert member(inner["id-secret"].error, "code") == "SecureParameterUnavailable"
    assert "Send the deployment again" in str(member(inner["id-secret"].error, "message"))
    assert again.deployment().state == "Failed"


def test_a_restart_does_not_affect_finished_uses_of_a_secure_value(tmp_path: Path) -> None:
    it = bench(tmp_path)
    last = identity("id-last", after=[f"[resourceId('{ACCOUNTS}', 'stone')]"])
    inner = inside(account("stone"), last, parameters=PASSWORD)
    whole = template(
        group(), nested("inner", inner, parameters={"password": "[parameters('password')]"}), parameters=PASSWORD
    )

    async def first() -> None:
        it.deploy(whole, {"password": VALUE})
        await it.clock.advance(10)
        await it.engine.stop()

    run(first())
    again = it.died()

    async def second() -> None:
        again.engine.resume()
        await again.clock.finish(again.engine)

    run(second())
    assert again.deployment().state == "Succeeded"


def test_an_empty_secure_value_is_no_secret_and_survives_a_restart(tmp_path: Path) -> None:
    it = bench(tmp_path)
    password: dict[str, Json] = {"password": {"type": "secureString"}}
    waits = [f"[resourceId('{ACCOUNTS}', 'stone')]"]
    only = {**identity("id-only", after=waits), "condition": "[not(empty(parameters('password')))]"}
    inner = inside(account("stone"), only, parameters=password)
    whole = template(
        group(), nested("inner", inner, parameters={"password": "[parameters('password')]"}), parameters=password
    )

    async def first() -> None:
        it.deploy(whole, {"password": ""})
        await it.clock.advance(10)
        await it.engine.stop()

    run(first())
    again = it.died()

    async def second() -> None:
        again.engine.resume()
        await again.clock.finish(again.engine)

    run(second())
    assert again.deployment().state == "Succeeded"
    assert set(again.operations("inner", GROUP)) == {"stone"}


@pytest.mark.parametrize(
    ("declaration", "value"),
    [
        ({"type": "secureString", "maxLength": 8}, "one"),
        ({"type": "secureString", "allowedValues": ["one", "two"]}, "one"),
        ({"type": "object", "properties": {"key": {"type": "securestring"}}}, {"key": CANARY}),
    ],
)
def test_a_lost_secure_value_without_placeholder_fails_the_deployment(
    tmp_path: Path, declaration: Json, value: Json
) -> None:
    it = bench(tmp_path)
    whole = template(group(), parameters={"password": declaration})

    async def first() -> None:
        it.deploy(whole, {"password": value})
        await it.engine.stop()

    run(first())
    again = it.died()

    async def second() -> None:
        again.engine.resume()

    run(second())
    assert again.deployment().state == "Failed"
    assert member(again.deployment().error, "code") == "SecureParameterUnavailable"


def test_members_that_providers_never_return_are_not_stored() -> None:
    body: dict[str, Json] = {"properties": {"administratorLogin": "a", "administratorLoginPassword": "unannounced"}}
    assert SecureValues().without_secrets(body, SERVERS) == {"properties": {"administratorLogin": "a"}}
    app: dict[str, Json] = {"properties": {"configuration": {"secrets": [{"name": "x", "value": "y"}]}}}
    kept = SecureValues().without_secrets(app, "Microsoft.App/containerApps")
    assert as_list(member(kept, "properties", "configuration", "secrets")) == [{"name": "x"}]


def test_a_short_secret_is_masked_only_as_a_whole_text() -> None:
    secrecy = SecureValues()
    secrecy.add("on")
    assert secrecy.masked({"a": "on", "b": "configuration"}) == {"a": "(secure)", "b": "configuration"}


@pytest.mark.parametrize(
    ("declaration", "secure"),
    [
        ({"type": "string"}, False),
        ({"type": "SecureString"}, True),
        ({"type": "secureObject"}, True),
        ({"$ref": "#/definitions/open"}, False),
        ({"$ref": "#/definitions/alias"}, True),
        ({"$ref": "#/definitions/missing"}, True),
        ({"$ref": "#/definitions/round"}, True),
        ({"$ref": "#/definitions/credential"}, True),
        ({"type": "array", "items": {"$ref": "#/definitions/credential"}}, True),
        ({"type": "array", "prefixItems": [{"type": "int"}, {"type": "securestring"}], "items": False}, True),
        ({"type": "object", "additionalProperties": {"type": "securestring"}}, True),
        ({"type": "object", "discriminator": {"mapping": {"a": {"$ref": "#/definitions/credential"}}}}, True),
        ({"$ref": "#/definitions/tree"}, False),
    ],
)
def test_secure_parameters_are_recognised_by_type_wherever_declared(declaration: Json, *, secure: bool) -> None:
    definitions: dict[str, Json] = {
        "open": {"type": "string"},
        "alias": {"$ref": "#/definitions/secret"},
        "secret": {"type": "securestring"},
        "round": {"$ref": "#/definitions/round"},
        "credential": {"type": "object", "properties": {"user": {"type": "string"}, "key": {"type": "securestring"}}},
        "tree": {"type": "object", "properties": {side: {"$ref": "#/definitions/tree"} for side in ("left", "right")}},
    }
    assert secure_names({"definitions": definitions, "parameters": {"It": declaration}}) == (
        {"it"} if secure else set()
    )


def test_requests_are_shown_without_secure_values() -> None:
    sent: dict[str, Json] = {"A": {"value": 1}, "B": {"value": "secret"}}
    assert withheld(sent, {"b"}, marker="(secure)") == {"A": {"value": 1}, "B": {"value": "(secure)"}}


def _symbolic(made: dict[str, Json]) -> dict[str, Json]:
    named = {f"r{index}": one for index, one in enumerate(as_list(made["resources"]))}
    return {**made, "languageVersion": "2.0", "resources": named}


def test_a_secure_part_of_a_typed_parameter_is_not_stored(tmp_path: Path) -> None:
    it = bench(tmp_path)
    credential: Json = {
        "type": "object",
        "properties": {"user": {"type": "string"}, "key": {"type": "securestring"}},
        "additionalProperties": {"type": "array", "items": {"type": "securestring"}},
    }
    declared = {"credential": credential}
    inner = _symbolic(inside(account("stone", tags={"key": "[parameters('credential').key]"}), parameters=declared))
    passed: dict[str, Json] = {"credential": "[parameters('credential')]"}
    whole = _symbolic(template(group(), nested("inner", inner, parameters=passed), parameters=declared))

    async def story() -> None:
        it.deploy(whole, {"credential": {"user": "somebody", "key": CANARY, "more": [f"{CANARY}-two"]}})
        await it.clock.finish(it.engine)

    run(story())
    parameters = it.deployment().parameters
    assert it.deployment().state == "Succeeded"
    assert member(parameters, "credential", "value", "user") == "somebody"
    assert member(parameters, "credential", "value", "key") == "(secure)"
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"somebody" in written
    assert CANARY.encode() not in written
