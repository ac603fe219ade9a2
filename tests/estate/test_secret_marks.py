"""Processes start again when one of their secrets has changed, and only then; no manifest has a secret."""

import json
from typing import Final

from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.controlplane import control_plane
from installer.estate.parameters.kubernetes import prefect
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.estate.parameters.secret_marks import MARK_SETTING, SECRET_MARKS
from installer.estate.parameters.stage_spec import Outputs
from installer.json_access import as_object, as_text, objects_of
from installer.jsontypes import Json
from tests.bicep.answers_variants import CLIENT, answers
from tests.bicep.stage_requests import at

FIRST: Final[dict[str, Json]] = {"prefect-auth": "aa11", "prefect-tls-key": "bb11", "prefect-certificate": "cc11"}


def outputs(marks: dict[str, Json]) -> Outputs:
    return {**PLACEHOLDER_OUTPUTS, "secrets-dev": {SECRET_MARKS: marks}}


def references(marks: dict[str, Json]) -> dict[str, set[str]]:
    """Names of the Kubernetes secrets that each deployment refers to, and that each class makes."""
    it = Installation(answers("dev"))
    home = Home(it, it.site("dev"), outputs(marks))
    found = dict[str, set[str]]()
    for one in (*prefect.server(home), *prefect.worker(home)):
        name = f"{one['kind']} {at(one['metadata'], 'namespace')} {at(one['metadata'], 'name')}"
        if one["kind"] == "Deployment":
            found[name] = set(_referred(one))
        elif one["kind"] == "SecretProviderClass":
            found[name] = {as_text(copy["secretName"]) for copy in objects_of(at(one["spec"], "secretObjects"))}
    return found


def _referred(one: Manifest) -> list[str]:
    (container,) = objects_of(at(one["spec"], "template", "spec", "containers"))
    variables = [
        at(item, "valueFrom", "secretKeyRef", "name")
        for item in objects_of(container["env"])
        if "secretKeyRef" in as_object(item.get("valueFrom"))
    ]
    prefix = "PREFECT_INTEGRATIONS_KUBERNETES_WORKER_API_AUTH_STRING_SECRET_NAME"
    jobs = [item["value"] for item in objects_of(container["env"]) if item["name"] == prefix]
    return [as_text(name) for name in (*variables, *jobs)]


def test_a_changed_secret_changes_the_pods_that_read_it_and_no_others() -> None:
    before, after = references(FIRST), references({**FIRST, "prefect-auth": "aa22"})
    assert before == references(FIRST)
    assert all(before[name] != after[name] for name in before)
    key_only = references({**FIRST, "prefect-tls-key": "bb22"})
    changed = [name for name in before if before[name] != key_only[name]]
    assert [name.rpartition(" ")[2] for name in changed] == ["prefect-server", "prefect-server"]


def test_pods_refer_to_copies_that_a_class_of_their_namespace_makes() -> None:
    for marks in ({}, FIRST):
        found = references(marks)
        made = {name for kind, names in found.items() if kind.startswith("SecretProviderClass") for name in names}
        used = {name for kind, names in found.items() if kind.startswith("Deployment") for name in names}
        assert used == made


def test_an_app_gets_a_new_revision() -> None:
    it = Installation(answers("dev", platform={"runtime": "container_apps", "control_plane": "container_app"}))

    def marks(secrets: dict[str, Json]) -> dict[str, str]:
        apps = objects_of(control_plane(it, outputs(secrets), "dev")["apps"])
        return {as_text(app["name"]): as_text(as_object(app["settings"]).get(MARK_SETTING)) for app in apps}

    first, second = marks(FIRST), marks({**FIRST, "prefect-auth": "aa22"})
    assert len(first) == 3
    assert all(first[name] != second[name] for name in first)
    assert set(marks({}).values()) == {""}


def test_an_app_service_starts_again_for_its_sign_on_secret() -> None:
    page = {"method": "secret", "client_id": CLIENT, "client_secret": "env:SECRET"}
    it = Installation(answers("dev", sign_on=page))
    marks: dict[str, Json] = {**FIRST, "sign-on-client-secret": "dd11"}
    first = as_object(control_plane(it, outputs(marks), "dev")["settings"])[MARK_SETTING]
    second = as_object(control_plane(it, outputs({**marks, "sign-on-client-secret": "dd22"}), "dev")["settings"])[
        MARK_SETTING
    ]
    assert first != second


def test_a_mark_is_no_fingerprint() -> None:
    it = Installation(answers("dev"))
    home = Home(it, it.site("dev"), outputs(FIRST))
    texts = json.dumps([*prefect.server(home), *prefect.worker(home)])
    assert not [value for value in FIRST.values() if str(value) in texts]
