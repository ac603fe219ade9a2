"""The command line as a process: exit codes, JSON where JSON was asked for, one clear text, never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from installer import __version__
from tests.e2e.conftest import ANSWERS, Ended, command, environment, run

DEV = str(ANSWERS / "dev.yaml")


def at(state: Path, *arguments: str, more: dict[str, str] | None = None) -> Ended:
    """Run with a state directory of the test's own."""
    ended = run(*arguments, more={"FLOWFORGE_STATE_DIR": str(state / "state"), **(more or {})})
    assert "Traceback" not in ended.out + ended.err
    return ended


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("frobnicate",), "No such command 'frobnicate'"),
        (("runs", "--frobnicate"), "No such option"),
        (("validate",), "Missing argument"),
        (("--output", "xml", "runs"), "'xml' is not one of"),
        (("rehearse", "--speed", "0"), "not in the range"),
        (("validate", "/nowhere/answers.yaml"), "/nowhere/answers.yaml: cannot be read: No such file"),
        (("validate", "/"), "Is a directory"),
        (("plan", "/nowhere/answers.yaml"), "cannot be read"),
        (("plan", DEV, "-o", "plan.pdf"), "accepted: FILE.json (binds, for apply --plan), FILE.md or FILE.html"),
        (("apply", DEV), "add --yes"),
        (("rehearse", "--yes"), "needs --answers"),
        (("rehearse", "--keep"), "--keep is for rehearse --yes; elsewhere k on the last page keeps Prefect running"),
        (("rehearse", "--fault", "bogus"), "bogus"),
        (("rehearse", "--port", "8080"), "--port is for rehearse --serve"),
        (("rehearse", "--script-outputs", DEV), "--script-outputs is for rehearse --serve"),
        (("resume", "--answer", "yes"), "--answer yes: write it as KEY=VALUE"),
        (("resume", "--set", "yes"), "--set yes: write it as KEY=VALUE"),
        (("resume", "--set", "sizing.worker_nodes=2", "--only", "data"), "--set changes what several steps deploy"),
        (("export",), "no run exists yet"),
        (("export", "contoso-1"), "run contoso-1 does not exist; known runs: none yet"),
        (("export", "../../etc"), "run ../../etc does not exist"),
        (("resume",), "no run exists yet; flowforge-install rehearse starts one that costs nothing"),
        (("rehearse", "--answers", DEV, "--yes", "--events", "/nowhere/e"), "--events /nowhere/e: cannot be written"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_usage_errors_exit_with_2_and_one_clear_text(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    ended = at(tmp_path, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert len(ended.err.splitlines()) <= 5


@pytest.mark.parametrize("group", ["environment", "restore", "fleet", "pipelines"])
def test_a_group_without_its_command_shows_its_help_in_lines(tmp_path: Path, group: str) -> None:
    ended = at(tmp_path, group)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0] == f"Usage: flowforge-install {group} [OPTIONS] COMMAND [ARGS]..."
    assert "Commands:" in ended.err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("upgrade", "--yes"),
            "--yes is for an upgrade; name what is upgraded: kubernetes, prefect, images, templates",
        ),
        (("upgrade", "--to", "1.36"), "--to is for an upgrade"),
        (("rotate", "password", "--env", "dev"), "rotate password: accepted: prefect-auth, sign-on, prefect-cloud"),
    ],
)
def test_options_without_a_meaning_are_refused_before_azure_is_asked(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    ended = at(tmp_path, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err


def test_a_removal_by_answers_does_not_guess_what_azure_has(tmp_path: Path) -> None:
    ended = at(tmp_path, "uninstall", "--answers", DEV)
    assert ended.code == 2
    assert "not signed in to Azure" in ended.err
    assert "no answers are recorded" not in ended.err


def test_one_log_of_both_streams_has_their_lines_in_order() -> None:
    """As a pipeline keeps it: "nothing was changed" is below the plan that it is about."""
    program = (
        "import sys; from installer.cli import main\n"
        "main.cli.main = lambda **_: (print('the plan'), print('nothing was changed', file=sys.stderr))\n"
        "main.main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        env=environment(),
    )
    assert ended.stdout.splitlines() == ["the plan", "nothing was changed"]


def test_a_good_file_is_good(tmp_path: Path) -> None:
    ended = at(tmp_path, "validate", DEV)
    assert (ended.code, ended.err) == (0, "")
    first, caution = ended.out.splitlines()
    assert first == f"{DEV}: 11 answers, all valid"
    assert caution.startswith("warning: network.private_access: no user can reach the web app")
    assert list(tmp_path.iterdir()) == []  # offline and without a state directory


def test_all_problems_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    text = Path(DEV).read_text(encoding="utf-8").replace("aks", "vms").replace("trial", "huge")
    file.write_text(text, encoding="utf-8")
    ended = at(tmp_path, "validate", str(file))
    assert ended.code == 2
    assert [line.split(": ")[1] for line in ended.err.splitlines()] == ["platform.runtime", "sizing.preset"]
    for options in (("--output", "json", "validate", str(file)), ("validate", str(file), "--output", "json")):
        told = json.loads(at(tmp_path, *options).out)
        assert told["valid"] is False
        assert [problem["key"] for problem in told["problems"]] == ["platform.runtime", "sizing.preset"]
        assert {problem["file"] for problem in told["problems"]} == {str(file)}
    assert file.read_text(encoding="utf-8") == text


def test_json_is_json(tmp_path: Path) -> None:
    assert json.loads(at(tmp_path, "runs", "--output", "json").out) == []
    found = json.loads(at(tmp_path, "validate", DEV, "--output", "json").out)
    assert (found["valid"], found["problems"], len(found["notes"])) == (True, [], 1)
    assert json.loads(at(tmp_path, "schema").out)["properties"]["version"]
    assert json.loads(at(tmp_path, "validate", DEV, more={"FLOWFORGE_OUTPUT": "json"}).out)["valid"] is True


def test_no_runs_is_no_error(tmp_path: Path) -> None:
    ended = at(tmp_path, "runs")
    assert (ended.code, ended.out, ended.err) == (0, "no runs yet\n", "")


def test_the_starter_file_only_lacks_the_required_answers(tmp_path: Path) -> None:
    file = tmp_path / "starter.yaml"
    file.write_text(at(tmp_path, "schema", "--starter").out, encoding="utf-8")
    ended = at(tmp_path, "validate", str(file))
    assert ended.code == 2
    missing = [line.split(": ")[1] for line in ended.err.splitlines()]
    assert missing == [f"subscription.{name}" for name in ("tenant", "subscription")]


@pytest.mark.parametrize("before", [True, False])
def test_the_state_directory_may_be_named_before_and_after_the_command(tmp_path: Path, before: bool) -> None:
    option = ("--state-dir", str(tmp_path / "elsewhere"))
    arguments = (*option, "resume") if before else ("resume", *option)
    assert "no run exists yet" in run(*arguments).err
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o700


def test_the_state_directory_may_come_from_the_environment(tmp_path: Path) -> None:
    assert "no run exists yet" in at(tmp_path, "resume").err
    assert (tmp_path / "state").is_dir()


def test_a_state_directory_that_cannot_be_created_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("resume", "--state-dir", str(tmp_path / "file" / "state"))
    assert ended.code == 2
    assert f"the state directory {tmp_path / 'file' / 'state'} cannot be created" in ended.err


def test_it_names_its_version(tmp_path: Path) -> None:
    assert at(tmp_path, "--version").out == f"flowforge-install, version {__version__}\n"


def test_a_damaged_run_is_listed_and_hides_no_other(tmp_path: Path) -> None:
    directory = tmp_path / "state" / "runs" / "contoso-1"
    directory.mkdir(parents=True)
    (directory / "journal.sqlite").write_bytes(b"garbage" * 999)
    (directory.parent / "contoso-2").mkdir()
    ended = at(tmp_path, "runs")
    assert ended.code == 0
    rest = ended.out.partition("contoso-1")[2]
    damaged, _, other = rest.partition("\ncontoso-2")
    assert "cannot be read" in damaged.replace("\n", " ")
    assert other
    assert at(tmp_path, "export", "contoso-1").code == 2


def test_the_wizard_in_a_pipe_that_ends_keeps_the_answers(tmp_path: Path) -> None:
    ended = run(more={"FLOWFORGE_STATE_DIR": str(tmp_path / "state")}, stdin="public\n?\n")
    assert ended.code == 2
    assert "the input ended" in ended.err
    assert "Traceback" not in ended.err
    assert json.loads((tmp_path / "state" / "draft.json").read_text(encoding="utf-8"))["answers"]


def test_an_option_before_the_command_beats_the_environment(tmp_path: Path) -> None:
    done = run("--output", "json", "--state-dir", str(tmp_path), "runs", more={"FLOWFORGE_OUTPUT": "text"})
    assert json.loads(done.out) == []


def test_a_reader_that_goes_away_is_no_failure() -> None:
    with subprocess.Popen(
        command("schema"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait() == 0


def test_without_standard_input_a_command_still_explains_itself(tmp_path: Path) -> None:
    line = f'exec "{sys.executable}" -m installer plan "{ANSWERS / "dev.yaml"}" --state-dir "{tmp_path}" <&-'
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("not signed in to Azure")


def test_a_rehearsal_without_a_sign_in_says_what_needs_one(tmp_path: Path) -> None:
    file = str(tmp_path / "survey.json")
    done = run(
        "rehearse", "--answers", str(ANSWERS / "dev.yaml"), "--survey", file, "--yes", "--state-dir", str(tmp_path)
    )
    assert done.code == 2
    assert done.err.startswith(
        f"--survey {file}: no such file; to read it from the subscription: not signed in to Azure"
    )


def test_a_log_that_cannot_be_written_is_no_traceback(tmp_path: Path) -> None:
    program = (
        "import logging, sys; from installer.cli import main as cli; logging.basicConfig(filename='/dev/full', force=True); "
        "cli.cli.main = lambda **_: logging.getLogger().error('the disk is full'); cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_apply_tells_what_is_wrong_with_the_file_before_it_asks_for_a_confirmation(tmp_path: Path) -> None:
    missing = at(tmp_path, "apply", str(tmp_path / "nope.yaml"))
    assert missing.code == 2
    assert "nope.yaml" in missing.err
    assert "--yes" not in missing.err
    assert "add --yes to confirm" in at(tmp_path, "apply", DEV).err
    assert "and not both" in at(tmp_path, "apply").err


def test_a_survey_that_names_no_subscription_is_refused_with_the_key_to_add(tmp_path: Path) -> None:
    survey = tmp_path / "survey.json"
    survey.write_text('{"version": 1, "resources": []}', encoding="utf-8")
    ended = at(tmp_path, "check", DEV, "--survey", str(survey))
    assert ended.code == 2
    assert ended.err.strip() == f"{survey}: it does not name its subscription; add the key subscriptionId"


def test_checks_that_reach_nothing_are_no_success(tmp_path: Path) -> None:
    """The proxy does not exist, so that nothing leaves this machine."""
    names = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
    account = dict.fromkeys(names, "7a1d1b7e-3c5f-4c62-9f0e-5a8c0f6f2d10")
    ended = at(tmp_path, "check", DEV, more={**account, "HTTPS_PROXY": "http://me:hunter2@127.0.0.1:1"})
    assert "0 findings block" in ended.out
    assert ended.code == 4
    assert ended.err.startswith("Azure could not be reached: the proxy http://127.0.0.1:1 does not connect")
    assert "hunter2" not in ended.out + ended.err


def test_a_usage_error_leads_to_the_help_of_its_command(tmp_path: Path) -> None:
    assert at(tmp_path, "runs", "delete").err.rstrip().endswith("(see flowforge-install runs delete --help)")
    assert at(tmp_path, "frobnicate").err.rstrip().endswith("(see flowforge-install --help)")
