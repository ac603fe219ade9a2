"""Bodies of all resources that the templates would deploy for given answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from installer.answers.model import Answers
from installer.estate.parameters import stages
from installer.estate.resources import predicted
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
    for spec in stages(answers):
        for raw in predicted(answers, spec):
            yield PlannedBody(
                str(raw["id"]),
                str(raw["type"]),
                str(raw["name"]).rpartition("/")[2],
                str(raw.get("apiVersion", "")),
                {key: item for key, item in raw.items() if key not in {"id", "type", "name", "apiVersion"}},
            )
