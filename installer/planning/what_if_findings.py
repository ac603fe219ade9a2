"""Refusals of what-if, and changes that it predicts although Azure does not make them, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.cloud.error_causes import causes
from installer.cloud.error_explanations import explanation
from installer.cloud.rest import ACCESS_DENIED
from installer.immutable_properties import conflicts
from installer.json_access import as_object
from installer.planning.id_parts import parts_of
from installer.preflight.model import Finding, WayOut
from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.cloud.errors import AzureRefused
    from installer.estate.resources import Stage
    from installer.jsontypes import Json

RIGHT: Final = "Microsoft.Resources/deployments/whatIf/action"


def may_not_ask(refused: AzureRefused) -> bool:
    """Whether only the right to ask is missing, which is no judgement of the deployment."""
    found = list(causes(refused.error))
    return refused.status in ACCESS_DENIED and any(RIGHT.lower() in cause.message.lower() for cause in found)


def unmade_changes(raw: Mapping[str, Json], kind: str, where: str) -> Iterator[Finding]:
    """Changes of an existing resource that Azure does not make, although what-if predicts them."""
    before, after = as_object(raw.get("before")), as_object(raw.get("after"))
    resource = str(raw.get("resourceId", ""))
    for one in conflicts(kind, before, after) if before and after else ():
        if one.rule.ignored:
            continue
        yield Finding(
            "warns" if one.rule.occupied else "blocks",
            printable(f"{parts_of(resource)[1]}: {one.rule.label} stays {one.before}, not {one.after}"),
            resource,
            f"Azure refuses the change in {where}; {one.rule.downtime}",
            (WayOut(one.rule.work),),
            one.rule.code,
        )


def refusal(stage: Stage, refused: AzureRefused) -> Finding:
    """A finding with the innermost cause of the refusal."""
    cause = next(iter(causes(refused.error)), None)
    known = explanation(cause.code, cause.message) if cause else None
    text = cause.message if cause else str(refused).splitlines()[0]
    ways = (WayOut(known.remedy),) if known and known.remedy else ()
    return Finding(
        "blocks",
        f"Azure refuses {stage.spec.title}: {text}",
        stage.spec.deployment_name,
        "the deployment would be refused in the same way",
        ways,
        cause.code if cause else refused.code,
    )
