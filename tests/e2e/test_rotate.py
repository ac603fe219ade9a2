"""The credential of Prefect is rotated in a rehearsed installation: real server, worker and jobs start again with it."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Rehearsed, copied, run

pytestmark = [pytest.mark.e2e, pytest.mark.long]


def test_the_credential_of_prefect_is_rotated(rehearsed: Rehearsed, tmp_path: Path) -> None:
    state = copied(rehearsed.state, tmp_path / "state")
    ended = run("rotate", "prefect-auth", "--env", "dev", "--yes", "--state-dir", str(state))
    assert ended.code == 0, ended
    for line in (
        "work pool flowforge-dev: paused",
        "deployment.apps/prefect-server: configured",
        "work pool flowforge-dev: resumed",
    ):
        assert line in ended.out
    (worker,) = (state / "rehearsals").glob("*/prefect/*/worker.log")
    assert worker.read_text("utf-8").count("started!") >= 2, (
        "at the installation and with the new credential; the one in between may be stopped before it has started"
    )
    refused = run("rotate", "sign-on", "--env", "dev", "--state-dir", str(state))
    assert (refused.code, "dev has no such secret; secrets that are rotated there: prefect-auth" in refused.err) == (
        2,
        True,
    )
