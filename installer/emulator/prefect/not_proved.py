"""Differences of the processes of a rehearsal from their containers, which it does not prove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.prefect.local_program import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from installer.emulator.prefect.kept_process import KeptWorkload

_AT_ONCE: Final = "that the replicas of Prefect servers are replaced one after the other: on this machine a new template restarts all at once"
_ONE_WORKER: Final = "that several replicas of a worker share its work: on this machine one process replaces them"


def not_proved(kept: Collection[KeptWorkload]) -> list[str]:
    """One line each, for the workloads that are kept running."""
    servers = [one for one in kept if one.is_server]
    reasons = dict.fromkeys(one.settings.as_one for one in servers if one.settings.as_one)
    found = [
        f"Redis, and Prefect servers that share it: on this machine one process replaces them ({reason})"
        for reason in reasons
    ]
    if any(len(one.processes) > 1 for one in servers):
        found.append(_AT_ONCE)
    if any(kind_of(one.container.command) == "worker" and one.container.replicas > 1 for one in kept):
        found.append(_ONE_WORKER)
    return found
