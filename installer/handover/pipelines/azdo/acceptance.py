"""Pipeline of the acceptance run: proves an environment when a person asks for it."""

from typing import Any

from installer.handover.pipelines.azdo import jobs
from installer.handover.pipelines.commands import Commands
from installer.handover.pipelines.content import Content


def acceptance(content: Content) -> dict[str, Any]:
    """The pipeline: the connection of a step has to be known before it runs, so each environment has its stage."""
    names = [*content.it.environments]
    stages = [
        jobs.stage(
            name,
            [],
            f"eq('${{{{ parameters.environment }}}}', '{name}')",
            [
                jobs.deploying(
                    content, name, name, [jobs.run(content, name, "Acceptance run", Commands(content).acceptance(name))]
                )
            ],
        )
        for name in names
    ]
    chosen = {
        "name": "environment",
        "displayName": "Environment",
        "type": "string",
        "default": names[0],
        "values": names,
    }
    return {"parameters": [chosen], **jobs.pipeline(content, stages=stages, automatic=False)}
