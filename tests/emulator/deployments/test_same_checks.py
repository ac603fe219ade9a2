"""What-if, validation and a deployment refuse the same templates with the same error, those with nested templates too."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.state.registrations import Registrations
from installer.json_access import as_object, as_text, member
from installer.jsontypes import Json
from tests.arm_templates import judged
from tests.emulator.asgi_client import API, Local, local
from tests.emulator.in_memory import GROUP, SCOPE, run
from tests.emulator.sample_templates import Template, account, group, inside, nested, template

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
UNKNOWN_MEMBER: Final = "Could not find member"


Said = dict[str, tuple[int, str, str]]
"""Status, code and message of each request."""


async def _asked(it: Local, made: Json, parameters: Mapping[str, Json], scope: str, name: str) -> Said:
    given: dict[str, Json] = {key: {"value": value} for key, value in parameters.items()}
    body: dict[str, Json] = {"properties": {"mode": "Incremental", "template": made, "parameters": given}}
    if scope == SCOPE:
        body["location"] = "westeurope"
    found: Said = {}
    for method, suffix in (("POST", "/whatIf"), ("POST", "/validate"), ("PUT", "")):
        url = f"{scope}/providers/Microsoft.Resources/deployments/{name}{suffix}?api-version={API}"
        reply = await it.ask(method, url, body)
        error = member(reply.json, "error") if reply.text else None
        found[suffix] = reply.status, as_text(member(error, "code")), as_text(member(error, "message"))
    await it.done()
    return found


def _answers(path: Path, made: Template) -> Said:
    return run(_asked(local(path), made, {}, SCOPE, "main"))


@pytest.mark.parametrize("name", INVALID)
def test_all_three_refuse_an_invalid_template_with_the_same_error(tmp_path: Path, name: str) -> None:
    found = _answers(tmp_path, INVALID[name])
    assert len(set(found.values())) == 1, found
    assert found[""][:2] == (400, "InvalidTemplate")


@pytest.mark.parametrize("name", VALID)
def test_all_three_accept_what_only_the_run_can_evaluate(tmp_path: Path, name: str) -> None:
    statuses = {suffix: status for suffix, (status, _, _) in _answers(tmp_path, VALID[name]).items()}
    assert statuses == {"/whatIf": 202, "/validate": 200, "": 201}


def test_all_three_agree_on_every_judged_template_and_refuse_none_that_the_compiler_accepts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The compiler evaluates outputs, too, which a deployment does at its end: it refuses more. It reads no request."""
    monkeypatch.setattr(Registrations, "state", lambda *_: "Registered")
    it, scopes = local(tmp_path), {"resourceGroup": GROUP, "subscription": SCOPE}
    said: dict[str, Said] = {}
    accepted: set[str] = set()

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version=2021-04-01", {"location": "westeurope"})
        for number, case in enumerate(judged.load()):
            if scope := scopes.get(as_text(case.get("scope"), "resourceGroup")):
                label, given = as_text(case["label"]), as_object(case.get("parameters"))
                made: Json = json.loads(as_text(case["template"]))
                said[label] = await _asked(it, made, given, scope, f"d{number}")
                if judged.REFUSED not in case:
                    accepted.add(label)

    run(story())
    agreeing = {
        label: len({(status < 300, *texts) for status, *texts in found.values()}) for label, found in said.items()
    }
    assert {label: said[label] for label, ways in agreeing.items() if ways > 1} == {}
    refused = {label: said[label][""] for label in accepted if said[label][""][0] >= 300}
    assert {label: text for label, (_, _, text) in refused.items() if UNKNOWN_MEMBER not in text} == {}
    assert len(said) > 600
    assert len(accepted) > 300
