"""Workflow of the acceptance run: proves an environment when a person asks for it."""

from typing import Any

from installer.handover.pipelines.commands import Commands
from installer.handover.pipelines.content import Content
from installer.handover.pipelines.github import jobs


def acceptance(content: Content) -> dict[str, Any]:
    """The workflow."""
    choice = {
        "description": "Environment",
        "type": "choice",
        "required": True,
        "options": [content.environment(name) for name in content.it.environments],
    }
    steps = [
        jobs.run("Acceptance run", f'ENVIRONMENT="${{CHOSEN##*-}}"\n{Commands(content).acceptance("$ENVIRONMENT")}')
    ]
    made = jobs.job(content, "${{ inputs.environment }}", steps, env={"CHOSEN": "${{ inputs.environment }}"})
    return jobs.workflow(
        content, "acceptance run", {"workflow_dispatch": {"inputs": {"environment": choice}}}, {"acceptance": made}
    )
