"""The deployment of a step in Azure, and its page in the portal."""

from installer.answers.model import Answers
from installer.conventions.portal import portal_page
from installer.estate.parameters import stages
from installer.estate.parameters.context import Installation


def deployment_id(answers: Answers, step: str) -> str:
    """ID of the deployment of a step, "" for a step that deploys nothing."""
    if step not in {stage.key for stage in stages(answers)}:
        return ""
    name = Installation(answers).names.deployment(step)
    return f"/subscriptions/{answers.subscription.subscription}/providers/Microsoft.Resources/deployments/{name}"


def deployment_page(answers: Answers, step: str) -> str:
    """Address of the page of a step's deployment, "" for a step that deploys nothing."""
    where, found = answers.subscription, deployment_id(answers, step)
    return portal_page(found, where.tenant, where.cloud) if found else ""
