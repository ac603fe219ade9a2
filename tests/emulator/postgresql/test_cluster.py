"""A cluster whose server was killed starts again with its data; one that was killed before it was complete is made again."""

import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from installer.emulator.postgresql.binaries import Binaries, NoPostgresError, find_binaries
from installer.emulator.postgresql.cluster import Cluster, Deployed, LostServerError
from installer.emulator.prefect.supervisor import Supervisor
from tests.emulator.postgresql.test_database_setup_e2e import pytestmark as pytestmark  # noqa: PLC0414  the same needs
from tests.processes import PATIENCE, command_lines, descendants, running, until

NOTHING = Deployed((), ())


def test_a_killed_initialisation_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes, data = [1, 0], tmp_path / "data"

    def initdb(_command: list[str], **_options: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess([], codes.pop(0), "", "child process was terminated by signal 9: Killed")

    monkeypatch.setattr(subprocess, "run", initdb)
    found = Cluster(tmp_path, Binaries(tmp_path), Supervisor())
    found._initialise(data)
    assert codes == []
    codes[:] = [1, 1]
    with pytest.raises(NoPostgresError, match="signal 9"):
        found._initialise(data)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    found = Cluster(tmp_path / "cluster", find_binaries(), Supervisor())
    found.ensure(NOTHING)
    yield found
    found.end()
    found.binaries.remove_copy()


def kill(cluster: Cluster) -> int:
    """Kill the server without any cleanup; its process ID, which its data directory has."""
    pid = int((cluster.home / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert pid in descendants(os.getpid())
    assert "postgres" in command_lines()[pid]
    os.kill(pid, signal.SIGKILL)
    return pid


def test_a_killed_server_starts_again_with_its_data(cluster: Cluster) -> None:
    cluster.psql("CREATE TABLE public.kept (one int)")
    pid = kill(cluster)
    until(lambda: not running(pid), "the server has ended")

    def restarted() -> bool:
        try:
            cluster.ensure(NOTHING)
            return cluster.psql("SELECT count(*) FROM public.kept").strip() == "0"
        except LostServerError:  # its end was not noticed yet
            return False

    until(restarted, "the server has started again")


def test_a_statement_of_a_killed_server_is_no_reason_to_give_it_up(cluster: Cluster) -> None:
    pid = kill(cluster)
    until(lambda: not running(pid), "the server has ended")
    with pytest.raises(LostServerError):
        cluster.psql("SELECT 1")


def test_a_cluster_that_is_not_complete_is_made_again(cluster: Cluster) -> None:
    cluster.psql("CREATE TABLE public.half (one int)")
    cluster.end()
    (cluster.home / "unfinished").touch()
    cluster.ensure(NOTHING)
    assert cluster.psql("SELECT count(*) FROM pg_class WHERE relname = 'half'").strip() == "0"
    assert not (cluster.home / "unfinished").exists()


def test_a_server_with_a_client_shuts_down_without_being_killed(cluster: Cluster) -> None:
    with ThreadPoolExecutor() as pool:
        client = pool.submit(cluster.psql, "SELECT pg_sleep(600)")
        active = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"
        until(lambda: cluster.psql(active).strip() == "1", "the client is connected")
        cluster.end()
        with pytest.raises(LostServerError):
            client.result(PATIENCE)
    assert "database system is shut down" in (cluster.home / "postgresql.log").read_text()
