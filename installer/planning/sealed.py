"""A plan that binds: read from its JSON file, and compared with a new one before the first write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from installer.answers.draft import Draft, answers_as_json
from installer.answers.model import Answers
from installer.errors import PlanOutdated, UsageError
from installer.json_access import as_object, as_text, objects_of
from installer.planning.branch import shown
from installer.planning.digest import digest_of, facts
from installer.planning.model import Change, PropertyChange, seal_of
from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.jsontypes import Json
    from installer.planning.model import Plan

_MAX_BYTES: Final = 32 * 1024 * 1024
_MAX_SHOWN: Final = 20


@dataclass(frozen=True)
class SealedPlan:
    """Content of a plan file.

    Attributes:
        answers: The answers.
        draft: The same, with their sources.
        facts: As in digest.py.

    """

    answers: Answers
    draft: Draft
    templates: Mapping[str, str]
    facts: Mapping[str, Json]
    digest: str
    made: str
    installer: str

    def check(self, now: Plan) -> None:
        """Compare with the plan as it is made now. Raises PlanOutdated with everything that has moved."""
        moved = list(self._moved(now))
        if not moved and now.digest == self.digest:
            return
        shown_lines = [f"- {line}" for line in moved[:_MAX_SHOWN]]
        more = [f"- and {len(moved) - _MAX_SHOWN} more"] if len(moved) > _MAX_SHOWN else []
        head = (
            f"nothing was sent: reality has moved since the plan of {self.made}; make a new plan and have it approved"
        )
        raise PlanOutdated("\n".join([head, *shown_lines, *more]))

    def _moved(self, now: Plan) -> Iterator[str]:
        if now.answers != answers_as_json(self.answers):
            yield "the answers are others"
        for key in sorted({*self.templates, *now.templates}):
            if self.templates.get(key) != now.templates.get(key):
                yield f"the template of {key} is another one (flowforge-install {self.installer} → {now.installer})"
        found = facts(now.changes)
        for resource in sorted({*self.facts, *found}):
            yield from _moved_facts(resource, as_object(self.facts.get(resource)), as_object(found.get(resource)))


def _moved_facts(resource: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[str]:
    was, will = as_object(before.get("properties")), as_object(after.get("properties"))
    paths = [path for path in sorted({*was, *will}) if was.get(path, ...) != will.get(path, ...)]
    for path in paths:
        planned, found = as_object(was.get(path)), as_object(will.get(path))
        told = f"{shown(planned.get('before'))} → {shown(found.get('before'))}" if planned and found else ""
        words = told or ("differs now" if path in will else "no longer differs")
        yield printable(f"{resource}: {path}: {words}")
    if not paths and before.get("change") != after.get("change"):
        planned_word, word = before.get("change", "not in the plan"), after.get("change", "not in the plan")
        yield printable(f"{resource}: planned: {planned_word}, now: {word}")


def read_plan(path: Path) -> SealedPlan:
    """Read a plan file. Raises UsageError if it is none, or if it was changed after it was made."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if len(raw) > _MAX_BYTES:
        raise UsageError(f"{path}: larger than {_MAX_BYTES} bytes, the limit for a plan")
    try:
        content = as_object(json.loads(raw.decode("utf-8-sig")))
        changes = [_change(one) for one in objects_of(content.get("changes"))]
        answers = Answers.model_validate(content.get("answers"))
        given = answers_as_json(answers)
        templates = _texts(content.get("templates"))
        digest, own = digest_of(given, templates, changes), seal_of(content)
    except (ValueError, TypeError, RecursionError, ValidationError) as error:
        raise UsageError(f"{path}: not a plan; plan F -o FILE.json writes one") from error
    if (digest, own) != (as_text(content.get("digest")), as_text(content.get("seal"))):
        raise UsageError(f"{path}: its content does not belong to its digest; make the plan again")
    sources = _texts(content.get("sources"))
    only = [key for key, source in sources.items() if source not in ("preset", "default")] or None
    return SealedPlan(
        answers,
        Draft.of(answers, only=only),
        templates,
        facts(changes),
        digest,
        printable(as_text(content.get("made"))),
        printable(as_text(content.get("installer"))),
    )


def _texts(value: Json) -> dict[str, str]:
    return {name: item for name, item in as_object(value).items() if isinstance(item, str)}


def _change(raw: dict[str, Json]) -> Change:
    properties = tuple(
        PropertyChange(str(one.get("path")), one.get("before"), one.get("after"))
        for one in objects_of(raw.get("properties"))
    )
    paths = raw.get("paths")
    return Change(
        str(raw.get("id")),
        str(raw.get("type")),
        str(raw.get("name")),
        str(raw.get("group")),
        str(raw.get("stage")),
        str(raw.get("change")),  # type: ignore[arg-type]  # an unknown word differs from every word of the new plan
        tuple(map(str, paths)) if isinstance(paths, list) else (),
        properties,
    )
