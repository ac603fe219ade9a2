"""Pipeline of the customer's flows: what would change on a pull request, and on the branch one environment after another."""

from typing import Any

from installer.handover.pipelines.azdo import jobs
from installer.handover.pipelines.commands import DIFFERENCE, Commands
from installer.handover.pipelines.content import PLAN, Content


def flows(content: Content) -> dict[str, Any]:
    """The pipeline. Each environment is proved by its acceptance run before the next one is deployed."""
    do = Commands(content)
    given = {"image": "${{ parameters.image }}"} if content.pushes_flows else {}
    stages = []
    if not content.pushes_flows:
        review = [
            jobs.run(content, PLAN, "Compare with Prefect", do.flows_diff()),
            jobs.template(jobs.COMMENT, file=DIFFERENCE),
        ]
        condition = "eq(variables['Build.Reason'], 'PullRequest')"
        stages.append(jobs.stage("review", [], condition, [jobs.job("review", review)]))
    before: list[str] = []
    for name in content.it.environments:
        steps = [
            jobs.run(content, name, "Deploy the flows", do.flows_deploy(name), **given),
            jobs.run(content, name, "Acceptance run", do.acceptance(name)),
        ]
        deploy = jobs.deploying(content, name, name, steps)
        stages.append(jobs.stage(name, before, jobs.on_branch(content), [deploy]))
        before = [name]
    source = content.answers.flows.source.removeprefix("./").rstrip("/")
    found = jobs.pipeline(
        content, content.file, source, content.folder, stages=stages, automatic=not content.pushes_flows
    )
    if content.pushes_flows:
        title = "Image of the flows: registry/repository@sha256:digest"
        found = {"parameters": [{"name": "image", "displayName": title, "type": "string"}], **found}
    return found
