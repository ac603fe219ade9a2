"""Secure values that name resources: public in ids, host names and outputs, hidden everywhere else."""

import base64
from pathlib import Path
from typing import Final

from installer.emulator.deployments.secure_values import SecureValues
from installer.json_access import member
from installer.jsontypes import Json
from tests.emulator.in_memory import GROUP, bench, run
from tests.emulator.sample_templates import Template, account, group, inside, nested, resource, template

ACCOUNTS: Final = "Microsoft.Storage/storageAccounts"
VALUE: Final = "canary/5e5d+with=signs"
SECURE_NAME: Final[dict[str, Json]] = {"s": {"type": "secureString"}}
NAMED: Final = "stpublicbyname"


def _named_by_a_secure_value(*, uses: dict[str, Json] | None = None) -> Template:
    """A nested deployment gets a secure value, names an account by it and refers to that from an identity."""
    store = "resourceId('Microsoft.Storage/storageAccounts', parameters('s'))"
    identity_properties: dict[str, Json] = {"account": f"[{store}]", **(uses or {})}
    user = resource(
        "Microsoft.ManagedIdentity/userAssignedIdentities", "id-a", after=[f"[{store}]"], properties=identity_properties
    )
    outputs: dict[str, Json] = {
        name: {"type": kind, "value": value}
        for name, kind, value in (
            ("id", "string", f"[{store}]"),
            ("name", "string", "[parameters('s')]"),
            ("blob", "string", f"[reference({store}).primaryEndpoints.blob]"),
            ("secret", "secureString", "[parameters('s')]"),
        )
    }
    inner = inside(account("[parameters('s')]"), user, parameters=SECURE_NAME, outputs=outputs)
    return template(group(), nested("inner", inner, parameters={"s": "[parameters('s')]"}), parameters=SECURE_NAME)


def test_a_secure_value_that_names_a_resource_is_shown_in_ids_and_outputs(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def story() -> None:
        it.deploy(_named_by_a_secure_value(uses={"password": "[parameters('s')]"}), {"s": NAMED})
        await it.clock.finish(it.engine)

    run(story())
    record = it.deployment("inner", GROUP)
    assert record.state == "Succeeded", record.error
    own = f"{GROUP}/providers/{ACCOUNTS}/{NAMED}"
    shown = {name: member(entry, "value") for name, entry in (record.outputs or {}).items()}
    assert shown == {"id": own, "name": NAMED, "blob": f"https://{NAMED}.blob.core.windows.net/", "secret": None}
    assert record.parameters == it.deployment().parameters == {"s": {"type": "SecureString"}}
    made = it.properties(f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a")
    assert made["account"] == own
    assert "password" not in made


def test_a_secure_value_beside_one_that_names_a_resource_stays_hidden(tmp_path: Path) -> None:
    it = bench(tmp_path)
    made = _named_by_a_secure_value()
    secret: dict[str, Json] = {"t": {"type": "secureString"}}
    made["parameters"] = {**SECURE_NAME, **secret}
    inner = nested(
        "inner",
        inside(
            account("[parameters('s')]"),
            parameters={**SECURE_NAME, **secret},
            outputs={"both": {"type": "string", "value": "[concat(parameters('s'), '/', parameters('t'))]"}},
        ),
        parameters={"s": "[parameters('s')]", "t": "[parameters('t')]"},
    )
    made["resources"] = [group(), inner]

    async def story() -> None:
        it.deploy(made, {"s": NAMED, "t": VALUE})
        await it.clock.finish(it.engine)

    run(story())
    assert member(it.deployment("inner", GROUP).outputs, "both", "value") == f"{NAMED}/(secure)"
    assert VALUE.encode() not in b"".join(path.read_bytes() for path in it.path.iterdir())


def test_a_public_value_is_still_hidden_in_bodies_and_templates() -> None:
    values = SecureValues()
    values.add(NAMED)
    values.publish({f"{NAMED}/default"})
    assert values.masked({"a": NAMED, "b": f"x/{NAMED}"}) == {"a": "(secure)", "b": f"x/{NAMED}"}
    assert values.masked(NAMED, names=True) == NAMED
    kept = values.without_secrets({"properties": {"adminPassword": NAMED, "id": f"/x/{NAMED}"}}, "A.B/c")
    assert kept == {"properties": {"id": f"/x/{NAMED}"}}
    assert values.masked(base64.b64encode(NAMED.encode()).decode()) == "(secure)"
