"""Writes the pipelines of an answers file into a repository, among files that people edit."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installer.answers.files import load
from installer.errors import UsageError
from installer.handover.merged_directory import Merged, merge_into
from installer.handover.pipelines.azdo.files import azdo_files
from installer.handover.pipelines.content import Content
from installer.handover.pipelines.github.files import github_files
from installer.handover.pipelines.instructions import RUNNERS, SIGN_IN, PipelineInstructions, Platform
from installer.handover.pipelines.issuers import azdo_trust, github_trust
from installer.handover.pipelines.runners import runners_template
from installer.handover.pipelines.sign_in import sign_in_template
from installer.handover.pipelines.wheel import read_wheel
from installer.images.commands import IMAGE_FOLDER
from installer.images.context import context_files

BASE: Final = ".base"
"""Folder of the base of the next merge."""


@dataclass(frozen=True)
class Asked:
    """Arguments of the command.

    Attributes:
        answers: The answers file, in the repository.
        directory: Root of the repository.
        wheel: Wheel of the installer.
        branch: Branch that is deployed.
        runner: Label of the runners, or name of the agent pool, inside the network.
        repository: OWNER/REPOSITORY in GitHub.
        ids: Their IDs, where the subject has them.
        replace: Whether the pipelines of the other platform are removed, if they exist.

    """

    platform: Platform
    answers: Path
    directory: Path
    wheel: Path
    branch: str
    runner: str
    repository: str = ""
    ids: str = ""
    replace: bool = False


def write_pipelines(asked: Asked) -> tuple[Merged, ...]:
    """Write the files of a platform. Raises UsageError, before anything is written, if no pipeline could use the answers."""
    found = load(asked.answers).answers
    content = Content(found, _path_of(asked), read_wheel(asked.wheel), asked.branch, asked.runner)
    content.check()
    if not asked.replace:
        _refuse_other_platform(content, asked)
    return merge_into(asked.directory, _files(content, asked), f"{content.folder}/{BASE}")


def _refuse_other_platform(content: Content, asked: Asked) -> None:
    """Raises UsageError if the repository has the pipelines of the other platform: writing these would remove them."""
    github = asked.platform == "github"
    others = azdo_files(content) if github else github_files(content)
    ours = _files(content, asked)
    base = asked.directory / content.folder / BASE
    found = [name for name in sorted(others.keys() - ours.keys()) if (base / name).is_file()]
    if found:
        raise UsageError(
            f"{asked.directory}: has pipelines for {'Azure DevOps' if github else 'GitHub Actions'} ({found[0]}), which an "
            "installation has of one platform only; --replace removes them"
        )


def _files(content: Content, asked: Asked) -> Mapping[str, str]:
    github = asked.platform == "github"
    trust = github_trust(content, asked.repository, asked.ids) if github else azdo_trust(content)
    instructions = PipelineInstructions(content, asked.platform, asked.repository, bool(asked.ids))
    files = {
        **(github_files(content) if github else azdo_files(content)),
        f"{content.folder}/README.md": instructions.text(),
        f"{content.folder}/{SIGN_IN}": json.dumps(sign_in_template(content, trust), indent=2) + "\n",
        f"{content.folder}/installer.lock": content.wheel.lock(),
    }
    if content.it.private_registry:
        runners = runners_template(content, asked.platform)
        files[f"{content.folder}/{RUNNERS}"] = json.dumps(runners, indent=2) + "\n"
    if "prefect" in content.pushed:
        folder = f"{content.folder}/{IMAGE_FOLDER}"
        files |= {f"{folder}/{name}": body.decode("utf-8") for name, body in context_files().items()}
    return files


def _path_of(asked: Asked) -> str:
    """Path of the answers file in the repository. Raises UsageError if it is elsewhere."""
    try:
        return asked.answers.resolve().relative_to(asked.directory.resolve()).as_posix()
    except ValueError:
        raise UsageError(
            f"{asked.answers}: is not in {asked.directory}; the pipelines read the answers file from their repository, "
            "so -o names its root"
        ) from None
