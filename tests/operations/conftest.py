"""Two installations that are deployed once; each test works on a copy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from installer.answers.draft import Draft
from installer.answers.model import Answers
from installer.cli.commands import doctor, status
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import CLIENT
from tests.emulator.deployments.deployed_estate import DeployedEstate
from tests.keyrings import NoKeyring, using
from tests.operations.doctor.in_this_process import InThisProcess
from tests.operations.status.observed_estate import Seen, deployed, seen

Copy: TypeAlias = Callable[[str], Seen]


def _answers(name: str) -> Answers:
    """Answers of the matrix; "dev" with a client secret and a budget."""
    given = MATRIX[name]
    if name != "dev":
        return given
    sign_on = given.sign_on.model_copy(
        update={"method": "secret", "client_id": CLIENT, "client_secret": "env:FF_SECRET"}
    )
    budget = given.monitoring.model_copy(update={"budget": 500, "budget_start": "2026-09-01"})
    return given.model_copy(update={"sign_on": sign_on, "monitoring": budget})


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, DeployedEstate]:
    """The installations by their answers, deployed when first needed."""
    return {}


@pytest.fixture
def copy_of(bases: dict[str, DeployedEstate], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """Makes a copy of an installation."""
    made: list[Seen] = []

    def copied(name: str) -> Seen:
        answers = _answers(name)
        if name not in bases:
            bases[name] = deployed(Path(tmp_path_factory.mktemp("deployed")), answers)
        one = seen(bases[name].copy(tmp_path_factory.mktemp("copy"), answers), answers)
        made.append(one)
        return one

    with using(NoKeyring()):
        yield copied
    for one in made:
        one.arm.close()
        one.estate.azure.database.close()


@pytest.fixture
def dev(copy_of: Copy) -> Seen:
    """One environment on Kubernetes, signed on by a client secret, with a budget."""
    return copy_of("dev")


@pytest.fixture
def on_apps(copy_of: Copy) -> Seen:
    """Two environments whose web apps are container apps."""
    return copy_of("25-web-on-container-apps")


@pytest.fixture
def session(dev: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InThisProcess]:
    """An installation whose run has succeeded; its dates count from now."""
    monkeypatch.setattr("time.time", dev.estate.azure.clock.now)
    found = InThisProcess(tmp_path / "state", dev)

    @contextmanager
    def opened(_settings: object, **_more: object) -> Iterator[InThisProcess]:
        yield found
        found.end_run()

    def rotated(_settings: object, secret: str, environment: str, run: str, wait: float, *, yes: bool) -> int:
        assert (secret, run, wait, yes) == ("prefect-auth", "contoso-1", 1800.0, True)
        found.seen.estate.sent.clear()  # as with another value
        found.deploy_stages({f"secrets-{environment}"})
        return 0

    for module in (doctor, status):
        monkeypatch.setattr(module, "opened", opened)
    monkeypatch.setattr(doctor, "rotate", rotated)
    found.begin(dev.answers, Draft.of(dev.answers), attended=False).wait()
    found.end_run()
    yield found
    found.close()
