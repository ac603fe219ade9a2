"""Workflow of the customer's flows: what would change on a pull request, and on the branch one environment after another."""

from typing import Any

from installer.handover.pipelines.commands import DIFFERENCE, IMAGE, Commands
from installer.handover.pipelines.content import PLAN, Content
from installer.handover.pipelines.github import jobs


def flows(content: Content, path: str) -> dict[str, Any]:
    """The workflow; `path`: its own. Each environment is proved by its acceptance run before the next one is deployed."""
    do = Commands(content)
    source = content.answers.flows.source.removeprefix("./").rstrip("/")
    begun = jobs.on_changes(content, path, source, f"{source}/**")  # an archive, or the files of a folder
    env: dict[str, str] = {}
    review: dict[str, Any] = {}
    if content.pushes_flows:
        # Only a person knows the image that another pipeline has built of the flows.
        text = "Image of the flows: registry/repository@sha256:digest"
        begun = {"workflow_dispatch": {"inputs": {"image": {"description": text, "type": "string", "required": True}}}}
        env = {IMAGE: "${{ inputs.image }}"}
    else:
        steps = [jobs.run("Compare with Prefect", do.flows_diff()), *jobs.comment(content, "Flows", DIFFERENCE)]
        rights = {"pull-requests": "write"}
        review = {"review": jobs.job(content, PLAN, steps, when=jobs.own_pull_request(), rights=rights)}
    found, before = {}, ""
    for name in content.it.environments:
        steps = [
            jobs.run("Deploy the flows", do.flows_deploy(name)),
            jobs.run("Acceptance run", do.acceptance(name)),
        ]
        found[name] = {
            **jobs.job(content, name, steps, needs=(before,) if before else (), when=jobs.on_branch(content), env=env),
            "concurrency": {"group": f"flowforge-{content.prefix}-{name}", "cancel-in-progress": False},
        }
        before = name
    return jobs.workflow(content, "flows", begun, {**review, **found})
