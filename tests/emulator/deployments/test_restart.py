"""Restarts after a crash: nothing is lost, nothing is done twice."""

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from installer.emulator import server as server_module
from installer.emulator.__main__ import main
from tests.emulator.in_memory import GROUP, bench, run
from tests.emulator.sample_templates import account, group, identity, inside, nested, template
from tests.emulator.server_process import Served, deployment, serving, start
from tests.processes import until

ACCOUNTS = "Microsoft.Storage/storageAccounts"
CHAIN = inside(account("stone"), identity("id-a", after=[f"[resourceId('{ACCOUNTS}', 'stone')]"]))
WHOLE = template(group(), nested("inner", CHAIN))


def _ended(record_path: Path, *, killed_after: float | None) -> tuple[float, set[str]]:
    """How long the same deployment takes, undisturbed or with the server gone in the middle of it."""
    it = bench(record_path)

    async def begin() -> None:
        it.deploy(WHOLE)
        if killed_after is None:
            await it.clock.finish(it.engine)
            return
        await it.clock.advance(killed_after)
        await it.engine.stop()

    run(begin())
    if killed_after is not None:
        it = it.died()

        async def go_on() -> None:
            it.engine.resume()
            await it.clock.finish(it.engine)

        run(go_on())
    record = it.deployment()
    assert record.state == "Succeeded"
    assert it.operations("inner", GROUP)["stone"].status_code == "Created"
    resources = it.emulator.resources.of_group(record.scope.rsplit("/", 1)[-1], "rg-a")
    return record.changed - record.started, {item.id for item in resources if item.state == "Succeeded"}


def test_a_kill_at_any_point_does_not_change_the_result(tmp_path: Path) -> None:
    undisturbed = _ended(_folder(tmp_path, "whole"), killed_after=None)
    for moment in (0.0, 1.0, 5.0, 20.0, 31.0, 33.0):
        assert _ended(_folder(tmp_path, f"killed-{moment}"), killed_after=moment) == undisturbed


def test_operations_progress_during_server_downtime(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def begin() -> None:
        it.deploy(WHOLE)
        await it.clock.advance(10)
        await it.engine.stop()

    run(begin())
    again = it.died()

    async def go_on() -> None:
        await again.clock.advance(3600)
        again.engine.resume()
        await again.clock.advance(0)

    run(go_on())
    record = again.deployment()
    assert record.state == "Succeeded"
    assert record.changed - record.started < 100


def test_a_cancelled_deployments_resource_is_finished_after_a_restart(tmp_path: Path) -> None:
    it = bench(tmp_path)

    async def begin() -> None:
        it.deploy(WHOLE)
        await it.clock.advance(10)
        it.engine.cancel(it.deployment())
        await it.engine.stop()

    run(begin())
    again = it.died()

    async def go_on() -> None:
        again.engine.resume()
        await again.clock.finish(again.engine)

    run(go_on())
    assert again.deployment().state == "Canceled"
    assert again.operations("inner", GROUP)["stone"].state == "Succeeded"
    assert again.operations()["inner"].state == "Canceled"
    assert again.properties(f"{GROUP}/providers/{ACCOUNTS}/stone")["provisioningState"] == "Succeeded"


def test_after_kill_9_it_resumes_with_the_same_credentials(tmp_path: Path) -> None:
    server = start(tmp_path, speed=20)
    client = server.deployments.deployments
    client.begin_create_or_update_at_subscription_scope("main", deployment(WHOLE), polling=False)
    _until_running(server, "inner")
    token = server.token()
    server.kill()
    with serving(tmp_path, speed=20) as again:
        same = {"tenant", "subscription", "client_id", "client_secret", "endpoint", "ca_file"}
        assert {name: again.info[name] for name in same} == {name: server.info[name] for name in same}
        assert again.raw("GET", "/subscriptions?api-version=2022-12-01", token=token).ok

        def ended() -> bool:
            found = client.get_at_subscription_scope("main").properties
            return found is None or found.provisioning_state in {"Succeeded", "Failed"}

        until(ended, "the deployment ends")
        found = client.get_at_subscription_scope("main")
        assert found.properties is not None
        assert found.properties.provisioning_state == "Succeeded"
        assert len(again.get("/rehearsal/requests")["value"]) == 1


def test_it_exits_with_its_parent_and_ignores_ctrl_c(tmp_path: Path) -> None:
    server = start(tmp_path)
    os.kill(server.process.pid, signal.SIGINT)
    assert server.raw("GET", "/subscriptions?api-version=2022-12-01").ok, "Ctrl-C is its parent's business"
    assert server.stop() == 0


def test_two_servers_cannot_share_a_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_LOCK_SECONDS", 0)
    with FileLock(tmp_path / "lock"), pytest.raises(server_module.StateInUseError, match=str(tmp_path)):
        server_module.serve(server_module.Options(state_dir=tmp_path, speed=1))


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to look at", None])
def test_an_incompatible_state_is_not_modified(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "azure.sqlite"
    if content is None:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA user_version=99")
    else:
        file.write_bytes(content)
    monkeypatch.setattr("sys.argv", ["rehearsal", "--state-dir", str(tmp_path)])
    assert main() == 2
    assert "The embedded Azure cannot start" in capsys.readouterr().err


def _until_running(server: Served, name: str) -> None:
    until(lambda: server.deployments.deployments.check_existence("rg-a", name), f"{name} starts")


def _folder(base: Path, name: str) -> Path:
    path = base / name
    path.mkdir()
    return path
