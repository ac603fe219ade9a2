"""Bodies of all resources that the templates would deploy for given answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from installer.answers.model import Answers
from installer.arm_templates import Context, Scope, expand
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages, template
from installer.jsontypes import Json


@dataclass(frozen=True)
class PlannedBody:
    """A planned resource with its body; what only the run knows is an expression in brackets."""

    id: str
    type: str
    name: str
    api_version: str
    body: dict[str, Json]


def planned_bodies(answers: Answers) -> Iterator[PlannedBody]:
    """All resources, stage by stage."""
    scope = Scope("subscription", answers.subscription.tenant, answers.subscription.subscription)
    for spec in stages(answers):
        parameters = {**spec.parameters(PLACEHOLDER_OUTPUTS), **spec.unknown}
        plan = expand(template(spec.stage), parameters, Context(scope, spec.deployment_name, spec.location))
        for raw in plan.predict():
            yield PlannedBody(
                str(raw["id"]),
                str(raw["type"]),
                str(raw["name"]).rpartition("/")[2],
                str(raw.get("apiVersion", "")),
                {key: item for key, item in raw.items() if key not in {"id", "type", "name", "apiVersion"}},
            )
