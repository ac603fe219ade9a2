"""Runbooks: every command exists with its options, and those that are requests of Azure Resource Manager are accepted."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from installer.cli.main import cli
from installer.emulator.providers.kubernetes.cluster_objects import ClusterObjects
from installer.emulator.providers.kubernetes.kubectl import execute
from installer.errors import UsageError
from installer.handover.parameter_files import deployment_files
from installer.handover.runbooks.files import as_markdown, runbooks, write_runbooks
from installer.handover.runbooks.model import Runbook
from tests.bicep.answers_matrix import MATRIX
from tests.operations.conftest import Copy, bases, copy_of
from tests.operations.recovery.recoveries import recovering

__all__ = ["bases", "copy_of"]
TABLE: Final = json.loads((Path(__file__).parent / "az_commands.json").read_text())["commands"]
"""Commands of the Azure CLI with their options, as `az COMMAND --help` shows them."""
GLOBAL: Final = {"--subscription", "--output", "--query"}
"""Options of every command: learn.microsoft.com/cli/azure/reference-index."""
BOOKS: Final = {name: runbooks(answers, "contoso-1") for name, answers in MATRIX.items()}


def commands(books: Sequence[Runbook]) -> Iterator[list[str]]:
    """All commands in words, also those whose output is the value of an option."""
    for book in books:
        for command in book.commands:
            words = shlex.split(command)
            yield words
            yield from (shlex.split(word[2:-1]) for word in words if word.startswith("$(") and word.endswith(")"))


def every(program: str) -> list[list[str]]:
    """Each command of a program once, over all answers."""
    found = {tuple(words) for books in BOOKS.values() for words in commands(books) if words[0] == program}
    return [list(words) for words in sorted(found)]


def problems(words: list[str]) -> Iterator[str]:
    """Reasons for which the Azure CLI would not accept a command."""
    first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    key, options = " ".join(words[:first]), [word for word in words if word.startswith("--")]
    if key not in TABLE:
        yield f"{key}: no such command"
        return
    known = {*TABLE[key]["optional"], *(name for names in TABLE[key]["required"] for name in names), *GLOBAL}
    yield from (f"{key}: no option {one}" for one in options if one not in known)
    for names in TABLE[key]["required"]:
        if not set(names) & set(options):
            yield f"{key}: needs {names[0]}"


def test_every_command_is_of_a_known_program() -> None:
    programs = {words[0] for books in BOOKS.values() for words in commands(books)}
    assert programs == {"az", "prefect", "flowforge-install"}


def test_every_command_of_the_azure_cli_exists_with_its_options() -> None:
    assert list(dict.fromkeys(problem for words in every("az") for problem in problems(words))) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("az aks pause --name x", "az aks pause: no such command"),
        ("az aks stop --name x", "az aks stop: needs --resource-group"),
        ("az aks stop --name x --resource-group g --now", "az aks stop: no option --now"),
    ],
)
def test_a_wrong_command_is_found(line: str, problem: str) -> None:
    assert list(problems(shlex.split(line))) == [problem]


def test_every_command_of_prefect_exists_with_its_options() -> None:
    for key in {tuple(words[:3]) for words in every("prefect")}:
        done = subprocess.run(
            [sys.executable, "-m", "prefect", *key[1:], "--help"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        for words in every("prefect"):
            if tuple(words[:3]) == key:
                assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", done.stdout))


def test_every_command_of_the_installer_is_accepted() -> None:
    for words in every("flowforge-install"):
        shown = CliRunner().invoke(cli, [*words[1:], "--help"])
        assert shown.exit_code == 0, shown.output
    texts = " ".join(as_markdown(book) for book in BOOKS["26-everything-optional"])
    for name in re.findall(r"flowforge-install ([a-z-]+)", texts):
        assert name in cli.commands


def test_requests_to_azure_are_accepted_and_power_commands_name_what_exists(copy_of: Copy) -> None:
    with recovering(copy_of("28-purview-new")) as it:
        store = it.seen.estate.azure.emulator.resources
        sent = 0
        for words in commands(BOOKS["28-purview-new"]):
            options = {words[at]: words[at + 1] for at in range(len(words) - 1) if words[at].startswith("--")}
            if words[:2] == ["az", "rest"]:
                body: Any = json.loads(options["--body"]) if "--body" in options else None
                method: Any = options["--method"].upper()
                assert it.arm.ask(method, options["--uri"], body).status in {200, 202}
                sent += 1
            if words[:4] == ["az", "aks", "command", "invoke"]:
                group = f"/subscriptions/{options['--subscription']}/resourceGroups/{options['--resource-group']}"
                cluster = f"{group}/providers/Microsoft.ContainerService/managedClusters/{options['--name']}"
                emulator = it.seen.estate.azure.emulator
                found = store.get(cluster)
                assert found is not None
                code, output = execute(ClusterObjects(emulator.provider_context(found)), options["--command"], {})
                assert code == 0, output
                sent += 1
            kind = {"aks": "managedClusters", "webapp": "sites", "postgres": "flexibleServers"}.get(words[1])
            if kind and words[-5:] and {"start", "stop"} & set(words):
                namespace = {"aks": "ContainerService", "webapp": "Web", "postgres": "DBforPostgreSQL"}[words[1]]
                group = f"/subscriptions/{options['--subscription']}/resourceGroups/{options['--resource-group']}"
                assert store.get(f"{group}/providers/Microsoft.{namespace}/{kind}/{options['--name']}") is not None
                sent += 1
        assert sent > 6


@pytest.mark.parametrize("name", list(MATRIX))
def test_what_ends_on_a_date_has_its_runbook(name: str) -> None:
    answers = MATRIX[name]
    texts = {book.key: as_markdown(book) for book in BOOKS[name]}
    assert ("renew-sign-on-secret" in texts) == (answers.sign_on.method == "secret")
    assert ("renew-certificate" in texts) == bool(answers.ingress.certificate_uri)
    if secret := texts.get("renew-sign-on-secret"):
        assert secret.count("credential reset") == len(answers.subscription.environments)
        assert "--append" in secret  # without it, every present secret would stop working at once


@pytest.mark.parametrize("name", list(MATRIX))
def test_each_server_and_environment_has_its_steps(name: str) -> None:
    answers = MATRIX[name]
    texts = {book.key: as_markdown(book) for book in BOOKS[name]}
    for environment in answers.subscription.environments:
        for key in ("stop-and-start", "scale", "drain-workers", "restore-database", "remove"):
            assert environment in texts[key], key
    assert ("upgrade-kubernetes" in texts) == ("az aks" in texts["stop-and-start"])
    assert ("private-endpoint create" in texts["restore-database"]) == (
        answers.data.postgres_network == "endpoint" and answers.network.mode != "public"
    )


def test_the_endpoint_of_a_dedicated_server_is_in_its_own_network() -> None:
    found = 0
    for name, answers in MATRIX.items():
        for book in BOOKS[name]:
            for command in book.commands if answers.data.prod_server else ():
                if "private-endpoint create" in command and "-prod-restored" in command:
                    assert "/virtualNetworks/vnet-ff-contoso-hub/" not in command
                    found += 1
    assert found


@pytest.mark.parametrize("name", ["26-everything-optional", "01-trial-public", "19-postgres-injected-prod"])
def test_drift_is_checked_with_the_files_that_are_exported(name: str) -> None:
    (book,) = [one for one in BOOKS[name] if one.key == "check-drift"]
    named = [words[-1] for words in map(shlex.split, book.commands) if words[:2] == ["az", "deployment"]]
    assert named == [f"parameters/{one.bicepparam}" for one in deployment_files(MATRIX[name], {})]


def test_files_are_written_and_those_of_others_stay(tmp_path: Path) -> None:
    answers = MATRIX["26-everything-optional"]
    names = write_runbooks(answers, "contoso-1", tmp_path)
    assert {"README.md", "index.html", "restore-database.md", "restore-database.html"} <= set(names)
    for name in names:
        text = (tmp_path / name).read_text()
        assert "<script" not in text
        for link in re.findall(r'(?:href="|\]\()([^")]+)', text):
            assert (tmp_path / link).is_file()
    write_runbooks(answers, "contoso-1", tmp_path)
    (tmp_path / "scale.md").write_text("mine")
    with pytest.raises(UsageError, match=r"scale\.md: was changed"):
        write_runbooks(answers, "contoso-1", tmp_path)
    assert (tmp_path / "scale.md").read_text() == "mine"
