"""`python -m installer.emulator`: runs one embedded Azure as a process."""

from __future__ import annotations

import argparse
import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from installer.emulator.providers.clouds import CLOUDS

if TYPE_CHECKING:
    from installer.emulator.faults.requested import Fault
    from installer.json_access import JsonObject

_DEFAULT_SPEED = 30.0
_INTERRUPTED = 130


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError("a number greater than 0 is expected")
    return speed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m installer.emulator", description=__doc__)
    parser.add_argument("--state-dir", type=Path, required=True, help="state directory; created when missing")
    parser.add_argument(
        "--speed", type=_speed, default=_DEFAULT_SPEED, help="how many times faster than Azure (default %(default)g)"
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: the last one, else any)")
    parser.add_argument("--cloud", choices=CLOUDS, help="cloud to emulate (default: the last one, else public)")
    parser.add_argument("--tenant", help="tenant id, in place of the seeded one")
    parser.add_argument(
        "--subscription",
        action="append",
        default=[],
        metavar="ID[=NAME]",
        help="a further subscription; the first one given becomes the default",
    )
    parser.add_argument(
        "--throttle", action="store_true", help="answer 429 to requests above ARM's limits (times the speed)"
    )
    parser.add_argument(
        "--survey",
        type=Path,
        metavar="FILE",
        help="survey of a real subscription, to refuse what it would refuse; kept with the state",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[:key=value,...]",
        help="fault to inject (repeatable); --fault help lists all faults",
    )
    parser.add_argument(
        "--script-outputs",
        type=Path,
        metavar="FILE",
        help="JSON object with the outputs of deployment scripts by name, which are not run; kept with the state",
    )
    parser.add_argument("--no-processes", action="store_true", help="simulate Prefect instead of running it")
    parser.add_argument(
        "--vault-key",
        type=int,
        metavar="FD",
        help="read the key of stored secrets from the first line of this file descriptor (0: standard input; default: "
        "secrets last as long as the process)",
    )
    parser.add_argument("--follow-stdin", action="store_true", help="stop when standard input ends")
    return parser


def _first_line(file: int) -> str:
    """The first line of a file descriptor; the rest stays unread."""
    found = b""
    while not found.endswith(b"\n") and (letter := os.read(file, 1)):
        found += letter
    return found.decode().strip()


def _requests_fault_help(arguments: list[str]) -> bool:
    """Whether the fault catalogue is requested, which needs no state directory."""
    return "--fault=help" in arguments or ("--fault", "help") in pairwise(arguments)


def _faults(parser: argparse.ArgumentParser, texts: list[str]) -> tuple[Fault, ...]:
    """The faults of the command line; an unknown one ends the program."""
    from installer.emulator.faults.requested import UnknownFaultError, parse

    try:
        return tuple(parse(text) for text in texts)
    except UnknownFaultError as problem:
        parser.error(f"argument --fault: {problem}")


def _script_outputs(parser: argparse.ArgumentParser, file: Path | None) -> dict[str, JsonObject] | None:
    """The outputs of deployment scripts in a file; an unusable one ends the program."""
    from installer.emulator.providers.deployment_scripts import ScriptOutputsError, parse_outputs

    try:
        return None if file is None else parse_outputs(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ScriptOutputsError) as problem:
        parser.error(f"argument --script-outputs: {file}: {problem}")


def _fault_help(arguments: list[str]) -> int:
    """Print the catalogue, after checking the other faults of the command line."""
    from installer.emulator.faults.catalogue import described

    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--fault", action="append", default=[])
    given, _ = parser.parse_known_args(arguments)
    _faults(parser, [text for text in given.fault if text != "help"])
    sys.stdout.write(described() + "\n")
    return 0


def main() -> int:
    """Serve until stopped. Exit code 0, 130 after Ctrl-C, 2 for invalid arguments or an unusable state directory."""
    if _requests_fault_help(sys.argv[1:]):
        return _fault_help(sys.argv[1:])
    parser = _parser()
    given = parser.parse_args()
    import sqlite3

    from installer.emulator.server import Options, StateInUseError, serve
    from installer.emulator.state.database import StateDamagedError, StateVersionError
    from installer.emulator.state.usable import ClockSetBackError
    from installer.emulator.survey import SurveyError, load

    try:
        survey = load(given.survey) if given.survey else None
    except SurveyError as problem:
        parser.error(f"argument --survey: {given.survey}: {problem}")
    except OSError as problem:
        parser.error(f"argument --survey: {problem}")
    outputs = _script_outputs(parser, given.script_outputs)
    faults = _faults(parser, given.fault)
    options = Options(
        state_dir=given.state_dir.absolute(),
        speed=given.speed,
        port=given.port,
        tenant=given.tenant,
        subscriptions=tuple(given.subscription),
        cloud=given.cloud,
        follow_stdin=given.follow_stdin,
        faults=faults,
        throttle=given.throttle,
        survey=survey,
        processes=not given.no_processes,
        script_outputs=outputs,
        vault_key="" if given.vault_key is None else _first_line(given.vault_key),
    )
    try:
        serve(options)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (
        *(StateInUseError, StateVersionError, StateDamagedError, ClockSetBackError),
        *(sqlite3.DatabaseError, OSError),
    ) as problem:
        sys.stderr.write(f"The embedded Azure cannot start: {problem}.\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
