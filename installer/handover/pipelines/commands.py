"""Command lines of the pipelines, the same on every platform. Their paths are relative to the root of the repository."""

import shlex
from dataclasses import dataclass
from typing import Final

from installer.errors import CheckBlocked
from installer.estate import keys
from installer.estate.parameters.images import ImageKind, answered_image, repository_of
from installer.handover.pipelines.content import Content
from installer.images.commands import IMAGE_FOLDER, push_commands

PLAN_JSON: Final = "plan.json"
PLAN_TEXT: Final = "plan.md"
DIFFERENCE: Final = "flows.txt"
PROMOTION: Final = "promotion.md"
PROMOTED: Final = "promoted.yaml"
ANSWERS: Final = "answers.md"
EVENTS: Final = "events.jsonl"
SOURCE: Final = "PROMOTED_FROM"
TARGET: Final = "PROMOTED_TO"
"""Variables with the environments of a promotion."""
IMAGE: Final = "IMAGE"
"""Variable with the image that the user of a pipeline names: of the web app to push, or of the flows to import."""


@dataclass(frozen=True)
class Commands:
    """Command lines for one installation."""

    content: Content

    @property
    def _file(self) -> str:
        return shlex.quote(self.content.file)

    def install(self, folder: str) -> str:
        """Commands that install the installer into a new environment in a folder, whose name is shell text."""
        lock = shlex.quote(f"{self.content.folder}/installer.lock")
        wheels = shlex.quote(f"{self.content.folder}/wheels")
        return (
            f'python -m venv "{folder}"\n'
            f'"{folder}/bin/python" -m pip install --no-input --disable-pip-version-check --find-links {wheels}'
            f" --require-hashes -r {lock}"
        )

    def validate(self) -> str:
        """All problems of the answers file."""
        return f"flowforge-install validate {self._file}"

    def check(self) -> str:
        """Checks of what would fail in Azure."""
        return f"flowforge-install check {self._file}"

    def plan(self, out: str) -> str:
        """The plan, to a file."""
        return f"flowforge-install plan {self._file} -o {out}"

    def apply(self, plan: str) -> str:
        """Carry out a sealed plan; `plan` is shell text."""
        return f"flowforge-install apply --plan {plan} --yes --events {EVENTS}"

    def flows_diff(self) -> str:
        """Comparison with Prefect, for each environment. Exit code 3 means changes, which are no failure."""
        lines = [f": > {DIFFERENCE}"]
        for name in self.content.it.environments:
            lines.append(f"printf '\\n### %s\\n\\n' {name} >> {DIFFERENCE}")
            lines.append(
                f"flowforge-install flows diff --env {name} -f {self._file}{self._image()} > one.txt"
                f" || [ $? -eq {CheckBlocked.exit_code} ]"
            )
            lines.append(f"sed 's/^/    /' one.txt >> {DIFFERENCE}")
        return "\n".join(lines)

    def flows_deploy(self, environment: str) -> str:
        """Deploy the flows to an environment."""
        return f"flowforge-install flows deploy --env {environment} -f {self._file}{self._image()} --yes"

    def _image(self) -> str:
        return f' --image "${IMAGE}"' if self.content.pushes_flows else ""

    def acceptance(self, environment: str) -> str:
        """The acceptance run; `environment` is a name, or shell text that yields it."""
        quoted = environment if environment.isalpha() else f'"{environment}"'
        deployment = f'"canary/canary-{environment}"' if quoted.startswith('"') else f"canary/canary-{environment}"
        parameter = f'"environment={environment}"' if quoted.startswith('"') else f"environment={environment}"
        return f"flowforge-install flows run {deployment} --env {quoted} -f {self._file} --param {parameter}"

    def take_over(self) -> str:
        """Take over the installation, which no job before has left on this machine, and check it again."""
        return f"{self._attach}\nflowforge-install resume"

    @property
    def _attach(self) -> str:
        it = self.content.it
        return f"flowforge-install attach {it.names.prefix} --subscription {it.subscription}"

    def promotion_plan(self) -> str:
        """The difference and the plan of a promotion; exit code 3 means that the source is still to be proved."""
        return (
            f"{self._attach}\n"
            f'flowforge-install promote --from "${SOURCE}" --to "${TARGET}" > one.txt || [ $? -eq {CheckBlocked.exit_code} ]\n'
            f"sed 's/^/    /' one.txt > {PROMOTION}"
        )

    def prove(self) -> str:
        """A run that repeats the acceptance run of the environment that is promoted."""
        return f'flowforge-install promote --prove --env "${SOURCE}" --yes'

    def promote(self) -> str:
        """The promotion."""
        return f'flowforge-install promote --from "${SOURCE}" --to "${TARGET}" --yes --events {EVENTS}'

    def migrated(self, environment: str) -> str:
        """Read from the events of the run that the tables of an environment are migrated: of FlowForge, and of Prefect's server."""
        steps = [keys.migrate(environment)]
        if self.content.answers.platform.prefect == "server":
            steps.append(keys.prefect_tables(environment))
        return "\n".join(map(_is_done, steps))

    def smoke_tested(self, environment: str) -> str:
        """Read from the events of the run that the acceptance run of an environment has passed."""
        return _is_done(keys.canary(environment))

    def changed_answers(self) -> str:
        """The answers of the last run, and how the file differs from them, for the summary."""
        return (
            f"flowforge-install export -o {PROMOTED}\n"
            f"diff -u {self._file} {PROMOTED} | sed 's/^/    /' > {ANSWERS} || true"
        )

    def push(self, kind: ImageKind) -> str:
        """Sign in to the registry, build or fetch an image, push it, and print the answer that names it by digest."""
        it = self.content.it
        names, image = it.names, answered_image(it, kind)
        folder = shlex.quote(f"{self.content.folder}/{IMAGE_FOLDER}")
        lines = push_commands(names.registry, names.registry_host, image, kind, folder=folder)
        reference = f"{names.registry_host}/{image.partition('@')[0]}"
        if kind == "web":
            lines.insert(1, f'docker pull "${IMAGE}"')
            lines = [line.replace("IMAGE_OF_THE_WEB_APP", f'"${IMAGE}"') for line in lines]
        digest = f"docker inspect --format '{{{{index .RepoDigests 0}}}}' {reference}"
        answer = f"platform.{kind}_image: {repository_of(image)}"
        return "\n".join([*lines, f'echo "{answer}@$({digest} | cut -d@ -f2)"'])


def _is_done(step: str) -> str:
    """A command that shows the event with which a step of the run was done, and fails without one."""
    return f"""grep -E '"kind": "step.(finished|skipped)", "step": "'"{step}"'"' {EVENTS}"""
