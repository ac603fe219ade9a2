"""Pipelines pass actionlint and the published schemas of both platforms, and every command in them exists."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import click
import jsonschema
import pytest
from ruamel.yaml import YAML

from installer.cli.main import cli
from installer.handover.pipelines.azdo.files import azdo_files
from installer.handover.pipelines.content import Content
from installer.handover.pipelines.github.files import github_files
from tests.bicep.answers_matrix import MATRIX
from tests.handover.pipelines.contents import IMPORTED, PRIVATE, TWO, content

ACTIONLINT: Final = Path(sys.executable).parent / "actionlint"
PLATFORMS: Final = {"github": github_files, "azdo": azdo_files}
CONFIG: Final = "self-hosted-runner:\n  labels: [flowforge]\n"


def _shape(found: Content) -> tuple[object, ...]:
    """Everything on which the structure of the files depends."""
    given = found.answers
    return (
        min(len(found.it.environments), 3),
        found.pushed,
        found.it.private_registry,
        bool(given.flows.source),
        bool(found.secrets),
    )


def _cases() -> dict[str, Content]:
    """An answers file of the matrix for each shape, and answers with flows, in a folder and with a name to be quoted."""
    found = {name: content(given) for name, given in [*MATRIX.items(), ("flows", TWO), ("flows, private", PRIVATE)]}
    shapes = {_shape(one): name for name, one in reversed(found.items()) if not [*one.problems()]}
    quoted = {"quoted": content(TWO, "answers of/the team's.yaml"), "imported": content(IMPORTED)}
    return {name: found[name] for name in sorted(shapes.values())} | quoted


CASES: Final[Mapping[str, Content]] = _cases()


def _parsed(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@cache
def _validator(name: str) -> Any:
    import check_jsonschema

    folder = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"
    schema = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


def _scripts(document: Any) -> Iterator[str]:
    """Every script of a pipeline."""
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        if key in ("run", "bash", "script", "inlineScript") and isinstance(value, str):
            yield value
        elif isinstance(value, (dict, list)):
            yield from _scripts(value)


def _commands(document: Any) -> Iterator[list[str]]:
    """Words of every call of the installer, without what the shell adds behind them."""
    for script in _scripts(document):
        for line in script.splitlines():
            if line.startswith("flowforge-install "):
                yield list(takewhile(lambda word: word not in (">", "||"), shlex.split(line)[1:]))


def _understood(words: list[str]) -> click.Context:
    """The command line as the program parses it. Raises click.UsageError."""
    command: click.Command = cli
    parent = None
    while isinstance(command, click.Group):
        # A command keeps the help option that it had in its first context: that has to be below the root, as in the program.
        parent = click.Context(command, parent, command.name, **command.context_settings)
        command = command.commands[words.pop(0)]
    return command.make_context(str(command.name), words, parent)


@pytest.mark.parametrize("name", CASES)
def test_every_file_has_the_published_schema_of_its_platform(name: str) -> None:
    for path, text in github_files(CASES[name]).items():
        kind = "github-actions" if path.endswith("action.yml") else "github-workflows"
        assert [one.message for one in _validator(kind).iter_errors(_parsed(text))] == [], path
    for path, text in azdo_files(CASES[name]).items():
        assert [one.message for one in _validator("azure-pipelines").iter_errors(_parsed(text))] == [], path


@pytest.mark.parametrize("kind", ["github-workflows", "azure-pipelines"])
def test_the_schemas_refuse_what_the_platforms_do_not_know(kind: str) -> None:
    files = github_files(CASES["flows"]) if kind == "github-workflows" else azdo_files(CASES["flows"])
    (text,) = (text for path, text in files.items() if path.endswith("infrastructure.yml"))
    changed = _parsed(text.replace("environment: contoso-prod", "environments: contoso-prod"))
    assert list(_validator(kind).iter_errors(changed)) != []


@pytest.mark.skipif(not ACTIONLINT.is_file(), reason="there is no wheel of actionlint for this system")
def test_actionlint_has_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    for number, found in enumerate(CASES.values()):
        for path, text in github_files(found).items():
            file = tmp_path / str(number) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        # Actions of the repository itself are found from its root.
        (tmp_path / str(number) / ".git").mkdir()
        done = _actionlint(tmp_path / str(number), tmp_path / "config.yaml")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    workflow = next((tmp_path / "0" / ".github" / "workflows").glob("*infrastructure.yml"))
    workflow.write_text(workflow.read_text().replace("- plan\n", "- plam\n", 1), encoding="utf-8")
    assert "plam" in _actionlint(tmp_path / "0", tmp_path / "config.yaml").stdout


def _actionlint(repository: Path, config: Path) -> "subprocess.CompletedProcess[str]":
    words = [str(ACTIONLINT), "-no-color", "-shellcheck=", "-pyflakes=", "-config-file", str(config)]
    return subprocess.run(words, cwd=repository, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", CASES)
def test_every_command_exists_with_its_options(name: str, platform: str) -> None:
    found = CASES[name]
    names = set()
    for text in PLATFORMS[platform](found).values():
        for words in _commands(_parsed(text)):
            names.add(words[0] if words[0] != "flows" else " ".join(words[:2]))
            context = _understood(words)
            assert context.params.get("answers") in (Path(found.file), None)
    flows = {"flows deploy"} if found.answers.flows.source else set()
    diff = flows and ({"flows diff"} if not found.pushes_flows else set())
    promotion = {"attach", "resume", "promote", "export"} if len(found.it.environments) > 1 else set()
    assert names == {"validate", "check", "plan", "apply", "flows run"} | flows | diff | promotion


def test_a_command_that_does_not_exist_would_be_found() -> None:
    with pytest.raises(click.UsageError):
        _understood(["plan", "answers.yaml", "--frobnicate"])
    with pytest.raises(click.UsageError):
        _understood(["flows", "deploy", "-f", "answers.yaml"])
    with pytest.raises(KeyError):
        _understood(["frobnicate"])


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_script_is_bash(platform: str) -> None:
    """Expressions of the platforms are replaced before the shell sees them."""
    scripts = {
        one
        for found in CASES.values()
        for text in PLATFORMS[platform](found).values()
        for one in _scripts(_parsed(text))
    }
    assert len(scripts) > 10
    for script in scripts:
        text = re.sub(r"\$\{\{.*?\}\}|\$\([A-Z]\w+\.[\w.]+\)", "value", script)
        done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), script


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_that_is_typed_into_a_form_becomes_part_of_a_script(platform: str) -> None:
    for found in CASES.values():
        for text in PLATFORMS[platform](found).values():
            for script in _scripts(_parsed(text)):
                assert (
                    re.findall(r"\$\{\{\s*(inputs|github\.event|parameters\.(image|web_image|from|to))", script) == []
                )


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_same_content_is_the_same_text(platform: str) -> None:
    assert dict(PLATFORMS[platform](content(TWO))) == dict(PLATFORMS[platform](content(TWO)))
    answered = content(TWO).answers.model_copy(deep=True)
    assert dict(PLATFORMS[platform](content(answered))) == dict(PLATFORMS[platform](content(TWO)))
