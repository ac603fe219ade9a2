"""Sign-on: missing rights to register are a wait that is known before, and an existing app registration is checked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from installer.answers.model import Answers
from installer.jsontypes import Json
from installer.preflight.model import Finding, Result
from installer.preflight.report import result_of
from installer.preflight.sign_on.check import SIGN_ON
from installer.preflight.subject import Subject
from tests.bicep.answers_variants import CLIENT
from tests.preflight.surveyed import checked, sample, subject_of, with_way

DEVELOPER: Final = "cf1c38e5-3621-4004-a7cb-879624dced7c"
CALLBACK: Final = "https://app-ff-contoso-dev.azurewebsites.net/.auth/login/aad/callback"
NEW: Final = {"method": "secretless", "registration": "new"}
USER: Final = {"idtyp": "user"}


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


def test_without_sign_on_there_is_nothing_to_check(tmp_path: Path) -> None:
    assert checked(tmp_path, SIGN_ON, sample()).state == "passed"


@pytest.mark.parametrize(
    ("directory", "right"),
    [
        ({"permissions": ["Application.ReadWrite.OwnedBy"]}, "Application.ReadWrite.OwnedBy"),
        ({"claims": USER}, "every user of the tenant may"),
        ({"claims": USER, "usersRegister": False, "roles": [DEVELOPER]}, "role Application Developer"),
    ],
)
def test_an_account_that_may_register(tmp_path: Path, directory: dict[str, Any], right: str) -> None:
    result = checked(tmp_path, SIGN_ON, sample(sign_on=NEW), directory=directory)
    assert result.state == "passed"
    assert result.proofs[0].text.endswith(right)


@pytest.mark.parametrize(
    ("directory", "way"),
    [
        ({"permissions": []}, "ask a Privileged Role Administrator for the application permission"),
        ({"claims": USER, "usersRegister": False}, "ask for the directory role Application Developer"),
        ({"claims": {**USER, "acct": 1}}, "ask for the directory role Application Developer"),
    ],
)
def test_an_account_that_may_not_register_makes_the_run_wait(
    tmp_path: Path, directory: dict[str, Any], way: str
) -> None:
    given = sample(sign_on=NEW)
    finding = only(checked(tmp_path, SIGN_ON, given, directory=directory))
    assert (finding.severity, finding.code) == ("warns", "Authorization_RequestDenied")
    assert "exit code 7" in finding.why
    assert finding.ways[0].text.startswith(way)
    assert checked(tmp_path / "again", SIGN_ON, with_way(given, finding, 2), directory=directory).state == "passed"


def test_a_directory_that_shows_nothing_is_not_checked(tmp_path: Path) -> None:
    directory = {"claims": USER, "unreadable": ["me/"]}
    result = checked(tmp_path, SIGN_ON, sample(sign_on=NEW), directory=directory)
    assert result.findings == ()
    assert result.not_checked[0].sentence == "directory roles of the account: this account may not read it"


# -- an existing app registration --------------------------------------------------------------------------------


def existing(method: str = "secret", **more: Json) -> Answers:
    secret = {"client_secret": "env:FLOWFORGE_CLIENT_SECRET"} if method == "secret" else {}
    return sample(sign_on={"method": method, "client_id": CLIENT, **secret, **more})


@contextmanager
def registered(
    folder: Path,
    given: Answers,
    *,
    application: Mapping[str, Json] | None = None,
    principal: Mapping[str, Json] | None = None,
    **directory: Any,
) -> Iterator[Subject]:
    """A tenant with a usable app registration, changed by the properties given."""
    with subject_of(folder, given, directory=directory) as subject:
        service = subject.graph.service
        app: dict[str, Json] = {
            "displayName": "FlowForge",
            "appId": CLIENT,
            "createdDateTime": "2025-01-01T00:00:00Z",
            "web": {"redirectUris": [CALLBACK]},
            "passwordCredentials": [{"endDateTime": "2028-01-01T00:00:00Z"}],
            **(application or {}),
        }
        service.ask("POST", "/applications", app)
        service.ask(
            "POST", "/servicePrincipals", {"appId": CLIENT, "appRoleAssignmentRequired": True, **(principal or {})}
        )
        yield subject


def found(folder: Path, given: Answers, **more: Any) -> Result:
    with registered(folder, given, **more) as subject:
        return result_of(SIGN_ON, subject)


def test_a_usable_app_registration_passes(tmp_path: Path) -> None:
    assert found(tmp_path, existing()).state == "passed"


def test_of_a_federated_credential_the_identity_is_not_known_yet(tmp_path: Path) -> None:
    result = found(tmp_path, existing("secretless"))
    assert result.findings == ()
    assert [one.what for one in result.not_checked] == ["its federated credential"]


def test_a_missing_redirect_uri_is_named_before_the_run_waits_for_it(tmp_path: Path) -> None:
    finding = only(found(tmp_path, existing(), application={"web": {"redirectUris": ["https://x"]}}))
    assert finding.what == f"the application FlowForge lacks the redirect URI {CALLBACK}"
    assert f"az ad app update --id {CLIENT} --web-redirect-uris https://x {CALLBACK}" in finding.ways[0].text


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ([], f"the application {CLIENT} has no client secret"),
        (["2026-09-01T00:00:00Z"], f"every secret of {CLIENT} has expired"),
        (["2026-09-25T00:00:00Z"], f"the last client secret of {CLIENT} ends at 2026-09-25 00:00 UTC"),
    ],
)
def test_a_secret_that_does_not_last_leads_to_a_federated_credential(
    tmp_path: Path, ends: list[str], words: str
) -> None:
    given = existing()
    secrets: Json = [{"endDateTime": end} for end in ends]
    finding = only(found(tmp_path, given, application={"passwordCredentials": secrets}))
    assert finding.what == words
    number = next(number for number, way in enumerate(finding.ways) if way.answers)
    solved = with_way(given, finding, number)
    assert checked(tmp_path / "again", SIGN_ON, solved).state == "passed"


def test_a_tenant_that_forbids_new_secrets(tmp_path: Path) -> None:
    restriction = {"restrictionType": "passwordAddition", "state": "enabled"}
    finding = only(found(tmp_path, existing(), secretRestrictions=[restriction]))
    assert finding.code == "CredentialTypeNotAllowedAsPerAppPolicy"
    assert finding.ways[0].answers[0] == ("sign_on.method", "secretless")


def test_a_restriction_for_newer_applications_does_not_count(tmp_path: Path) -> None:
    newer = {"restrictionType": "passwordAddition", "restrictForAppsCreatedAfterDateTime": "2026-01-01T00:00:00Z"}
    assert found(tmp_path, existing(), secretRestrictions=[newer]).state == "passed"


@pytest.mark.parametrize(
    ("principal", "words"),
    [
        ({"appRoleAssignmentRequired": False}, f"the application {CLIENT} requires no assignment"),
        ({"accountEnabled": False}, f"sign-in to the application {CLIENT} is disabled"),
    ],
)
def test_who_may_sign_in(tmp_path: Path, principal: dict[str, Json], words: str) -> None:
    assert only(found(tmp_path, existing(), principal=principal)).what == words


def test_everyone_may_sign_in_if_the_answers_say_so(tmp_path: Path) -> None:
    given = existing()
    finding = only(found(tmp_path, given, principal={"appRoleAssignmentRequired": False}))
    solved = with_way(given, finding, 1)
    assert found(tmp_path / "again", solved, principal={"appRoleAssignmentRequired": False}).state == "passed"


def test_an_application_that_does_not_exist(tmp_path: Path) -> None:
    given = existing()
    with subject_of(tmp_path, given) as subject:
        assert result_of(SIGN_ON, subject).not_checked[0].why == "a rehearsal assumes that it exists"
        real = replace(subject, target=replace(subject.target, kind="azure"))
        finding = only(result_of(SIGN_ON, real))
    assert finding.what == f"the tenant has no application with the client ID {CLIENT}"
    assert checked(tmp_path / "again", SIGN_ON, with_way(given, finding, 1)).state == "passed"
