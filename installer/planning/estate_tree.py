"""The planned resources as a tree: deployment, resource, and the properties of its definition. Pure.

A definition is as the templates have it before a run: values that only the run knows are marked, secrets among them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from installer.estate.resource_titles import labelled
from installer.estate.resources import predicted
from installer.planning.branch import Branch, shown
from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from installer.answers.model import Answers
    from installer.estate.resources import Planned, Stage
    from installer.jsontypes import Json

LATER: Final = "known during the run"
_PLACEHOLDER: Final = re.compile(r"0{8}-0{4}-0{4}-0{4}-0{7}\d{5}\Z")
"""Object and client IDs of identities before they exist: PLACEHOLDER_OUTPUTS."""
_HEAD: Final = ("id", "type", "name")
"""Members that the line of the resource shows, or that come first."""


def estate_branches(answers: Answers, stages: Sequence[Stage]) -> tuple[Branch, ...]:
    """Deployments with their resources, open; the properties of a resource are folded."""
    return tuple(
        Branch(
            stage.spec.key,
            "",
            printable(stage.spec.title),
            str(len(stage.resources)),
            tuple(_resource(one, bodies) for one in stage.resources),
            opens=True,
        )
        for stage in stages
        for bodies in [{str(body["id"]): body for body in predicted(answers, stage.spec)}]
    )


def _resource(one: Planned, bodies: Mapping[str, Mapping[str, Json]]) -> Branch:
    body, key = bodies.get(one.id, {}), f"{one.stage}/{one.id}"
    head = (
        Branch(f"{key}/id", "", printable(f"id: {one.id}")),
        Branch(f"{key}/type", "", printable(f"type: {one.type}")),
    )
    members = {name: value for name, value in body.items() if name not in _HEAD}
    text = printable(labelled(one.title, one.name, one.type))
    return Branch(key, "+", text, printable(one.group), (*head, *_members(key, members)))


def _members(key: str, members: Mapping[str, Json]) -> Iterator[Branch]:
    for name, value in members.items():
        where = f"{key}/{name}"
        if isinstance(value, dict) and value:
            yield Branch(where, "", printable(name), children=tuple(_members(where, value)), opens=name == "properties")
        elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
            items: dict[str, Json] = {str(number): item for number, item in enumerate(value, 1)}
            yield Branch(where, "", printable(name), str(len(value)), tuple(_members(where, items)))
        else:
            yield Branch(where, "", printable(f"{name}: {_value(value)}"))


def _value(value: Json) -> str:
    if isinstance(value, str) and (value.startswith("[") or _PLACEHOLDER.match(value)):
        return LATER
    return shown(value)
