"""The embedded Azure as a child process, and its target.

The child is a separate program that is reached only over HTTPS, like a real cloud. Its standard input is a pipe from this
process, so it ends whenever this process ends. After a crash it is restarted with its state and port: to a client it was
only briefly unreachable.
"""

import contextlib
import json
import logging
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from installer.child_environment import of_system
from installer.cloud.emulator_announcement import KilledWhileStarting, close_pipes, facts_of
from installer.cloud.target import REHEARSAL, Target
from installer.errors import InstallerError, UsageError
from installer.loopback import bypass_proxies
from installer.python_program import python_program
from installer.secret_store import Secrets

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

KEPT: Final = "kept.json"
"""File in the state directory of an embedded Azure that was left running: process, endpoint, and since when."""
STOP_SECONDS: Final = 20.0
"""Includes the time for Prefect's processes to shut down."""
DEFAULT_SPEED: Final = 30.0
MAX_RESTARTS: Final = 3
"""A server that crashes more often is not restarted."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seed:
    """Initial configuration of the embedded Azure.

    Attributes:
        tenant: Tenant ID of the answers.
        subscription: Subscription ID of the answers.
        faults: Faults to inject.
        others: Further subscription IDs in the answers.
        survey: File with the survey of a real subscription, or "".
        cloud: Name of the emulated cloud.
        processes: Whether Prefect runs as real processes.
        script_outputs: File with the outputs of deployment scripts, or "".

    """

    tenant: str = ""
    subscription: str = ""
    faults: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    survey: str = ""
    cloud: str = ""
    processes: bool = True
    script_outputs: str = ""


class Rehearsal:
    """A running embedded Azure.

    Attributes:
        facts: Its endpoints and credentials, the same at every start.

    """

    def __init__(self, launch: Callable[[], "subprocess.Popen[str]"], log: Path) -> None:
        self._launch = launch
        self._log = log
        self._lock = threading.Lock()
        self._stopped = False
        self._stays = False
        self._process = launch()
        self.facts = self._ready()
        threading.Thread(target=self._watch, name="embedded Azure", daemon=True).start()

    def _ready(self) -> dict[str, object]:
        """The facts of the process; one that is killed while it starts is started again."""
        for _ in range(MAX_RESTARTS):
            try:
                return facts_of(self._process, self._log)
            except KilledWhileStarting as killed:
                _LOG.warning("%s and is started again", killed)
                with self._lock:
                    if self._stopped:
                        raise
                    self._process = self._launch()
        return facts_of(self._process, self._log)

    def _watch(self) -> None:
        """Restart the process after a crash."""
        for _ in range(MAX_RESTARTS):
            code = self._process.wait()
            with self._lock:
                if self._stopped:
                    return
                _LOG.warning("the embedded Azure ended with %s and is restarted", code)
                close_pipes(self._process)
                self._process = self._launch()
            try:
                self._ready()
            except InstallerError as error:
                _LOG.warning("%s", error)
                return

    @property
    def target(self) -> Target:
        """The target of an installation in this embedded Azure."""
        facts = {key: str(value) for key, value in self.facts.items()}

        def credential() -> "TokenCredential":
            from azure.identity import ClientSecretCredential

            from installer.cloud.transport import sign_in_transport

            return ClientSecretCredential(
                facts["tenant"],
                facts["client_id"],
                facts["client_secret"],
                authority=facts["authority"],
                disable_instance_discovery=True,
                transport=sign_in_transport(facts["ca_file"]),
            )

        return Target(
            "rehearsal",
            REHEARSAL,
            facts["endpoint"],
            facts["authority"],
            facts["endpoint"],
            credential,
            account="you (rehearsal)",
            ca_file=facts["ca_file"],
            speed=float(facts["speed"]),
            graph=facts["endpoint"],
        )

    def leave_running(self) -> None:
        """`stop` leaves the process running: it stays for the Prefect server behind it, until `rehearse stop`."""
        self._stays = True
        note = {"pid": self._process.pid, "endpoint": self.facts["endpoint"], "since": datetime.now(UTC).isoformat()}
        self._log.with_name(KEPT).write_text(json.dumps(note), encoding="utf-8")

    def stop(self) -> None:
        """Stop the process; its state stays on disk."""
        with self._lock:
            self._stopped = True
            process = self._process
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        if self._stays:
            close_pipes(process)
            return
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        close_pipes(process)


def command(state: Path, speed: float, seed: Seed, port: int = 0) -> list[str]:
    """The command line of the embedded Azure."""
    arguments = python_program("installer.emulator", "--state-dir", str(state), "--speed", f"{speed:g}")
    arguments += ["--port", str(port)] if port else []
    arguments += ["--tenant", seed.tenant] if seed.tenant else []
    arguments += ["--subscription", seed.subscription] if seed.subscription else []
    for other in seed.others:
        arguments += ["--subscription", other]
    arguments += ["--survey", seed.survey] if seed.survey else []
    arguments += ["--script-outputs", seed.script_outputs] if seed.script_outputs else []
    arguments += ["--cloud", seed.cloud] if seed.cloud else []
    arguments += [] if seed.processes else ["--no-processes"]
    for fault in seed.faults:
        arguments += ["--fault", fault]
    return arguments


def start(state: Path, *, speed: float = DEFAULT_SPEED, seed: Seed | None = None) -> Rehearsal:
    """Start the embedded Azure with a new or existing state directory. Raises RehearsalFailed."""
    bypass_proxies()
    log = state / "server.log"
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        log.touch(mode=0o600)
    except OSError as error:
        raise UsageError(
            f"the embedded Azure writes to its state {state}, which cannot be written: {error.strerror}"
        ) from error
    arguments = [*command(state, speed, seed or Seed()), "--follow-stdin", "--vault-key", "0"]

    def launch() -> "subprocess.Popen[str]":
        with log.open("ab") as errors:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=of_system(),
                start_new_session=True,  # the installer handles Ctrl-C and stops the child in order
            )
        with contextlib.suppress(OSError):  # one that has ended already is reported by its missing facts
            assert process.stdin is not None  # noqa: S101  a pipe was requested
            process.stdin.write(f"{_vault_key()}\n")
            process.stdin.flush()
        return process

    started = Rehearsal(launch, log)
    (state / KEPT).unlink(missing_ok=True)  # of an earlier process, which has ended: else this one had not started
    return started


@cache
def _vault_key() -> str:
    """Key of the secrets that rehearsals store: in the keyring, or for as long as this process runs."""
    return Secrets().generated("rehearsal-vault").get_secret_value()
