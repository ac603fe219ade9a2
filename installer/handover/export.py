"""The files of `export --parameters`: from the answers of a run and the outputs that it has recorded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installer.answers.files import dump
from installer.engine.journal import Journal
from installer.estate import keys
from installer.estate.parameters import Outputs, stages
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import image_uses
from installer.handover.instructions import ANSWERS, Instructions
from installer.handover.own_directory import write
from installer.handover.parameter_files import DeploymentFiles, deployment_files, registrations
from installer.images.commands import IMAGE_FOLDER
from installer.images.context import context_files
from installer.jsontypes import Json
from installer.runs.facts import RunFacts, read_facts
from installer.shipped_files import compiled_template

INSTRUCTIONS: Final = "README.md"


@dataclass(frozen=True)
class Exported:
    """Files that were written.

    Attributes:
        deployments: in their order.
        files: paths within the directory, sorted.

    """

    directory: Path
    deployments: tuple[DeploymentFiles, ...]
    files: tuple[str, ...]

    def as_json(self) -> dict[str, Json]:
        """The files, and the environment variables that they read, with the commands that print them."""
        values = {one.variable: one for file in self.deployments for one in file.values}
        secrets = dict.fromkeys(one.variable for file in self.deployments for one in file.secrets)
        return {
            "directory": str(self.directory),
            "files": list(self.files),
            "deployments": [
                {"name": one.spec.deployment_name, "parameters": one.bicepparam, "template": one.template}
                for one in self.deployments
            ],
            "variables": [
                {"name": one.variable, "after": one.after, "command": one.command} for one in values.values()
            ],
            "secrets": list(secrets),
        }


def export_parameters(journal: Journal, directory: Path) -> Exported:
    """Write the parameter files of a run with their templates and instructions.

    The outputs of a rehearsal are not used: its identities exist in no cloud. Raises UsageError.
    """
    facts = read_facts(journal)
    known = {} if facts.target.get("kind") == "rehearsal" else _recorded(journal, facts)
    deployments = deployment_files(facts.answers, known)
    instructions = Instructions(
        facts.answers, deployments, registrations(facts.answers, known), facts.name if known else ""
    )
    files = {INSTRUCTIONS: instructions.text(), ANSWERS: dump(facts.draft, explicit=True)}
    for one in deployments:
        files[one.bicepparam] = one.as_bicepparam()
        files[one.parameters_json] = one.as_json()
        files[one.template] = compiled_template(one.spec.stage).read_text(encoding="utf-8")
    files |= {f"{IMAGE_FOLDER}/{name}": body.decode("utf-8") for name, body in context_files().items()}
    write(directory, files)
    return Exported(directory, deployments, tuple(sorted(files)))


def _recorded(journal: Journal, facts: RunFacts) -> Outputs:
    """Outputs of the stages, app registrations and images that the run has completed."""
    it = Installation(facts.answers)
    wanted = [spec.key for spec in stages(facts.answers)]
    wanted += [keys.app_registration(name) for name in it.environments]
    wanted += [use.key for use in image_uses(it)]
    records = {key: journal.recall(key) for key in wanted}
    return {key: one.outputs for key, one in records.items() if one is not None and one.state == "done"}
