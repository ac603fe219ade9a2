"""Duration of a run: the critical path of its steps, of which the deployments are a part, whatever the speed of the target."""

from dataclasses import replace

import pytest

from installer.durations import NO_TIME, Duration
from installer.estate.resources import critical_duration, estate
from installer.steps.run_duration import longest, run_duration
from tests.bicep.answers_matrix import MATRIX
from tests.cloud.no_cloud import TARGET
from tests.engine.scripted_steps import Scripted


@pytest.mark.parametrize("name", ["01-trial-public", "02-trial-public-container-apps", "07-hardened-gateway"])
def test_a_run_takes_longer_than_its_deployments(name: str) -> None:
    given = MATRIX[name]
    whole, deployments = run_duration(given, TARGET), critical_duration(estate(given))
    assert whole.usual > deployments.usual
    assert whole.high > deployments.high
    assert run_duration(given, replace(TARGET, speed=600.0)) == whole


def test_only_steps_after_each_other_count_in_whatever_order_they_are_given() -> None:
    steps = [
        Scripted("last", needs=("long", "short"), usual_seconds=5.0),
        Scripted("short", usual_seconds=10.0),
        Scripted("long", needs=("checks",), usual_seconds=60.0),
    ]
    assert longest(steps) == Duration.of(60.0).then(Duration.of(5.0))
    assert longest([]) == NO_TIME
