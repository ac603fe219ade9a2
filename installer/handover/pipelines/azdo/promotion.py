"""Pipeline of a promotion: the difference of two environments, the approval of the one that changes, the promotion, and its proof."""

from typing import Any

from installer.handover.pipelines.azdo import jobs
from installer.handover.pipelines.commands import ANSWERS, PROMOTION, SOURCE, TARGET, Commands
from installer.handover.pipelines.content import PLAN, Content


def promotion(content: Content) -> dict[str, Any]:
    """The pipeline. The installation is deployed by the connection of the environment that approves last."""
    do, names = Commands(content), [*content.it.environments]
    parameters = [
        {"name": name, "displayName": text, "type": "string", "default": default, "values": names}
        for name, text, default in (
            ("from", "Environment whose images are promoted", names[0]),
            ("to", "Environment that gets them", names[1]),
        )
    ]
    review = [
        jobs.run(content, PLAN, "Difference and plan", do.promotion_plan()),
        jobs.template(jobs.COMMENT, file=PROMOTION),
    ]
    steps = {
        "Take over the installation": do.take_over(),
        "Smoke tests of the source": do.prove(),
        "Promote": do.promote(),
        "Migrations": do.migrated(f"${TARGET}"),
        "Smoke tests": do.smoke_tested(f"${TARGET}"),
        "Changed answers": do.changed_answers(),
    }
    carry_out = [jobs.run(content, content.deploys, title, script) for title, script in steps.items()]
    # The stage that promotes waits for the approvals of its environment itself.
    approvals = {f"approve_{name}": name for name in names if name != content.deploys}
    approved = [
        jobs.stage(
            stage,
            ["review"],
            f"and(succeeded(), eq('${{{{ parameters.to }}}}', '{name}'))",
            [jobs.approval(content, stage, name, "The promotion is approved.")],
        )
        for stage, name in approvals.items()
    ]
    promote = jobs.deploying(
        content, "promote", content.deploys, [*carry_out, jobs.template(jobs.COMMENT, file=ANSWERS)]
    )
    stages = [
        jobs.stage("review", [], jobs.on_branch(content), [jobs.job("review", review)]),
        *approved,
        # Approvals of environments that were not chosen are skipped.
        jobs.stage("promote", ["review", *approvals], _WITH_SKIPPED, [promote]),
    ]
    found = jobs.pipeline(content, stages=stages, automatic=False)
    chosen = [{"name": SOURCE, "value": "${{ parameters.from }}"}, {"name": TARGET, "value": "${{ parameters.to }}"}]
    found["variables"] = [*found.get("variables", []), *chosen]
    return {"parameters": parameters, **found}


_WITH_SKIPPED = (
    "and(not(failed()), not(canceled()), in(dependencies.review.result, 'Succeeded', 'SucceededWithIssues'))"
)
