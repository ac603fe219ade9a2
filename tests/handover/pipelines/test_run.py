"""Scripts of the workflows run as in a job: signed in by OpenID Connect to the embedded Azure, with the identity of the template."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from ruamel.yaml import YAML

from installer.answers.draft import Draft
from installer.answers.files import dump
from installer.emulator.authorization.tokens import open_identity
from installer.emulator.clock import WallClock
from installer.emulator.state.database import Database
from installer.handover.pipelines.commands import DIFFERENCE
from installer.handover.pipelines.github.files import github_files
from installer.handover.pipelines.issuers import github_trust
from installer.handover.pipelines.sign_in import sign_in_template
from tests.bicep.answers_variants import answers
from tests.cloud.job_platform import EXCHANGE, ISSUER, Platform, job_platform
from tests.emulator.server_process import API, Served, deployment, serving
from tests.handover.pipelines.contents import PUBLIC, TWO, content
from tests.processes import until

if TYPE_CHECKING:
    from installer.handover.pipelines.content import Content

ROOT: Final = Path(__file__).parents[3]
PATIENCE: Final = 120


@dataclass(frozen=True)
class Job:
    """A job on a runner.

    Attributes:
        folder: Its files of the repository.
        variables: Its environment.
        scripts: Scripts of its steps by name.

    """

    folder: Path
    variables: Mapping[str, str]
    scripts: Mapping[str, str]

    def run(self, step: str) -> "subprocess.CompletedProcess[str]":
        """Run a step with the options that GitHub gives to bash."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self.scripts[step]],
            cwd=self.folder,
            env=dict(self.variables),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


def _job(folder: Path, made: "Content", workflow: str, job: str, command: str, **variables: str) -> Job:
    (text,) = (text for path, text in github_files(made).items() if path.endswith(f"{workflow}.yml"))
    document: Any = YAML(typ="safe", pure=True).load(text)
    steps = {step["name"]: step["run"] for step in document["jobs"][job]["steps"] if "run" in step}
    (folder / "repository").mkdir(parents=True)
    (folder / "repository" / "answers.yaml").write_text(dump(Draft.of(made.answers)), encoding="utf-8")
    program = folder / "bin" / "flowforge-install"
    program.parent.mkdir()
    program.write_text(command)
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    return Job(folder / "repository", {"PATH": path, "HOME": str(folder), **variables}, steps)


def _deployed(azure: Served, made: "Content") -> Mapping[str, Any]:
    """Outputs of the sign-in after its deployment."""
    where = f"{azure.scope}/providers/Microsoft.Resources/deployments/sign-in?api-version={API}"
    body = deployment(sign_in_template(made, github_trust(made, "Contoso/platform", "")))
    assert azure.raw("PUT", where, body=json.dumps(body)).status_code in (200, 201)
    found: dict[str, Any] = {}

    def done() -> bool:
        found.update(azure.raw("GET", where).json()["properties"])
        return bool(found["provisioningState"] == "Succeeded")

    until(done, "the sign-in is deployed")
    outputs: Mapping[str, Any] = found["outputs"]
    return outputs


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Job, Platform]]:
    """The job of a pull request in an empty subscription, and the endpoint that gives it assertions."""
    folder = tmp_path_factory.mktemp("job")
    with serving(folder / "azure", speed=200) as azure, job_platform() as platform:
        given = answers("dev", **PUBLIC)
        own = {"subscription": azure.subscription, "tenant": azure.info["tenant"]}
        made = content(given.model_copy(update={"subscription": given.subscription.model_copy(update=own)}))
        outputs = _deployed(azure, made)
        database = Database(folder / "azure" / "azure.sqlite")
        subject = "repo:Contoso/platform:environment:contoso-plan"
        assertion = open_identity(database, WallClock()).signed({"iss": ISSUER, "sub": subject, "aud": EXCHANGE})
        database.close()
        platform.answer = (200, json.dumps({"value": assertion}))
        job = _job(
            folder / "runner",
            made,
            "infrastructure",
            "review",
            f'#!/bin/sh\nexec {sys.executable} -m installer "$@"\n',
            PYTHONPATH=str(ROOT),
            SSL_CERT_FILE=azure.info["ca_file"],
            FLOWFORGE_CLOUD=azure.info["endpoint"],
            # The public price list is not on this machine.
            HTTPS_PROXY="http://127.0.0.1:1",
            NO_PROXY="127.0.0.1,localhost",
            AZURE_CLIENT_ID=outputs["plan"]["value"],
            AZURE_TENANT_ID=azure.info["tenant"],
            ACTIONS_ID_TOKEN_REQUEST_URL=f"{platform.url}?api-version=2.0",
            ACTIONS_ID_TOKEN_REQUEST_TOKEN="of-the-job",
        )
        yield job, platform


def test_a_pull_request_is_validated_checked_and_planned_without_a_secret(review: tuple[Job, Platform]) -> None:
    job, platform = review
    validated = job.run("Validate the answers")
    assert validated.returncode == 0, validated.stderr
    assert platform.asked == []
    checked = job.run("Check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "the sign-in is renewed during the run" in checked.stdout
    assert "the sign-in uses no secret" in checked.stdout
    assert "0 findings block, 0 warnings, 0 not checked" in checked.stdout
    planned = job.run("Plan")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert (job.folder / "plan.md").read_text(encoding="utf-8").count("\n") > 50
    assert len(platform.asked) >= 2


def test_a_job_whose_token_is_refused_fails_with_the_reason(review: tuple[Job, Platform]) -> None:
    job, platform = review
    before, platform.answer = platform.answer, (403, "{}")
    try:
        done = job.run("Plan")
    finally:
        platform.answer = before
    assert done.returncode not in (0, 1)
    assert "GitHub gave no token" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (3, 0), (4, 4)])
