"""The files for GitHub Actions, by their path in the repository."""

from collections.abc import Mapping

from installer.handover.pipelines.content import Content
from installer.handover.pipelines.github.acceptance import acceptance
from installer.handover.pipelines.github.flows import flows
from installer.handover.pipelines.github.images import images
from installer.handover.pipelines.github.infrastructure import infrastructure
from installer.handover.pipelines.github.jobs import setup
from installer.handover.pipelines.github.promotion import promotion
from installer.handover.pipelines.yaml_text import yaml_text


def github_files(content: Content) -> Mapping[str, str]:
    """Workflows and the action that sets up the installer."""

    def workflow(kind: str) -> str:
        return f".github/workflows/flowforge-{content.prefix}-{kind}.yml"

    found = {
        workflow("infrastructure"): infrastructure(content, workflow("infrastructure")),
        workflow("acceptance"): acceptance(content),
        f"{content.folder}/setup/action.yml": setup(content),
    }
    if content.pushed:
        found[workflow("images")] = images(content, workflow("images"))
    if content.answers.flows.source:
        found[workflow("flows")] = flows(content, workflow("flows"))
    if content.promotes:
        found[workflow("promotion")] = promotion(content)
    return {path: yaml_text(document) for path, document in found.items()}
