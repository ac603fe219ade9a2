"""A fleet that is stopped or killed leaves no member behind, and the same command continues with the members that are not done."""

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

from installer.errors import Interrupted
from installer.prefect_setup.rest import request_with_retries
from tests.bicep.stage_requests import at
from tests.e2e.conftest import leftovers
from tests.fleet.sample_fleet import alone
from tests.fleet.scripted_members import Scripted
from tests.processes import pause, until

if TYPE_CHECKING:
    import subprocess

LONG = 120.0
Program: TypeAlias = "subprocess.Popen[bytes]"


def _signalled(name: signal.Signals) -> Callable[[Program], None]:
    return lambda program: os.kill(program.pid, name)


def _abandoned(program: Program) -> None:
    """The pipes end, as they do when the command that started the program is killed."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.close()
    program.stdout.close()


@pytest.mark.parametrize(
    ("stop", "code"),
    [
        (_signalled(signal.SIGINT), 130),
        pytest.param(_signalled(signal.SIGTERM), 130, marks=pytest.mark.long),
        pytest.param(_signalled(signal.SIGHUP), 130, marks=pytest.mark.long),
        (_abandoned, 130),
        (_signalled(signal.SIGKILL), -signal.SIGKILL),
    ],
    ids=["ctrl-c", "term", "terminal closed", "command killed", "killed"],
)
def test_members_are_interrupted_and_then_continued(
    scripted: Scripted, stop: Callable[[Program], None], code: int
) -> None:
    scripted.write(*map(alone, ("aa", "bb", "cc")), more="concurrency: {fleet: 2, tenant: 2}\n")
    stay = scripted.folder / "stay"
    stay.touch()
    with scripted.start() as program:
        until(lambda: all(scripted.of_member(one, "stays").exists() for one in ("aa", "bb")), "two members run", LONG)
        stop(program)
        assert program.wait(LONG) == code
        until(
            lambda: all(scripted.of_member(one, "stopped").exists() for one in ("aa", "bb")), "both were stopped", LONG
        )
    until(lambda: not leftovers(scripted.folder), "no process is left", LONG)
    assert scripted.attempts("cc") == 0
    if code == Interrupted.exit_code:
        limits = request_with_retries(
            scripted.api, "POST", "/v2/concurrency_limits/filter", {}, what="limits", pause=pause
        )
        own = [one for one in limits if scripted.name in str(at(one, "name"))] if isinstance(limits, list) else []
        assert [at(one, "active_slots") for one in own] == [0]  # given back, not only once their lease has ended
    stay.unlink()
    assert set(scripted.states().values()) == {"done"}
    assert [scripted.attempts(one) for one in ("aa", "bb", "cc")] == [2, 2, 1]
