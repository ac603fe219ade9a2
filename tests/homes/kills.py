"""Kills of single processes in the middle of a step, one of each kind in a rehearsal.

A process is killed with SIGKILL, as by the end of its node or by the kernel when memory is short; its descendants end as those of a
container do. A run that ends with an error has to say so, and succeeds when it is resumed.
"""

import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field

from installer.estate import keys
from tests.homes.attempts import Progress
from tests.homes.matrix import Home
from tests.homes.processes import Kind, processes


@dataclass(frozen=True)
class Kill:
    """One kill.

    Attributes:
        kind: Kind of the process.
        step: Key of the step in whose middle it is killed.
        beside: Kind of another process that has to run by then.
        working: Whether a resource of the step has to have begun.
        later: Whether the step may have ended: for one that is short.

    """

    kind: Kind
    step: str
    beside: Kind | None = None
    working: bool = False
    later: bool = False

    def __str__(self) -> str:
        return f"{self.kind} in {self.step}"


def kills_of(home: Home) -> tuple[Kill, ...]:
    """The kills of a home, in the order of its steps."""
    jobs = "register-dev" if home.in_cloud else "upgrade-dev"
    server = "canary-dev" if home.in_cloud else "register-dev"
    return (
        Kill("installer", "data", working=True),
        Kill("emulator", "runtime-dev", working=True),
        Kill("postgresql", "bootstrap-dev", beside="job"),
        Kill("job", jobs),
        Kill("server", server, beside="flow run" if home.in_cloud else "job"),
        Kill("worker", "canary-dev", beside="flow run"),
    )


def rotations_of(home: Home) -> tuple[tuple[str, Kill], ...]:
    """Secrets of a home, and how their rotation is interrupted: once the new value is in the vault, before all read it."""
    reader = keys.of_environment("worker", "dev") if home.on_kubernetes else keys.runtime("dev")
    prefect = "prefect-cloud" if home.in_cloud else "prefect-auth"
    return (prefect, Kill("installer", reader)), ("sign-on", Kill("installer", keys.secrets("dev"), later=True))


@dataclass
class Killer:
    """Kills what is due, one after the other.

    Attributes:
        due: Kills that are still to come; a kill whose step has passed without it is left over at the end.
        done: Kills that were made.

    """

    due: list[Kill]
    done: list[Kill] = field(default_factory=list)
    _victims: set[int] = field(default_factory=set)

    def watch(self, installer: int, progress: Progress) -> None:
        """Kill the next process that is due in a running step."""
        for kill in [one for one in self.due if one.step in (progress.begun if one.later else progress.running)]:
            if kill.working and kill.step not in progress.working:
                continue
            found: dict[int, Kind] = {installer: "installer"} if kill.kind == "installer" else processes(installer)
            kinds = set(found.values())
            if kill.beside is not None and kill.beside not in kinds:
                continue
            if self.done and self.done[-1].step == kill.step and self.done[-1].kind not in kinds:
                continue  # the one before has not started again
            victims = sorted(pid for pid, kind in found.items() if kind == kill.kind and pid not in self._victims)
            if not victims:
                continue
            self._victims.add(victims[0])
            self.due.remove(kill)
            self.done.append(kill)
            with contextlib.suppress(ProcessLookupError):
                os.kill(victims[0], signal.SIGKILL)
            return


def named(kills: Sequence[Kill]) -> str:
    """Kills in one line."""
    return ", ".join(map(str, kills)) or "none"
