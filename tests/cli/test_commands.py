"""Every command, option and exit code that we print or document exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from installer import errors
from installer.cli.main import cli
from installer.errors import InstallerError

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES: Final = sorted([*(ROOT / "installer").rglob("*.py"), *(ROOT / "screens").rglob("*.py")])
PROGRAM: Final = re.compile(r"(?:flowforge-install|\./install\.sh)(?= (?!test|link|--wheelhouse)) (.+)")
SENTENCES: Final = {"stopped because of an internal error"}
"""Where the name of the program is the subject of a sentence."""


def wrong(line: str) -> list[str]:
    """Unknown parts of a command line; `line` follows the name of the program."""
    words = [word.strip("`'\"()[],.;:…") for word in re.split(r"[`|>]|\s{2,}", line)[0].split()]
    name = words[0] if words and not words[0].startswith("-") else ""
    if name and name not in cli.commands:
        return [name]
    found: click.Command = cli.commands.get(name, cli)
    if isinstance(found, click.Group) and found is not cli:
        below = found.commands.get(words[1]) if len(words) > 1 else None
        if below is None and not found.invoke_without_command:
            return words[:2]
        found = below or found
    known = {option for where in (cli, found) for option in options(where)}
    return [word for word in words if word.startswith("-") and word not in known]


def options(command: click.Command) -> set[str]:
    found = {one for parameter in command.params for one in (*parameter.opts, *parameter.secondary_opts)}
    return found | {"--help"}


def every_command(group: click.Group = cli) -> Iterator[click.Command]:
    """The commands of a group, with those of its groups."""
    yield group
    for command in group.commands.values():
        yield from every_command(command) if isinstance(command, click.Group) else (command,)


def texts(tree: ast.AST) -> Iterator[str]:
    """Every text of a program, with … for what is filled in; docstrings too."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and (text := literal(node)):
            yield text


def literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(value) or "…" for value in node.values)
    return ""


def called(tree: ast.AST) -> Iterator[str]:
    """Arguments of invocation.command, under any imported name."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "installer.invocation"
        for alias in node.names
        if alias.name == "command"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield literal(node.args[0])


def test_every_command_of_the_readme_exists() -> None:
    found = PROGRAM.findall(README)
    assert len(found) >= 16
    assert {line: bad for line in found if (bad := wrong(line))} == {}


def test_every_option_of_the_readme_exists() -> None:
    shell = (ROOT / "install.sh").read_text(encoding="utf-8")
    known = {option for command in every_command() for option in options(command)}
    found = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README))
    assert len(found) >= 5
    assert {option for option in found - known if option not in shell} == set()


def test_every_command_that_is_printed_exists() -> None:
    printed: dict[str, list[str]] = {}
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        written = [rest for text in texts(tree) for rest in PROGRAM.findall(text)]
        lines = [*called(tree), *(line for line in written if not line.startswith(tuple(SENTENCES)))]
        printed |= {f"{path.relative_to(ROOT)}: {line}": wrong(line) for line in lines}
    assert len(printed) >= 6
    assert {line: bad for line, bad in printed.items() if bad} == {}


@pytest.mark.parametrize(
    "line", ["frobnicate", "export --frobnicate", "--frobnicate", "flows frobnicate", "flows list --yes"]
)
def test_a_command_that_does_not_exist_would_be_found(line: str) -> None:
    assert wrong(line)


def test_the_exit_codes_of_the_readme_are_ours() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", README, re.MULTILINE)
    ours = {
        kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, InstallerError)
    }
    assert [int(code) for code, _ in rows] == sorted({0, *ours})
    assert len({words for _, words in rows}) == len(rows)


def test_every_command_has_a_help_text_and_long_options() -> None:
    for command in every_command():
        name = command.name
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.name)
                assert len(parameter.opts) == 1, (name, parameter.opts)


def test_every_help_has_an_example_that_exists() -> None:
    for command in every_command():
        examples = re.findall(r"Example: flowforge-install (.+)", command.help or "")
        assert len(examples) == 1, command.name
        assert wrong(examples[0]) == [], examples


def test_the_global_options_are_accepted_everywhere() -> None:
    wide = options(cli) - {"--version"}
    assert {one.name: missing for one in every_command() if (missing := wide - options(one))} == {}
