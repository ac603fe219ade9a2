"""Workflow of the infrastructure: the plan on a pull request, and on the branch its approval by each environment and its run."""

from typing import Any

from installer.handover.pipelines.commands import PLAN_JSON, PLAN_TEXT, Commands
from installer.handover.pipelines.content import PLAN, Content
from installer.handover.pipelines.github import jobs
from installer.handover.pipelines.yaml_text import action


def infrastructure(content: Content, path: str) -> dict[str, Any]:
    """The workflow; `path`: its own."""
    do = Commands(content)
    checks = [
        jobs.run("Validate the answers", do.validate()),
        jobs.run("Check", do.check()),
    ]
    review = [
        *checks,
        jobs.run("Plan", do.plan(PLAN_TEXT), **{"if": "${{ !cancelled() }}"}),
        *jobs.comment(content, "Plan", PLAN_TEXT),
    ]
    sealed = [
        *checks,
        jobs.run("Plan", do.plan(PLAN_JSON)),
        jobs.run("Plan for people", do.plan(PLAN_TEXT)),
        jobs.comment(content, "Plan", PLAN_TEXT)[0],
        {
            "name": "Keep the plan",
            "uses": action("actions/upload-artifact"),
            "with": {"name": PLAN, "path": PLAN_JSON, "if-no-files-found": "error", "retention-days": 5},
        },
    ]
    carry_out = [
        {"name": "Fetch the plan", "uses": action("actions/download-artifact"), "with": {"name": PLAN}},
        jobs.run("Carry out the plan", do.apply(PLAN_JSON)),
        jobs.run("Migrations", "\n".join(map(do.migrated, content.it.environments))),
        jobs.run("Smoke tests", "\n".join(map(do.smoke_tested, content.it.environments))),
    ]
    approvals = {
        f"approve-{name}": jobs.approval(content.environment(name), f"The plan is approved for {name}.", PLAN)
        for name in content.it.environments
        if name != content.deploys
    }
    return jobs.workflow(
        content,
        "infrastructure",
        jobs.on_changes(content, path),
        {
            "review": jobs.job(content, PLAN, review, when=jobs.own_pull_request(), rights={"pull-requests": "write"}),
            PLAN: jobs.job(content, PLAN, sealed, when=jobs.on_branch(content)),
            **approvals,
            "deploy": {
                **jobs.job(content, content.deploys, carry_out, needs=(PLAN, *approvals)),
                # One run at a time; a second one waits, and its plan is refused if the first has changed what it rests on.
                "concurrency": {"group": f"flowforge-{content.prefix}", "cancel-in-progress": False},
            },
        },
    )
