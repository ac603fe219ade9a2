"""App registrations in the directory of an embedded Azure without its Graph routes, as the installer registers them."""

from installer.answers.model import Answers
from installer.emulator.core import Emulator
from installer.emulator.state.resources import Resource
from installer.estate import keys
from installer.estate.parameters import Outputs
from installer.estate.parameters.app_registration import registration, role_id
from installer.estate.parameters.context import Installation
from installer.jsontypes import Json
from installer.steps.app_registration_check import content


def register(emulator: Emulator, answers: Answers, outputs: Outputs) -> None:
    """Store the app registration of every environment, complete, under the client ID that the answers or outputs name."""
    it = Installation(answers)
    if answers.sign_on.method == "later":
        return
    for environment in it.environments:
        expected = registration(it, outputs, environment)
        client = (
            str(outputs[keys.app_registration(environment)]["clientId"]) if it.registers else answers.sign_on.client_id
        )
        own = f"registration-{client}"
        kept = emulator.resources.get(f"/graph/applications/{own}")
        secret: dict[str, Json] = (
            {"passwordCredentials": [{"displayName": "secret"}]} if answers.sign_on.method == "secret" else {}
        )
        named: dict[str, Json] = {"uniqueName": expected.unique_name} if it.registers else {}
        application = {**(kept.desired if kept else {}), "id": own, "appId": client, **named, **secret}
        _save(emulator, "applications", own, {**application, **content(application, expected)})
        _save(
            emulator,
            "servicePrincipals",
            f"principal-{client}",
            {"id": f"principal-{client}", "appId": client, "appRoleAssignmentRequired": expected.assignment},
        )
        for role, group in expected.groups.items():
            granted: dict[str, Json] = {"principalId": group, "appRoleId": role_id(role)}
            _save(emulator, "appRoleAssignedTo", f"principal-{client}/{role}", granted)
        if expected.subject:
            _save(emulator, "credentials", f"{own}/{environment}", {"id": environment, **expected.credential})


def _save(emulator: Emulator, kind: str, name: str, body: dict[str, Json]) -> None:
    path = f"/graph/{kind}/{name}"
    emulator.resources.save(
        Resource(path, f"graph/{kind}", name, "v1.0", "Succeeded", created=0, changed=0, desired=body)
    )
