"""Effects that change a request before anything is denied: append and modify (effect-append, effect-modify).

Which aliases a version of a provider lets policies modify is not published with the definitions: every alias counts as
modifiable, unless the version's schema lacks the property.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, member, objects_of
from installer.policy.fields import ELEMENTS, is_tag, path_of
from installer.policy.operators import equals
from installer.policy.writing import ConflictError, changed
from installer.type_schemas.schemas import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.json_access import JsonObject
    from installer.jsontypes import Json
    from installer.policy.book import Rule
    from installer.policy.evaluation import Evaluation
    from installer.policy.fields import Subject

_MACHINES: Final = {"microsoft.compute/virtualmachines", "microsoft.compute/virtualmachinescalesets"}


@dataclass(frozen=True)
class FieldChange:
    """One field that a rule sets.

    Attributes:
        field: The field as the rule spells it.
        value: None removes the field.
        replace: Whether another value of the request gives way.
        conflict: What happens when it cannot be set: deny, audit or disabled.

    """

    rule: Rule
    field: str
    value: Json
    replace: bool = False
    conflict: str = "deny"


def changes_of(rule: Rule, effect: str, evaluation: Evaluation) -> Iterator[FieldChange]:
    """The changes that a rule, whose condition is true, makes to its subject."""
    details = rule.definition.details
    if effect == "append":
        for item in objects_of(details):
            yield FieldChange(
                rule, as_text(rule.value(item.get("field"), evaluation)), rule.value(item.get("value"), evaluation)
            )
        return
    conflict = as_text(rule.value(member(details, "conflictEffect"), evaluation), "deny").lower()
    operations = objects_of(member(details, "operations"))
    if any(as_text(item.get("field")).lower() == "identity.type" for item in operations) and (
        evaluation.subject.type.lower() not in _MACHINES
    ):
        return
    for item in operations:
        condition = rule.value(item.get("condition", True), evaluation)
        if condition is False or as_text(condition).lower() == "false":
            continue
        operation = as_text(item.get("operation")).lower()
        field = as_text(rule.value(item.get("field"), evaluation))
        value = None if operation == "remove" else rule.value(item.get("value"), evaluation)
        yield FieldChange(rule, field, value, operation != "add", conflict)


def apply_changes(subject: Subject, changes: list[FieldChange]) -> tuple[JsonObject, list[FieldChange], list[Rule]]:
    """A subject's body with all changes made.

    Returns:
        The body, the changes that were made, and the rules that deny the request because theirs could not be made.

    """
    content = subject.content
    made: list[FieldChange] = []
    denying: dict[int, Rule] = {}
    for change in _without_rivals(changes, denying):
        if not _settable(subject, change.field):
            _fall_back(change, denying)
            continue
        try:
            after = changed(content, subject.type, change.field, change.value, replace=change.replace)
        except ConflictError:
            _fall_back(change, denying)
            continue
        if after != content:
            content = after
            made.append(change)
    return content, made, list(denying.values())


def _fall_back(change: FieldChange, denying: dict[int, Rule]) -> None:
    if change.conflict == "deny":
        denying[id(change.rule)] = change.rule


def _without_rivals(changes: list[FieldChange], denying: dict[int, Rule]) -> list[FieldChange]:
    """The changes without those that lose a field to another rule; several rules that insist on it deny the request."""
    lost: set[int] = set()
    fields: dict[str, list[FieldChange]] = {}
    for change in changes:
        if not change.field.endswith(ELEMENTS):
            fields.setdefault(change.field.lower(), []).append(change)
    for rivals in fields.values():
        if all(equals(item.value, rivals[0].value) for item in rivals):
            continue
        insisting = {id(item.rule): item.rule for item in rivals if item.conflict == "deny"}
        if len(insisting) > 1:
            denying |= insisting
        lost |= {id(item.rule) for item in rivals if len(insisting) != 1 or id(item.rule) not in insisting}
    return [change for change in changes if id(change.rule) not in lost]


def _settable(subject: Subject, field: str) -> bool:
    """Whether the version of the request has the property that an alias names."""
    steps = path_of(subject.type, field)
    shape = shape_of(subject.type, subject.api_version)
    if is_tag(field) or "/" not in field or shape is None or not steps:
        return True
    return any(shape.has(path) for path in (("properties", *steps), steps))


def with_content(subject: Subject, content: JsonObject) -> Subject:
    """The subject with another body."""
    return replace(subject, content=content)
