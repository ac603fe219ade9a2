"""Removal of one environment in an embedded Azure of this process, and the run of the answers without it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from installer.answers.draft import Draft
from installer.answers.environments import changes_without
from installer.answers.model import Answers
from installer.answers.trial import tried
from installer.planning.make import make_plan
from installer.planning.model import Plan
from tests.emulator.deployments.deployed_estate import new_estate
from tests.emulator.in_memory import run
from tests.operations.removal.removals import Removal
from tests.planning.local_arm import LocalArm, record_answers


def without(answers: Answers, environment: str) -> Answers:
    """The answers without an environment."""
    found = tried(Draft.of(answers), changes_without(answers, environment))
    assert found is not None
    return found


@contextmanager
def installed_environment(path: Path, answers: Answers, environment: str) -> Iterator[Removal]:
    """An installation of which one environment is to be removed."""
    removal = Removal(
        new_estate(path, answers), answers, environment=environment, remaining=without(answers, environment)
    )
    run(removal.estate.deploy(answers, all_stages=True))
    record_answers(removal.estate, answers)
    try:
        yield removal
    finally:
        removal.close()


def run_without(removal: Removal) -> Plan:
    """The run of the remaining answers, and the plan after it."""
    assert removal.remaining is not None
    run(removal.estate.deploy(removal.remaining, all_stages=False))
    record_answers(removal.estate, removal.remaining)
    arm = LocalArm(removal.estate.azure, removal.estate.subscription)
    try:
        return make_plan(removal.remaining, arm)
    finally:
        arm.close()
