"""The program of a fleet on a real Prefect server, with a script in place of the installer as the command of a member.

The script takes exit codes from a file, one for each attempt, and notes which members run at the same time. Everything else, from
the waves to the history, is the program's and Prefect's. As a program, this module is the program of a fleet with such commands.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from installer.engine.parent_process import FOLLOWING
from installer.fleet.history import MemberRun, newest_of_all
from installer.fleet.order import Order
from installer.json_access import JsonObject
from installer.prefect_setup.rest import Api
from tests.fleet.sample_fleet import fleet_file

SCRIPT = """
import json, pathlib, sys
here, home = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[1]).parents[2]
codes = json.loads((home / "codes.json").read_text()).get(here.name, [])
attempts = here / "attempts"
attempt = int(attempts.read_text()) if attempts.exists() else 0
attempts.write_text(str(attempt + 1))
running = home / "running"
running.mkdir(exist_ok=True)
mine = running / here.name
mine.touch()
with (home / "together").open("a") as file:
    file.write(json.dumps(sorted(one.name for one in running.iterdir())) + "\\n")
if (home / "meeting").exists():
    import time
    until = time.monotonic() + 60
    met = home / "met"
    while not met.exists() and time.monotonic() < until:
        if len(list(running.iterdir())) >= int((home / "meeting").read_text()):
            met.touch()
        time.sleep(0.05)
if (home / "stay").exists():
    import signal, threading
    from installer.engine.parent_process import follow_parent
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    follow_parent()
    (here / "stays").touch()
    while not stopped.wait(0.05) and (home / "stay").exists():
        pass
    if stopped.is_set():
        (here / "stopped").touch()
        mine.unlink()
        sys.exit(130)
mine.unlink()
code = codes[min(attempt, len(codes) - 1)] if codes else 0
failures = [{"message": f"{here.name} has no quota"}] if code else []
print(json.dumps({"kind": "result", "run": here.name + "-1", "exitCode": code, "failures": failures}))
sys.exit(code)
"""


@dataclass
class Scripted:
    """A fleet of scripted members, and the Prefect on which it runs."""

    api: Api
    folder: Path
    file: Path = field(init=False)

    @property
    def name(self) -> str:
        """Name of the fleet, which no other test has."""
        return self.folder.name.replace("_", "-").lower()[-63:].strip("-")

    def environment(self) -> dict[str, str]:
        """Environment of a command on the admin's Prefect."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FLOWFORGE_"))}
        auth = self.api.auth.get_secret_value()
        prefect = {"PREFECT_API_URL": self.api.url, "PREFECT_API_AUTH_STRING": auth}
        return {**kept, **prefect, "PREFECT_HOME": str(self.folder / "prefect")}

    def write(self, *members: str, more: str = "", codes: Mapping[str, Sequence[int]] | None = None) -> Path:
        """Write the fleet file and the exit codes of members by attempt; 0 for others."""
        self.file = fleet_file(self.folder, *members, more=more)
        text = self.file.read_text(encoding="utf-8").replace("name: customers", f"name: {self.name}")
        self.file.write_text(text, encoding="utf-8")
        (self.folder / "codes.json").write_text(json.dumps(codes or {}), encoding="utf-8")
        return self.file

    def apply(self, *, again: bool = False) -> list[JsonObject]:
        """Run the program of the fleet; its lines."""
        with self.start(again=again) as program:
            assert program.stdout is not None
            output = program.stdout.read()
        return [json.loads(line) for line in output.splitlines()]

    def start(self, *, again: bool = False) -> "subprocess.Popen[bytes]":
        """Start the program of the fleet, which follows its standard input."""
        order = Order(str(self.file), str(self.folder), rehearse=True, again=again).as_json()
        return subprocess.Popen(
            [sys.executable, "-m", "tests.fleet.scripted_members", json.dumps({"order": order})],
            env={**self.environment(), **FOLLOWING},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def of_member(self, member: str, file: str) -> Path:
        """A file in the state directory of a member."""
        return self.folder / "fleets" / self.name / member / file

    def states(self, *, again: bool = False) -> dict[str, str]:
        """Apply the fleet; the word for each member."""
        lines = self.apply(again=again)
        return {str(one["member"]): str(one["state"]) for one in lines if one.get("event") == "ended"}

    def history(self, members: Sequence[str]) -> Mapping[str, MemberRun]:
        """The newest flow run of each member."""
        return newest_of_all(self.api, self.name, members, rehearse=True)

    def attempts(self, member: str) -> int:
        """Number of times that the command of a member ran."""
        file = self.of_member(member, "attempts")
        return int(file.read_text(encoding="utf-8")) if file.exists() else 0

    def together(self) -> list[list[str]]:
        """Members that ran when one started, for each start."""
        return [json.loads(line) for line in (self.folder / "together").read_text(encoding="utf-8").splitlines()]


def scripted_command(answers: Path, **_options: Any) -> list[str]:
    """The script as the command of a member."""
    return [sys.executable, "-c", SCRIPT, str(answers.parent)]


def main(argument: str) -> int:
    """The program of a fleet with scripted commands."""
    from installer.fleet.__main__ import main as program
    from installer.fleet.client import fleet_flow

    vars(fleet_flow)["apply_command"] = scripted_command
    return program(argument)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
