"""Outputs of stages that are deployed already, read from Azure."""

from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.jsontypes import Json
from installer.parameters import stages


def known_outputs(arm: Arm, answers: Answers) -> dict[str, dict[str, Json]]:
    """Stage key to outputs, for the stages whose deployment succeeded."""
    found: dict[str, dict[str, Json]] = {}
    for spec in stages(answers):
        deployment = arm.deployment(spec.deployment_name)
        if deployment is not None and deployment.state == "succeeded":
            found[spec.key] = deployment.outputs
    return found
