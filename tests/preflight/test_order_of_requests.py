"""Checks send what they need at once: no request waits for the response to another one without needing it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from installer.preflight.checks import CHECKS
from installer.preflight.report import check_all
from tests.preflight.chained_reads import ChainedReads, with_own_chain
from tests.preflight.surveyed import sample, subject_of


@pytest.mark.parametrize(
    ("pages", "longest"),
    [
        ({"sign_on": {"method": "secretless", "registration": "new"}}, 1),
        ({"platform": {"runtime": "container_apps"}, "sign_on": {"method": "later"}}, 1),
    ],
    ids=["clusters", "container apps"],
)
def test_no_request_of_a_clean_subscription_waits_for_another(
    tmp_path: Path, pages: dict[str, Any], longest: int
) -> None:
    with subject_of(tmp_path / "azure", sample("dev", **pages)) as subject:
        reads = ChainedReads(subject.arm.service), ChainedReads(subject.graph.service)
        report = check_all(replace(subject, arm=reads[0], graph=reads[1]), [with_own_chain(one) for one in CHECKS])
        for one in reads:
            one.close()
    late = {key: links for one in reads for key, links in one.links.items() if links > longest}
    assert late == {}
    assert 20 < report.requests < 80
