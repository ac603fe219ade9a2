"""Tables of Prefect whose migration was interrupted where it commits in its middle, on a real PostgreSQL."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.postgresql import azure_catalog
from installer.emulator.postgresql.binaries import find_binaries
from installer.emulator.postgresql.cluster import Cluster, Deployed
from installer.emulator.prefect.local import image_python
from installer.emulator.prefect.supervisor import Supervisor
from installer.estate.parameters.context import Installation
from installer.estate.parameters.prefect_server import upgrade_command
from tests.bicep.answers_variants import answers
from tests.emulator.postgresql.test_database_setup_e2e import pytestmark as pytestmark  # noqa: PLC0414  the same needs

BEFORE: Final = "2d5e000696f1"
"""The migration before one that adds a column and commits before it is noted (22b7cb02e593)."""
DATABASE: Final = "prefect"
HALF: Final = "ALTER TABLE public.flow_run ADD COLUMN state_timestamp timestamptz"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("interrupted") / "cluster", find_binaries(), Supervisor())
    found.ensure(Deployed((), ()))
    yield found
    found.end()
    found.binaries.remove_copy()


def run(cluster: Cluster, home: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    user, folder = azure_catalog.SUPERUSER, Path(cluster.socket).parent
    settings = {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://{user}@/{DATABASE}?host={folder}",
        "PREFECT_HOME": str(home),
    }
    return subprocess.run(command, env={**kept, **settings}, capture_output=True, text=True, check=False)


@pytest.fixture
def half(cluster: Cluster, tmp_path: Path) -> Iterator[Path]:
    """A home of Prefect whose database has the column of a migration that is not noted."""
    cluster.psql(f"CREATE DATABASE {DATABASE}")
    home = tmp_path / "home"
    done = run(cluster, home, image_python(), "-m", "prefect", "server", "database", "upgrade", "-y", "-r", BEFORE)
    assert done.returncode == 0, done.stderr
    cluster.psql(HALF, DATABASE)
    yield home
    cluster.psql(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def upgraded(cluster: Cluster, home: Path) -> "subprocess.CompletedProcess[str]":
    (_, *program) = map(str, upgrade_command(Installation(answers("dev"))))
    return run(cluster, home, image_python(), *program)


def test_tables_that_nothing_is_in_are_made_again(cluster: Cluster, half: Path) -> None:
    done = upgraded(cluster, half)
    assert done.returncode == 0, done.stderr
    assert "they are made again" in done.stdout
    assert "are up to date" in done.stdout
    assert int(cluster.psql("SELECT count(*) FROM public.block_type", DATABASE)) > 0
    again = upgraded(cluster, half)
    assert again.returncode == 0, again.stderr
    assert "made again" not in again.stdout


def test_tables_in_use_are_kept_and_the_way_back_is_named(cluster: Cluster, half: Path) -> None:
    cluster.psql("INSERT INTO public.flow (name) VALUES ('ours')", DATABASE)
    done = upgraded(cluster, half)
    assert done.returncode != 0
    assert "restore the database from its backup" in done.stderr
    assert "state_timestamp" in done.stderr
    assert "Traceback" not in done.stderr
    assert cluster.psql("SELECT name FROM public.flow", DATABASE).strip() == "ours"
