"""The processes of a rehearsal by kind, and the memory that they take."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.processes import PROC, command_lines, descendants

Kind = Literal["installer", "emulator", "guard", "server", "services", "worker", "flow run", "postgresql", "job"]
KINDS: Final[tuple[Kind, ...]] = (
    "installer",
    "emulator",
    "guard",
    "server",
    "services",
    "worker",
    "flow run",
    "postgresql",
    "job",
)
_MARKS: Final[tuple[tuple[str, Kind], ...]] = (
    ("process_guard.py", "guard"),  # its command line ends with that of its child
    ("installer.emulator", "emulator"),
    ("prefect.server.api.server:create_app", "server"),
    ("prefect server start", "server"),
    ("prefect server services", "services"),
    ("prefect worker", "worker"),
    ("prefect flow-run execute", "flow run"),
    ("prefect.flow_engine", "flow run"),
    ("prefect.engine", "flow run"),
    ("initdb", "job"),
    ("postgres --boot", "job"),  # of initdb
    ("postgres --single", "job"),
    ("bin/psql", "job"),
    ("postgres", "postgresql"),
)


def kind_of(command_line: str) -> Kind:
    """Kind of a descendant of an installer; commands that run once are jobs."""
    return next((kind for mark, kind in _MARKS if mark in command_line), "job")


def processes(installer: int) -> dict[int, Kind]:
    """All processes of a rehearsal. Those of PostgreSQL follow their first one, and so do those of a flow run."""
    lines = command_lines()
    found: dict[int, Kind] = {installer: "installer"}
    for pid in descendants(installer):
        if pid in lines and lines[pid].strip():
            found[pid] = kind_of(lines[pid])
    return found


@dataclass
class Memory:
    """Peaks of resident memory of a rehearsal in MiB; pages that processes share count in each of them.

    Attributes:
        peaks: Largest sum of the processes of a kind at one time.
        total: Largest sum of all of them at one time.

    """

    peaks: Counter[Kind] = field(default_factory=Counter)
    total: int = 0

    def sample(self, installer: int) -> None:
        """Add the processes of this moment."""
        now: Counter[Kind] = Counter()
        for pid, kind in processes(installer).items():
            now[kind] += _resident_kib(pid)
        self.peaks |= Counter({kind: kib // 1024 for kind, kib in now.items()})
        self.total = max(self.total, sum(now.values()) // 1024)

    def __or__(self, other: "Memory") -> "Memory":
        """The larger peaks of both."""
        return Memory(self.peaks | other.peaks, max(self.total, other.total))

    def __str__(self) -> str:
        parts = [f"{kind} {self.peaks[kind]}" for kind in KINDS if self.peaks[kind]]
        return f"{self.total} MiB: {', '.join(parts)}"


def _resident_kib(pid: int) -> int:
    """VmRSS of /proc/PID/status (man 5 proc_pid_status); 0 for a process that has ended."""
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
