"""The plan of an installation: every choice has a place for what has to run inside the network, and every step a way."""

from graphlib import TopologicalSorter
from itertools import product

import pytest

from installer.answers.draft import flatten
from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.engine.step import Step
from installer.estate.keys import PREFLIGHT
from installer.estate.keys import bootstrap as bootstrap_key
from installer.estate.keys import canary as canary_key
from installer.secret_store import Secrets
from installer.steps.plan import installation
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import TARGET


def _steps(given: Answers) -> tuple[Step, ...]:
    arm = Arm(TARGET, given.subscription.subscription)
    return installation(given, arm, secrets=Secrets(), run="run-1")


@pytest.mark.parametrize("name", MATRIX)
def test_every_dependency_exists_and_every_environment_is_verified(name: str) -> None:
    given = MATRIX[name]
    steps = {step.key: step for step in _steps(given)}
    assert tuple(TopologicalSorter({key: step.needs for key, step in steps.items()}).static_order())
    assert {need for step in steps.values() for need in step.needs} <= {PREFLIGHT, *steps}
    for environment in given.subscription.environments:
        assert bootstrap_key(environment) in steps
        assert canary_key(environment) in steps


@pytest.mark.parametrize(
    ("network", "runtime", "prefect"),
    [*product(("new", "public"), ("aks", "container_apps"), ("server", "cloud"))],
)
def test_no_combination_is_without_a_place_for_the_bootstrap_job(network: str, runtime: str, prefect: str) -> None:
    base = flatten(answers("dev"))
    assert {"network.mode", "platform.runtime", "platform.prefect"} <= set(base)
    given = answers(
        "dev",
        governance={"posture": "trial"},
        network={"mode": network},
        platform={"runtime": runtime, "prefect": prefect},
    )
    keys = [step.key for step in _steps(given)]
    assert bootstrap_key("dev") in keys
    assert keys.index(bootstrap_key("dev")) > keys.index("runtime-dev")
