"""Fixtures: an embedded Azure in a separate process, which steps use like the real one."""

from collections.abc import Iterator
from time import sleep

import pytest

from installer.cloud import clusters
from installer.cloud.arm import Arm
from installer.cloud.emulator_process import Rehearsal, Seed, start
from installer.cloud.rest import Service
from installer.steps import polling
from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, TENANT
from tests.steps.step_context import SPEED


@pytest.fixture(scope="package")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """An embedded Azure that knows the subscriptions of the variants."""
    found = start(
        tmp_path_factory.mktemp("azure"), speed=SPEED, seed=Seed(TENANT, SUBSCRIPTION, others=(OTHER,), processes=False)
    )
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="package")
def azure(rehearsal: Rehearsal) -> Service:
    """Its Azure Resource Manager, with every provider registered that these tests need."""
    service = Service.of_arm(rehearsal.target)
    arm = Arm(rehearsal.target, SUBSCRIPTION)
    names = ("app", "cdn", "containerservice", "datafactory", "network", "sql", "storage", "synapse", "web")
    wanted = {f"microsoft.{name}" for name in names}
    for namespace in wanted:
        arm.register(namespace, SUBSCRIPTION)
    while any(arm.registrations(SUBSCRIPTION)[namespace].lower() != "registered" for namespace in wanted):
        sleep(0.05)
    return service


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the polling intervals: no real process is awaited."""
    monkeypatch.setattr(clusters, "MIN_POLL_SECONDS", 0.02)
    monkeypatch.setattr(polling, "MIN_SECONDS", 0.02)
    monkeypatch.setattr(polling, "MIN_REAL_SECONDS", 0.05)
