"""Help: commands in groups, an example for each, the name by which the program is called, and completion by the shell."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from installer.cli.command_groups import GROUPS
from installer.cli.completion import SHELLS, VARIABLE
from installer.cli.main import cli


def every(command: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    """The names of a command and of all below it."""
    yield names
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from every(below, *names, name)


def installer(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FLOWFORGE_")}
    return subprocess.run(
        [sys.executable, "-m", "installer", *words],
        capture_output=True,
        text=True,
        env={**environment, **more},
        check=False,
    )


def test_every_command_is_in_one_group() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(cli.commands)


def test_the_groups_are_shown_in_order() -> None:
    shown = CliRunner().invoke(cli, ["-h"]).output
    places = [shown.index(f"\n{title}:\n") for title in GROUPS]
    assert places == sorted(places)
    assert "\n  support-bundle  " in shown
    assert max(map(len, shown.splitlines())) <= 100


@pytest.mark.parametrize("names", list(every(cli)), ids=" ".join)
def test_both_forms_of_help_show_usage_with_an_example(names: tuple[str, ...]) -> None:
    short, long = (CliRunner().invoke(cli, [*names, flag]) for flag in ("-h", "--help"))
    assert short.exit_code == 0, short.output
    assert short.output == long.output
    assert "Example: " in short.output


def test_usage_has_the_name_of_the_command() -> None:
    assert installer("plan", "-h").stdout.startswith("Usage: flowforge-install plan [OPTIONS] F\n")
    assert installer("plan", "-h", FLOWFORGE_CALLED_AS="./install.sh").stdout.startswith("Usage: ./install.sh plan ")


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_prints_a_script_of_the_shell(shell: str) -> None:
    done = installer("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert VARIABLE in done.stdout
    if found := shutil.which(shell):
        assert subprocess.run([found, "-n"], input=done.stdout, text=True, check=False).returncode == 0


def test_completion_knows_commands_and_options() -> None:
    asked = {VARIABLE: "bash_complete", "COMP_WORDS": "flowforge-install reh", "COMP_CWORD": "1"}
    assert {line.partition(",")[2] for line in installer(**asked).stdout.split()} == {"rehearse"}
    asked = {VARIABLE: "bash_complete", "COMP_WORDS": "flowforge-install plan --comp", "COMP_CWORD": "2"}
    assert installer(**asked).stdout == "plain,--compared-to\n"
