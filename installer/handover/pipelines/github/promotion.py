"""Workflow of a promotion: the difference of two environments, the approval of the one that changes, the promotion, and its proof."""

from typing import Any

from installer.handover.pipelines.commands import ANSWERS, PROMOTION, SOURCE, TARGET, Commands
from installer.handover.pipelines.content import PLAN, Content
from installer.handover.pipelines.github import jobs


def promotion(content: Content) -> dict[str, Any]:
    """The workflow. The installation is deployed by the identity of the environment that approves last."""
    do = Commands(content)
    options = [content.environment(name) for name in content.it.environments]
    inputs = {
        name: {"description": text, "type": "choice", "required": True, "options": options}
        for name, text in (("from", "Environment whose images are promoted"), ("to", "Environment that gets them"))
    }
    env = {"CHOSEN_FROM": "${{ inputs.from }}", "CHOSEN_TO": "${{ inputs.to }}"}
    chosen = jobs.run(
        "Environments",
        f'echo "{SOURCE}=${{CHOSEN_FROM##*-}}" >> "$GITHUB_ENV"\necho "{TARGET}=${{CHOSEN_TO##*-}}" >> "$GITHUB_ENV"',
    )
    review = [chosen, jobs.run("Difference and plan", do.promotion_plan()), jobs.on_page("Difference", PROMOTION)]
    carry_out = [
        chosen,
        jobs.run("Take over the installation", do.take_over()),
        jobs.run("Smoke tests of the source", do.prove()),
        jobs.run("Promote", do.promote()),
        jobs.run("Migrations", do.migrated(f"${TARGET}")),
        jobs.run("Smoke tests", do.smoke_tested(f"${TARGET}")),
        jobs.run("Changed answers", do.changed_answers()),
        jobs.on_page("Answers to merge", ANSWERS),
    ]
    last = content.environment(content.deploys)
    approved = (
        "${{ !cancelled() && needs.review.result == 'success' && "
        "(needs.approve.result == 'success' || needs.approve.result == 'skipped') }}"
    )
    return jobs.workflow(
        content,
        "promotion",
        {"workflow_dispatch": {"inputs": inputs}},
        {
            "review": jobs.job(content, PLAN, review, when=jobs.on_branch(content), env=env),
            "approve": {
                **jobs.approval("${{ inputs.to }}", "The promotion is approved.", "review"),
                "if": f"inputs.to != '{last}'",  # the job that promotes waits for the rules of this one itself
            },
            "promote": {
                **jobs.job(content, content.deploys, carry_out, needs=("review", "approve"), when=approved, env=env),
                "concurrency": {"group": f"flowforge-{content.prefix}", "cancel-in-progress": False},
            },
        },
    )