def test_changes_of_flows_are_shown_and_do_not_fail_a_pull_request_but_errors_do(
    tmp_path: Path, code: int, expected: int
) -> None:
    job = _job(tmp_path, content(TWO), "flows", "review", f'#!/bin/sh\necho "$@"\nexit {code}\n')
    done = job.run("Compare with Prefect")
    assert bool(done.returncode) == bool(expected)
    if not expected:
        shown = (job.folder / DIFFERENCE).read_text(encoding="utf-8")
        assert shown == "".join(
            f"\n### {name}\n\n    flows diff --env {name} -f answers.yaml\n" for name in ("dev", "prod")
        )


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (3, 0), (4, 4)])
def test_a_promotion_that_is_still_to_be_proved_is_shown_and_does_not_fail(
    tmp_path: Path, code: int, expected: int
) -> None:
    job = _job(
        tmp_path, content(TWO), "promotion", "review", f'#!/bin/sh\necho "$@"\n[ "$1" = attach ] || exit {code}\n'
    )
    file = tmp_path / "environment"
    chosen = {"CHOSEN_FROM": "contoso-dev", "CHOSEN_TO": "contoso-prod", "GITHUB_ENV": str(file)}
    assert Job(job.folder, {**job.variables, **chosen}, job.scripts).run("Environments").returncode == 0
    named = dict(line.split("=") for line in file.read_text(encoding="utf-8").splitlines())
    assert named == {"PROMOTED_FROM": "dev", "PROMOTED_TO": "prod"}
    done = Job(job.folder, {**job.variables, **named}, job.scripts).run("Difference and plan")
    assert bool(done.returncode) == bool(expected)
    if not expected:
        assert (job.folder / "promotion.md").read_text(encoding="utf-8") == "    promote --from dev --to prod\n"


def test_a_promotion_is_carried_out_in_its_order_and_ends_at_the_first_failure(tmp_path: Path) -> None:
    log = tmp_path / "asked"
    done = json.dumps({"number": 1, "kind": "step.finished", "step": "migrate-prod", "resource": ""})
    command = (
        f'#!/bin/sh\necho "$@" >> {log}\n'
        f"""case "$*" in *--from*) echo '{done}' > events.jsonl;; export*) echo changed > "$3";; esac\n"""
    )
    job = _job(tmp_path, content(TWO), "promotion", "promote", command)
    given = {**job.variables, "PROMOTED_FROM": "dev", "PROMOTED_TO": "prod"}
    codes = {step: Job(job.folder, given, job.scripts).run(step).returncode for step in [*job.scripts][1:-1]}
    # The tables of FlowForge are migrated, those of Prefect are not, and nothing was accepted.
    assert {step for step, code in codes.items() if code} == {"Migrations", "Smoke tests"}
    subscription = content(TWO).it.subscription
    assert log.read_text(encoding="utf-8").splitlines() == [
        f"attach contoso --subscription {subscription}",
        "resume",
        "promote --prove --env dev --yes",
        "promote --from dev --to prod --yes --events events.jsonl",
        "export -o promoted.yaml",
    ]
    assert "+changed" in (job.folder / "answers.md").read_text(encoding="utf-8")


def test_a_push_that_fails_fails_its_step(tmp_path: Path) -> None:
    made = content(answers("dev"))
    job = _job(tmp_path, made, "images", "web", "")
    for name in ("az", "docker"):
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\n[ "$1" != push ] && echo registry/web@sha256:{"1" * 64}\n')
        program.chmod(0o755)
    variables = {**job.variables, "IMAGE": "delivered/web:1", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    assert Job(job.folder, variables, job.scripts).run("Push").returncode != 0
    (tmp_path / "bin" / "docker").write_text(f"#!/bin/sh\necho registry/web@sha256:{'1' * 64}\n")
    done = Job(job.folder, variables, job.scripts).run("Push")
    assert done.returncode == 0
    assert f"platform.web_image: flowforge/web@sha256:{'1' * 64}" in (tmp_path / "summary").read_text()


@pytest.mark.parametrize(("earlier", "sent"), [("", "pr comment 7 --body-file comment.md"), ("42", "comments/42")])
def test_the_comment_of_a_workflow_replaces_its_earlier_one_only(tmp_path: Path, earlier: str, sent: str) -> None:
    job = _job(tmp_path, content(TWO), "infrastructure", "review", "")
    text = "ü" * 50_000
    (job.folder / "plan.md").write_text(text, encoding="utf-8")
    program = tmp_path / "bin" / "gh"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n[ "$2" != --paginate ] || printf "%s" "{earlier}"\n')
    program.chmod(0o755)
    variables = {**job.variables, "GH_REPO": "Contoso/platform", "PULL_REQUEST": "7"}
    done = Job(job.folder, variables, job.scripts).run("Plan as a comment")
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    assert 'startswith("<!-- flowforge contoso plan -->")' in asked[0]
    assert sent in asked[1]
    written = (job.folder / "comment.md").read_text(encoding="utf-8")
    assert written.startswith("<!-- flowforge contoso plan -->\nü")
    assert written.endswith("ü\n\nThe rest is on the page of the run.\n")
    assert len(written) < 65_536
