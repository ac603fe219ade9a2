"""Reads of the checks for the largest answers file with four environments, in a corporate landing zone."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from installer.answers.model import Answers
from installer.estate.assumed_resources import assumed
from installer.estate.bodies import planned_bodies
from installer.estate.parameters.context import Installation
from installer.json_access import member, objects_of
from installer.preflight.checks import CHECKS
from installer.preflight.reads import Reads
from installer.preflight.report import check_all
from tests.bicep.answers_matrix import MATRIX
from tests.emulator.governance.landing_zone import FOLDER, landing_zone
from tests.preflight.surveyed import TENANT, subject_of


def largest() -> tuple[str, Answers]:
    """The answers file with four environments that has most resources, in the tenant of this process."""
    four = [name for name, given in MATRIX.items() if len(Installation(given).sites) == 4]
    name = max(four, key=lambda one: sum(1 for _ in planned_bodies(MATRIX[one])))
    given = MATRIX[name]
    return name, given.model_copy(update={"subscription": given.subscription.model_copy(update={"tenant": TENANT})})


def counted() -> dict[str, int]:
    """Reads of each check alone, and of all checks together, which share theirs."""
    _, given = largest()
    policies = objects_of(member(json.loads(landing_zone().text()), "resources"))
    found: dict[str, int] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        subject_of(Path(folder), given, resources=[*policies, *assumed(given)]) as subject,
    ):
        for name, chosen in (*((check.title, (check,)) for check in CHECKS), ("all", CHECKS)):
            arm, graph = Reads(subject.arm.service), Reads(subject.graph.service)
            found[name] = check_all(replace(subject, arm=arm, graph=graph), chosen).requests
            arm.close()
            graph.close()
    return found


def main() -> None:
    """Print the figures; needs ../shared/policies."""
    if not FOLDER.is_dir():
        print("checks: skipped, ../shared/policies is missing")
        return
    print(f"checks: reads for {largest()[0]} in a corporate landing zone (a paged list counts as one)")
    for name, number in counted().items():
        print(f"  {name:<22} {number}")
