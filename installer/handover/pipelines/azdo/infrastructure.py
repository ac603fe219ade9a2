"""Pipeline of the infrastructure: the plan on a pull request, and on the branch its approval by each environment and its run."""

from typing import Any

from installer.handover.pipelines.azdo import jobs
from installer.handover.pipelines.commands import PLAN_JSON, PLAN_TEXT, Commands
from installer.handover.pipelines.content import PLAN, Content


def infrastructure(content: Content) -> dict[str, Any]:
    """The pipeline."""
    do = Commands(content)
    checks = [
        jobs.run(content, PLAN, "Validate the answers", do.validate()),
        jobs.run(content, PLAN, "Check", do.check()),
    ]
    review = [
        *checks,
        jobs.run(content, PLAN, "Plan", do.plan(PLAN_TEXT), condition="succeededOrFailed()"),
        jobs.template(jobs.COMMENT, file=PLAN_TEXT),
    ]
    sealed = [
        *checks,
        jobs.run(content, PLAN, "Plan", do.plan(PLAN_JSON)),
        jobs.run(content, PLAN, "Plan for people", do.plan(PLAN_TEXT)),
        jobs.template(jobs.COMMENT, file=PLAN_TEXT),
        {"publish": PLAN_JSON, "artifact": PLAN, "displayName": "Keep the plan"},
    ]
    carry_out = [
        {"download": "current", "artifact": PLAN, "displayName": "Fetch the plan"},
        jobs.run(
            content, content.deploys, "Carry out the plan", do.apply(f'"$(Pipeline.Workspace)/{PLAN}/{PLAN_JSON}"')
        ),
        jobs.run(content, content.deploys, "Migrations", "\n".join(map(do.migrated, content.it.environments))),
        jobs.run(content, content.deploys, "Smoke tests", "\n".join(map(do.smoke_tested, content.it.environments))),
    ]
    approvals = {f"approve_{name}": name for name in content.it.environments if name != content.deploys}
    approved = [
        jobs.stage(
            stage,
            [PLAN],
            "",
            [jobs.approval(content, stage, name, f"The plan is approved for {name}.")],
        )
        for stage, name in approvals.items()
    ]
    stages = [
        jobs.stage("review", [], "eq(variables['Build.Reason'], 'PullRequest')", [jobs.job("review", review)]),
        jobs.stage(PLAN, [], jobs.on_branch(content), [jobs.job(PLAN, sealed)]),
        *approved,
        jobs.stage("deploy", [PLAN, *approvals], "", [jobs.deploying(content, "deploy", content.deploys, carry_out)]),
    ]
    return jobs.pipeline(content, content.file, content.folder, stages=stages)
