"""What-if, validation and a deployment refuse the same templates with the same error, those with nested templates too."""

from pathlib import Path
from typing import Final

import pytest

from installer.json_access import as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, local
from tests.emulator.in_memory import SCOPE, run
from tests.emulator.sample_templates import Template, account, group, inside, nested, template

DEPLOYMENT: Final = f"{SCOPE}/providers/Microsoft.Resources/deployments/main"
UNKNOWN: Final = "reference(resourceId('Microsoft.Storage/storageAccounts', 'stother'), '2025-06-01').primaryLocation"


def _nested(inner: Template) -> Template:
    return template(group(), nested("inner", inner))


def _with(name: str, **members: Json) -> dict[str, Json]:
    return {**account(name), **members}


INVALID: Final[dict[str, Template]] = {
    "unknown parameter": _nested(inside(account("[parameters('none')]"))),
    "unknown function": _nested(inside(_with("stone", tags={"a": "[nothing()]"}))),
    "language version without symbolic names": _nested({**inside(account("stone")), "languageVersion": "2.0"}),
    "resource information without symbolic names": _nested(inside(account("[resourceInfo('a').name]"))),
    "output of an unknown parameter": _nested(
        inside(outputs={"o": {"type": "string", "value": "[parameters('none')]"}})
    ),
    "two levels deep": _nested(inside({**nested("deep", inside(account("[parameters('none')]"))), "dependsOn": []})),
    "the template itself": template(group(), account("[parameters('none')]")),
}
VALID: Final[dict[str, Template]] = {
    "value of the run": _nested(inside(_with("stone", tags={"a": f"[{UNKNOWN}]"}, condition=False))),
    "excluded and invalid": _nested(inside(_with("stone", tags={"a": "[createArray()[0]]"}, condition=False))),
    "catalogue": _nested(inside(_with("stone", tags={"a": "[subscription().displayName]"}))),
}


def _answers(path: Path, made: Template) -> dict[str, tuple[int, str, str]]:
    """Status, code and message of each request."""
    it = local(path)
    body: Json = {"location": "westeurope", "properties": {"mode": "Incremental", "template": made}}
    found: dict[str, tuple[int, str, str]] = {}

    async def story() -> None:
        for method, suffix in (("POST", "/whatIf"), ("POST", "/validate"), ("PUT", "")):
            reply = await it.ask(method, f"{DEPLOYMENT}{suffix}?api-version={API}", body)
            error = member(reply.json, "error") if reply.text else None
            found[suffix] = reply.status, as_text(member(error, "code")), as_text(member(error, "message"))
        await it.done()

    run(story())
    return found


@pytest.mark.parametrize("name", INVALID)
def test_all_three_refuse_an_invalid_template_with_the_same_error(tmp_path: Path, name: str) -> None:
    found = _answers(tmp_path, INVALID[name])
    assert len(set(found.values())) == 1, found
    assert found[""][:2] == (400, "InvalidTemplate")


@pytest.mark.parametrize("name", VALID)
def test_all_three_accept_what_only_the_run_can_evaluate(tmp_path: Path, name: str) -> None:
    statuses = {suffix: status for suffix, (status, _, _) in _answers(tmp_path, VALID[name]).items()}
    assert statuses == {"/whatIf": 202, "/validate": 200, "": 201}
