"""Flow of one member: its command as a task with Prefect's retries.

A failure that an attempt like it cannot cure, such as invalid answers or a check that blocks, is not retried: Prefect asks
`retry_condition_fn` of a task (docs.prefect.io/v3/how-to-guides/workflows/retries, "Retry with a custom condition").
"""

import asyncio
import io
from pathlib import Path
from typing import Any, Final

from prefect import Task, flow, task
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Completed, Failed

from installer.engine.parent_process import FOLLOWING
from installer.errors import DeploymentFailed, PrefectFailed, VerificationFailed
from installer.fleet.member_command import (
    ANSWERS,
    MAX_LINE,
    OUTPUT,
    MemberResult,
    environment_of_member,
    result_of,
    tail_of,
)
from installer.fleet.order import MEMBER_FLOW

WORTH_RETRYING: Final = frozenset(
    {1, *(one.exit_code for one in (DeploymentFailed, PrefectFailed, VerificationFailed))}
)
_ERRORS: Final = "errors.log"
_STOP_SECONDS: Final = 60.0
"""Estimated: an interrupted installer stops within seconds, and cancels nothing in Azure."""


class MemberFailedError(Exception):
    """The command of a member failed; the text is the reason."""

    def __init__(self, result: MemberResult) -> None:
        super().__init__(result.reason)
        self.result = result


async def _is_worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    error = await state.aresult(raise_on_failure=False)
    if not isinstance(error, MemberFailedError):
        return True
    code = error.result.exit_code
    return code in WORTH_RETRYING or code < 0  # ended by a signal


@task(name="apply", retry_condition_fn=_is_worth_retrying)
async def run_command(command: list[str], directory: str) -> str:
    """Run the command of a member; its output goes to files of its state directory. Returns the name of its run."""
    result = await _ended(command, Path(directory))
    if result.exit_code:
        raise MemberFailedError(result)
    return result.run


@flow(name=MEMBER_FLOW, flow_run_name="{fleet}/{member}", validate_parameters=False)
async def member_flow(
    *,
    fleet: str,  # noqa: ARG001  part of the name of the run, as is the member
    member: str,  # noqa: ARG001
    command: list[str],
    directory: str,
    retries: int,
    delay: int,
) -> State[Any]:
    """One installation of a fleet."""
    attempt: Any = run_command.with_options(retries=retries, retry_delay_seconds=delay)
    state: State[Any] = await attempt(command, directory, return_state=True)
    found = await state.aresult(raise_on_failure=False)
    if state.is_completed():
        return Completed(message=f"run {found} in {directory}")
    return Failed(message=str(found) or state.message or "failed")


async def _ended(command: list[str], directory: Path) -> MemberResult:
    with (directory / OUTPUT).open("w+b") as output, (directory / _ERRORS).open("w+b") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,  # closed when this process ends: the command follows it
            stdout=output,
            stderr=errors,
            env={**environment_of_member(directory / ANSWERS), **FOLLOWING},
        )
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                await _stop(process)
        lines = tail_of(output, MAX_LINE).splitlines()
        return result_of(code, lines[-1] if lines else "", tail_of(errors, io.DEFAULT_BUFFER_SIZE))


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Interrupt a command whose flow run was cancelled, so that its run can be resumed."""
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
