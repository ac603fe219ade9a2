"""The command kit: the installer with all of its packages in one file."""

import json
import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from installer.cli.commands.run import load_answers, opened, say
from installer.conventions.counts import counted
from installer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from installer.answers.model import Answers

Settings = dict[str, Any]


def kit(
    settings: Settings,
    out: Path,
    *,
    tags: tuple[str, ...],
    python: str,
    files: "Sequence[Path]",
    currency: str,
    wheels: Path | None,
    key: Path | None,
) -> int:
    """Make a kit and say how it is verified."""
    from installer.handover.kit import archive
    from installer.handover.kit.kit import KitRequest, make_kit
    from installer.handover.kit.platform import Machine

    problems: list[str] = []
    machine = Machine(tags, python)
    for check in (partial(archive.check_place, out), machine.check):
        try:
            check()
        except UsageError as refused:
            problems.append(str(refused))
    if problems:
        raise UsageError("\n".join(problems))
    answers = [load_answers(file).answers for file in files]
    prices = _prices(settings, answers, currency)
    request = KitRequest(machine, datetime.now(UTC), answers, prices, _documents(), wheels, key, _password)
    with tempfile.TemporaryDirectory(prefix="flowforge-kit-") as scratch:
        made = make_kit(out, request, Path(scratch), say)
    if settings.get("output") == "json":
        print(json.dumps({"file": str(made.file), "folder": made.folder, "wheels": made.wheels, "verify": made.verify}))
        return 0
    print(f"{made.file}: written, {counted(made.wheels, 'wheel')} for {machine.title}")
    print(f"There: tar -xf {made.file.name} && cd {made.folder} && {machine.checksum_command} && ./install.sh rehearse")
    print(f"Signature: {made.verify or 'none; --sign KEY.pem makes one'}")
    return 0


def _prices(settings: Settings, answers: "Sequence[Answers]", currency: str) -> str:
    """The saved price list of the answers, "" without answers; if the list is out of reach, the kit is made without it."""
    from installer.cloud.errors import AzureRefused

    if not answers:
        return ""
    say("reading the price list")
    with opened({"cloud": answers[0].subscription.cloud, **settings}) as session:
        try:
            return session.saved_prices(answers, currency)
        except AzureRefused as refused:
            print(f"without prices: {refused}", file=sys.stderr)
            return ""


def _documents() -> dict[str, str]:
    from installer.answers.schema import json_schema
    from installer.answers.starter import starter

    every = click.get_current_context().find_root().command
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False)
    return {
        "answers.schema.json": f"{schema}\n",
        "answers.starter.yaml": starter(),
        "commands.txt": "\n\n".join(_helps(every, "flowforge-install")) + "\n",
    }


def _helps(command: click.Command, name: str, above: click.Context | None = None) -> "Iterator[str]":
    """The help of a command and of all commands below it."""
    context = click.Context(command, above, info_name=name, **command.context_settings)
    yield f"$ {context.command_path} --help\n\n{command.get_help(context)}"
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            if found is not None and not found.hidden:
                yield from _helps(found, sub, context)


def _password() -> str:
    """The password of the key, asked on a terminal."""
    if not sys.stdin.isatty():
        raise UsageError("the key of --sign has a password, which is asked on a terminal only")
    return str(click.prompt("Password of the key", hide_input=True, err=True))
