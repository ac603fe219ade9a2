"""Content of certificates: names, key and issuer are judged for the ingress that would use them; Azure refuses the same."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as curve_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from installer.jsontypes import Json
from installer.preflight.certificate_content import content_of
from installer.preflight.certificates import CERTIFICATES
from installer.preflight.model import Result
from installer.preflight.report import result_of
from installer.preflight.survey_limits import SurveyLimits
from tests.preflight.surveyed import sample, subject_of, with_way
from tests.preflight.test_certificates import FRONT_DOOR, GATEWAY, START, stored

HOST: Final = "flowforge.contoso.com"
RSA: Final = rsa_key(65537, 2048)
CURVE: Final = curve_key(SECP256R1())


def certificate(
    *names: str,
    issuer: str = "Contoso CA",
    curve: bool = False,
    begins: int = -1,
    plain: bool = False,
    **properties: Json,
) -> dict[str, Json]:
    """A certificate as `az keyvault certificate show` prints it; `plain`: only a common name."""
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    other = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]) if issuer else own
    start = datetime.fromtimestamp(START, UTC) + timedelta(days=begins)
    built = x509.CertificateBuilder().subject_name(own).issuer_name(other).serial_number(1)
    built = built.public_key((CURVE if curve else RSA).public_key())
    built = built.not_valid_before(start).not_valid_after(start + timedelta(days=90))
    if not plain:
        built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    signed = built.sign(RSA, SHA256()).public_bytes(Encoding.DER)
    key: dict[str, Json] = {"exportable": True, "kty": "EC" if curve else "RSA", **properties}
    return {
        "id": "https://kv-certs.vault.azure.net/certificates/flowforge/0123",
        "cer": base64.b64encode(signed).decode(),
        "policy": {"key_props": key},
    }


def judged(folder: Path, shown: dict[str, Json], ingress: dict[str, str], *environments: str) -> Result:
    """Result of the check with a certificate that a survey has."""
    limits = SurveyLimits({"certificates": [shown]})
    given = sample(*(environments or ("prod",)), ingress=ingress)
    with subject_of(folder, given, resources=stored(), certificates=[shown]) as subject:
        return result_of(CERTIFICATES, replace(subject, certificate=limits.certificate, now=lambda: float(START)))


@pytest.mark.parametrize("name", [HOST, "*.contoso.com", "FlowForge.Contoso.com"])
def test_a_certificate_that_covers_the_host(tmp_path: Path, name: str) -> None:
    result = judged(tmp_path, certificate(name), GATEWAY)
    assert result.findings == ()
    assert f"the certificate flowforge covers {HOST}" in {proof.text for proof in result.proofs}
    assert [one.what for one in result.not_checked] == ["intermediate certificates of flowforge"]


@pytest.mark.parametrize(
    ("shown", "ingress", "severity", "words"),
    [
        (certificate("other.contoso.com"), GATEWAY, "warns", f"does not cover {HOST}, only other.contoso.com"),
        (certificate("other.contoso.com"), FRONT_DOOR, "blocks", f"does not cover {HOST}, only other.contoso.com"),
        (certificate("*.com"), GATEWAY, "warns", "only *.com"),
        (certificate("*.eu.contoso.com"), GATEWAY, "warns", "only *.eu.contoso.com"),
        (certificate("contoso.com"), GATEWAY, "warns", "only contoso.com"),
        (certificate(HOST, curve=True), FRONT_DOOR, "blocks", "has an elliptic curve key"),
        (certificate(HOST, kty="RSA-HSM"), GATEWAY, "blocks", "has its key in a hardware security module"),
        (certificate(HOST, exportable=False), FRONT_DOOR, "blocks", "has a key that the key vault does not export"),
        (certificate(HOST, issuer=""), FRONT_DOOR, "blocks", "is self-signed"),
        (certificate(HOST, issuer=""), GATEWAY, "warns", "is self-signed"),
        (certificate(HOST, begins=7), GATEWAY, "blocks", "is valid from 2026-09-28"),
    ],
)
def test_what_does_not_serve_is_named(
    tmp_path: Path, shown: dict[str, Json], ingress: dict[str, str], severity: str, words: str
) -> None:
    (finding,) = judged(tmp_path, shown, ingress).findings
    assert finding.severity == severity
    assert words in finding.what


def test_an_elliptic_curve_serves_the_gateway_and_a_common_name_counts_alone() -> None:
    found = content_of(certificate(HOST, curve=True, plain=True))
    assert found is not None
    assert (found.names, found.key) == ((HOST,), "EC")
    assert content_of({"cer": "bm90aGluZw=="}) is None


def test_a_host_that_the_certificate_covers_is_proposed_for_all_environments(tmp_path: Path) -> None:
    shown = certificate("*.apps.contoso.com")
    (finding,) = judged(tmp_path / "before", shown, GATEWAY, "dev", "prod").findings
    solved = with_way(sample("dev", "prod", ingress=GATEWAY), finding)
    assert solved.ingress.host == "flowforge.apps.contoso.com"
    assert judged(tmp_path / "after", shown, {**GATEWAY, "host": solved.ingress.host}, "dev", "prod").findings == ()
    (alone,) = judged(tmp_path / "single", certificate("one.contoso.com"), GATEWAY, "dev", "prod").findings
    assert all(not way.answers for way in alone.ways)  # dev-one.contoso.com is not covered
