"""No false alarms: a clean subscription with what the answers name has no finding, for every example file."""

from pathlib import Path

import pytest

from installer.estate.assumed_resources import assumed
from installer.preflight.checks import CHECKS
from installer.preflight.network.public_zones import ELSEWHERE
from installer.preflight.network.ranges import BEHIND
from installer.preflight.report import check_all
from tests.bicep.answers_matrix import EVERY_FILE_SOME_LONG, MATRIX
from tests.preflight.surveyed import TENANT, subject_of

BEYOND = frozenset({"Certificates", "Images", "Prefect Cloud", "Sign-in", "Sign-on"})
"""Families about registries, key vaults and directories, of which Azure Resource Manager does not show everything; as it does of
public DNS zones, and of ranges behind gateways."""


@pytest.mark.parametrize("name", EVERY_FILE_SOME_LONG)
def test_no_check_finds_anything(tmp_path: Path, name: str) -> None:
    answers = MATRIX[name]
    given = answers.model_copy(update={"subscription": answers.subscription.model_copy(update={"tenant": TENANT})})
    with subject_of(tmp_path, given, resources=[*assumed(given)]) as subject:
        report = check_all(subject, CHECKS)
    assert [f"{finding.what}: {finding.where}" for finding in report.findings] == []
    unseen = {
        result.title: [one for one in result.not_checked if one.why not in (ELSEWHERE, BEHIND)]
        for result in report.results
        if result.title not in BEYOND
    }
    assert {title: found for title, found in unseen.items() if found} == {}
    assert report.requests < 80
