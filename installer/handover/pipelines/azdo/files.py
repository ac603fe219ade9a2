"""The files for Azure Pipelines, by their path in the repository."""

from collections.abc import Mapping

from installer.handover.pipelines.azdo.acceptance import acceptance
from installer.handover.pipelines.azdo.flows import flows
from installer.handover.pipelines.azdo.images import images
from installer.handover.pipelines.azdo.infrastructure import infrastructure
from installer.handover.pipelines.azdo.jobs import templates
from installer.handover.pipelines.azdo.promotion import promotion
from installer.handover.pipelines.content import Content
from installer.handover.pipelines.yaml_text import yaml_text


def azdo_files(content: Content) -> Mapping[str, str]:
    """Pipelines, and the templates that they call."""
    found = {"infrastructure": infrastructure(content), "acceptance": acceptance(content)}
    if content.pushed:
        found["images"] = images(content)
    if content.answers.flows.source:
        found["flows"] = flows(content)
    if content.promotes:
        found["promotion"] = promotion(content)
    found |= {f"templates/{name.removesuffix('.yml')}": one for name, one in templates(content).items()}
    return {f"{content.folder}/{name}.yml": yaml_text(document) for name, document in found.items()}
