"""Outputs of stages that are deployed already, and of the steps between them, read from Azure."""

from collections.abc import Mapping

from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused
from installer.cloud.existence import PARALLEL_READS
from installer.cloud.graph import Graph
from installer.cloud.models import Deployment
from installer.cloud.rest import ACCESS_DENIED
from installer.estate import keys
from installer.estate.parameters import stages
from installer.estate.parameters.app_registration import unique_name
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import image_uses
from installer.estate.parameters.principals import with_new_environments
from installer.estate.parameters.secret_marks import SECRET_MARKS
from installer.estate.parameters.stage_spec import StageSpec
from installer.jsontypes import Json
from installer.steps.kept_flow_image import ReadFlowImage
from installer.steps.secret_fingerprints import FINGERPRINT_TAG, from_tag
from installer.waiting import Workers


def stage_deployments(arm: Arm, answers: Answers) -> dict[str, Deployment]:
    """The last deployment of each stage by key, in any state. Reads them side by side."""
    specs = stages(answers)
    with Workers(PARALLEL_READS, "deployments") as pool:
        found = list(pool.map(arm.deployment, [spec.deployment_name for spec in specs]))
    return {spec.key: one for spec, one in zip(specs, found, strict=True) if one is not None}


def known_outputs(
    arm: Arm, answers: Answers, deployed: Mapping[str, Deployment] | None = None
) -> dict[str, dict[str, Json]]:
    """Outputs by key, for the stages whose deployment succeeded and for existing app registrations.

    Args:
        arm: Azure Resource Manager.
        answers: The answers.
        deployed: The last deployment of each stage, if they have been read.

    """
    found: dict[str, dict[str, Json]] = {}
    deployed = stage_deployments(arm, answers) if deployed is None else deployed
    for spec in stages(answers):
        deployment = deployed.get(spec.key)
        if deployment is not None and deployment.state == "succeeded":
            found[spec.key] = outputs_with_marks(deployment, spec)
    it = Installation(answers)
    if keys.FOUNDATION in found:
        found[keys.FOUNDATION] = with_new_environments(found[keys.FOUNDATION], it.environments)
    for use in image_uses(it):
        recorded = arm.deployment(it.names.deployment(use.key))
        if recorded is not None and recorded.state == "succeeded":
            found[use.key] = recorded.outputs
    service = arm.service
    for site in it.sites:
        if not site.on_kubernetes:
            read = ReadFlowImage(service, it, site)
            found[read.key] = read.outputs()
    return {**found, **_registered(arm, it)} if it.registers else found


def outputs_with_marks(deployment: Deployment, spec: StageSpec) -> dict[str, Json]:
    """Outputs of a stage, with the fingerprints of the secrets that it wrote: processes that read them start again."""
    marks: dict[str, Json] = {**from_tag(deployment.tags.get(FINGERPRINT_TAG, ""))}
    return {**deployment.outputs, SECRET_MARKS: marks} if marks and spec.into_vault else deployment.outputs


def _registered(arm: Arm, it: Installation) -> dict[str, dict[str, Json]]:
    """Client IDs of the existing app registrations; empty if this account may not read them."""
    graph, found = Graph(arm.graph), dict[str, dict[str, Json]]()
    for environment in it.environments:
        try:
            app = graph.by_name(unique_name(it, environment))
        except AzureRefused as refused:
            if refused.status not in ACCESS_DENIED:
                raise
            return found
        if app is not None:
            found[keys.app_registration(environment)] = {"clientId": app.get("appId")}
    return found
