"""Sign-in: a wrong tenant, an account of another directory, and a sign-in that ends before the run are named."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.jsontypes import Json
from installer.preflight.model import Finding, Result
from installer.preflight.reads import NotVisible, Reads, resource
from installer.preflight.report import result_of
from installer.preflight.sign_in import SIGN_IN
from tests.preflight.surveyed import TENANT, checked, sample, subject_of, with_way

OTHER_TENANT: Final = "aaaaaaaa-1111-4222-8333-444444444444"
MFA: Final = (
    "AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, you "
    "must use multi-factor authentication to access the resource."
)
START: Final = 1_790_000_000
"""The current time of the embedded Azure in these tests: 2026-09-21 14:13 UTC."""


def found(tmp_path: Path, **directory: Any) -> Result:
    return checked(tmp_path, SIGN_IN, sample(), directory=directory)


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


def test_a_service_principal_of_the_tenant_passes(tmp_path: Path) -> None:
    result = checked(tmp_path, SIGN_IN, sample())
    assert result.state == "passed"
    assert f"signed in to the tenant {TENANT}" in {proof.text for proof in result.proofs}


def test_answers_with_another_tenant_return_to_that_of_the_sign_in(tmp_path: Path) -> None:
    given = sample()
    moved = given.model_copy(update={"subscription": given.subscription.model_copy(update={"tenant": OTHER_TENANT})})
    result = checked(tmp_path, SIGN_IN, moved)
    assert {finding.code for finding in result.findings} == {"InvalidAuthenticationTokenTenant"}
    signed_in = next(finding for finding in result.findings if finding.what.startswith("the account is signed in"))
    assert signed_in.what == f"the account is signed in to the tenant {TENANT}, not to {OTHER_TENANT}"
    solved = with_way(moved, signed_in)
    assert solved.subscription.tenant == TENANT
    assert checked(tmp_path / "again", SIGN_IN, solved).state == "passed"


def test_a_sign_in_to_another_tenant_leads_to_az_login(tmp_path: Path) -> None:
    finding = only(found(tmp_path, claims={"tid": OTHER_TENANT}))
    assert finding.code == "InvalidAuthenticationTokenTenant"
    assert finding.ways[0].text == f"sign in to the tenant of the answers: az login --tenant {TENANT}"
    assert finding.ways[0].answers == ()


@pytest.mark.parametrize(
    "claims", [{"acct": 1}, {"idp": f"https://sts.windows.net/{OTHER_TENANT}/"}], ids=["acct", "idp"]
)
def test_a_guest_is_named(tmp_path: Path, claims: dict[str, Json]) -> None:
    finding = only(found(tmp_path, claims={"idtyp": "user", **claims}))
    assert finding.severity == "warns"
    assert finding.what.startswith("the account is a guest of the tenant")


def test_a_member_is_no_guest(tmp_path: Path) -> None:
    assert found(tmp_path, claims={"idtyp": "user", "acct": 0, "idp": "any"}).state == "passed"


def test_conditional_access_is_explained_and_its_code_is_named(tmp_path: Path) -> None:
    finding = only(found(tmp_path, refusal=MFA))
    assert finding.severity == "blocks"
    assert finding.code == "AADSTS50076"
    assert "multi-factor authentication" in finding.why
    assert f"az login --tenant {TENANT}" in finding.ways[0].text


class Rejecting(Service):
    """A service whose token requests are rejected."""

    def find(self, path: str, *, doing: str = "") -> dict[str, Json] | None:  # noqa: ARG002  as the service
        """Never answered."""
        raise AzureRefused("rejected", status=401, error={"code": "AADSTS50076", "message": MFA})


def test_other_reads_blame_the_sign_in_and_no_rights(tmp_path: Path) -> None:
    with subject_of(tmp_path, sample()) as subject:
        service = Rejecting(subject.target, "https://127.0.0.1:1", "any")
    reads = Reads(service)
    with pytest.raises(NotVisible, match="the sign-in was rejected"):
        reads.find(resource("/any", "anything"))
    reads.close()


def test_an_unknown_code_of_entra_still_leads_to_a_new_sign_in(tmp_path: Path) -> None:
    finding = only(found(tmp_path, refusal="AADSTS99999: Something new."))
    assert finding.code == "AADSTS99999"
    assert finding.ways[0].text == f"sign in again: az login --tenant {TENANT}"


def test_a_sign_in_that_cannot_be_renewed_has_to_last_as_long_as_the_run(tmp_path: Path) -> None:
    with subject_of(tmp_path, sample()) as subject:
        federated = replace(subject, target=replace(subject.target, renewable=lambda: False))
        enough = result_of(SIGN_IN, replace(federated, target=replace(federated.target, speed=30.0)))
        late = replace(federated, now=lambda: START + 3500.0)
        finding = only(result_of(SIGN_IN, late))
    assert enough.state == "passed"
    assert finding.code == "ExpiredAuthenticationToken"
    assert finding.what.startswith("the sign-in ends in 2 min and cannot be renewed")


@pytest.mark.parametrize(
    ("ends", "severity", "words"),
    [
        ("2026-09-21T14:15:00Z", "blocks", "the last secret of the application Rehearsal ends at 2026-09-21 14:15 UTC"),
        ("2026-09-28T14:15:00Z", "warns", "a secret of the application Rehearsal ends at 2026-09-28 14:15 UTC"),
    ],
)
def test_a_client_secret_that_ends_soon(tmp_path: Path, ends: str, severity: str, words: str) -> None:
    finding = only(found(tmp_path, secretEnds=ends))
    assert (finding.severity, finding.what) == (severity, words)


def test_without_rights_in_the_directory_the_secret_is_not_checked(tmp_path: Path) -> None:
    result = found(tmp_path, unreadable=["applications"])
    assert result.findings == ()
    (unseen,) = result.not_checked
    assert unseen.sentence == "end of the client secret: this account may not read it"


def test_a_survey_has_no_sign_in(tmp_path: Path) -> None:
    with subject_of(tmp_path, sample()) as subject:
        result = result_of(SIGN_IN, replace(subject, surveyed=True))
    assert result.state == "not checked"


def test_a_claims_challenge_leads_to_the_exact_command(tmp_path: Path) -> None:
    challenge = "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlcyI6WyJwMSJdfX19"
    (finding,) = [one for one in found(tmp_path, challenge=challenge).findings if one.code == "InteractionRequired"]
    assert finding.severity == "blocks"
    command = (
        f'az login --tenant {TENANT} --scope https://management.azure.com/.default --claims-challenge "{challenge}"'
    )
    assert finding.ways[0].text == f"sign in again as Azure asks: {command}"


@pytest.mark.parametrize(
    ("claims", "severities"),
    [
        ({"idtyp": "user", "amr": ["pwd"]}, ["warns"]),
        ({"idtyp": "user", "amr": ["pwd", "mfa"]}, []),
        ({"idtyp": "user"}, []),
        ({"idtyp": "app", "amr": ["pwd"]}, []),
    ],
    ids=["one factor", "two factors", "unknown", "application"],
)
def test_a_user_needs_a_second_factor_for_changes(
    tmp_path: Path, claims: dict[str, Json], severities: list[str]
) -> None:
    assert [one.severity for one in found(tmp_path, claims=claims).findings] == severities
