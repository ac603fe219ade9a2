"""Flow of a fleet: waves, the stop rule, and a flow run for each member under Prefect's global concurrency limits.

A limit is held by a lease, which the server ends unless it is renewed (docs.prefect.io/v3/concepts/global-concurrency-limits):
after a crash its slots are free within a minute. An installation that runs is not ended because Prefect was out of reach.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import flow, tags
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.states import Completed, Crashed, Failed

from installer.conventions.counts import counted
from installer.errors import InstallerError
from installer.fleet.client.member_flow import member_flow
from installer.fleet.client.slots import Slots
from installer.fleet.file import load
from installer.fleet.history import admin_api, newest_of
from installer.fleet.member_command import apply_command, interrupted_run, resume_command, write_answers
from installer.fleet.members import Planned, planned_members
from installer.fleet.model import Fleet
from installer.fleet.order import FLEET_FLOW, Order, done_tags, limit_names, tags_of
from installer.jsontypes import Json
from installer.prefect_setup.client.errors import words

DONE, SKIPPED, FAILED, NOT_STARTED = "done", "done before", "failed", "not started"


@dataclass(frozen=True)
class Ended:
    """How a member ended: its word, and the reason of a failure."""

    member: str
    wave: str
    word: str
    reason: str = ""

    def as_json(self) -> dict[str, Json]:
        """The same for programs."""
        return {"member": self.member, "wave": self.wave, "state": self.word, "reason": self.reason}


@flow(name=FLEET_FLOW, validate_parameters=False)
async def fleet_flow(order: dict[str, Any]) -> State[Any]:
    """Apply a fleet, wave after wave."""
    it = Order(**order)
    fleet = load(Path(it.file))
    planned = {one.member.name: one for one in planned_members(fleet)}
    if problems := [line for one in planned.values() for line in one.problems]:
        return Failed(message="\n".join(problems))
    slots = Slots(await _set_limits(fleet, list(planned.values()), it))
    ended: dict[str, Ended] = {}
    stopped = ""
    for wave, names in fleet.in_waves():
        if stopped:
            ended |= {name: _report(Ended(name, wave, NOT_STARTED, stopped)) for name in names}
            continue
        results = await asyncio.gather(*(_member(fleet, planned[name], it, slots) for name in names))
        ended |= {one.member: one for one in results}
        failed = sum(one.word == FAILED for one in results)
        if fleet.stop.stops(failed, len(names)):
            stopped = f"the fleet stopped after wave {wave}: {failed} of {counted(len(names), 'member')} failed"
    return _outcome([ended[one.name] for one in fleet.members])


def _outcome(ended: Sequence[Ended]) -> State[Any]:
    failed = [one.member for one in ended if one.word == FAILED]
    waiting = sum(one.word == NOT_STARTED for one in ended)
    if not failed:
        return Completed(message=f"{counted(len(ended), 'member')} done")
    more = f"; {waiting} not started" if waiting else ""
    return Failed(message=f"{len(failed)} of {counted(len(ended), 'member')} failed: {', '.join(failed)}{more}")


async def _set_limits(fleet: Fleet, planned: Sequence[Planned], it: Order) -> dict[str, int]:
    """Create the limits, or change them to the numbers of the file; returns these by name."""
    sizes = {"fleet": fleet.limits.fleet, "tenant": fleet.limits.tenant}
    sizes |= {"subscription": fleet.limits.subscription, "installation": 1}
    limits = {
        name: sizes[kind]
        for one in planned
        for kind, name in limit_names(fleet.name, one, rehearse=it.rehearse).items()
    }
    async with get_client() as client:
        for name, size in limits.items():
            await client.upsert_global_concurrency_limit_by_name(name, size)
    return limits


async def _member(fleet: Fleet, one: Planned, it: Order, slots: Slots) -> Ended:
    """Run a member once it has its slots. An error of one member ends no other."""
    names = list(limit_names(fleet.name, one, rehearse=it.rehearse).values())
    try:
        async with slots.held(names):
            return _report(await _with_slots(fleet, one, it))
    except Exception as error:  # noqa: BLE001  it becomes the reason of this member
        return _report(Ended(one.member.name, one.wave, FAILED, words(error)))


async def _with_slots(fleet: Fleet, one: Planned, it: Order) -> Ended:
    name = one.member.name
    before = await asyncio.to_thread(newest_of, admin_api(), fleet.name, name, rehearse=it.rehearse)
    if before and before.completed_with(done_tags(one)) and not it.again:
        return Ended(name, one.wave, SKIPPED)
    if before and before.state == "RUNNING":
        await _mark_crashed(before.id)
    answers = write_answers(fleet, one.member, Path(it.state))
    begun = interrupted_run(answers, rehearse=it.rehearse)
    command = (
        resume_command(answers, begun)
        if begun
        else apply_command(answers, rehearse=it.rehearse, faults=it.faults.get(name, ()), speed=it.speed)
    )
    call: Any = member_flow  # the types of Prefect do not know that return_state leaves a flow a coroutine
    _emit({"event": "started", "member": name, "wave": one.wave, **({"resumes": begun} if begun else {})})
    with tags(*tags_of(fleet.name, one, rehearse=it.rehearse)):
        state: State[Any] = await call(
            fleet=fleet.name,
            member=name,
            command=command,
            directory=str(answers.parent),
            retries=fleet.retries.count,
            delay=fleet.retries.delay,
            return_state=True,
        )
    if state.is_completed():
        return Ended(name, one.wave, DONE)
    return Ended(name, one.wave, FAILED, state.message or state.name or "failed")


async def _mark_crashed(flow_run: str) -> None:
    """A run that has lost the slot of its installation is not running: the process that ran it was killed."""
    async with get_client() as client:
        state: State[Any] = Crashed(message="the process that ran it has ended")
        await client.set_flow_run_state(UUID(flow_run), state, force=True)


def _report(ended: Ended) -> Ended:
    _emit({"event": "ended", **ended.as_json()})
    return ended


def _emit(line: dict[str, Json]) -> None:
    with suppress(BrokenPipeError):  # the command has ended, and stops this process by its other pipe
        print(json.dumps(line, ensure_ascii=False), flush=True)


def failure_words(error: Exception) -> str:
    """Message of an error for the user."""
    return str(error) if isinstance(error, InstallerError) else words(error)
