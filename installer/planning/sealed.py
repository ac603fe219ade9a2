"""A plan that binds: read from its JSON file, and compared with a new one before the first write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from installer.answers.draft import Draft, answers_as_json
from installer.answers.model import Answers
from installer.cloud.target import REHEARSAL
from installer.errors import PlanOutdated, UsageError
from installer.invocation import command
from installer.json_access import as_object, as_text, objects_of
from installer.planning.digest import digest_of
from installer.planning.model import Change, PropertyChange, seal_of
from installer.planning.moved import deployed_since, moved_facts
from installer.sanitize import printable
from installer.steps.approved_plan import mark_of_plan

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
        changes: Changes of the plan.
        deployments: As in the plan; None in the file of a version that did not record them.
        target: The cloud in which it was made: its name, its endpoint, or REHEARSAL.

    """

    answers: Answers
    draft: Draft
    templates: Mapping[str, str]
    changes: tuple[Change, ...]
    deployments: Mapping[str, str] | None
    digest: str
    made: str
    installer: str
    target: str

    def check_target(self, cloud: str) -> None:
        """Refuse another cloud than that of the plan, before anything is asked of it. Raises UsageError."""
        if self.target == REHEARSAL:
            raise UsageError(
                f"this plan was made in a rehearsal, against the embedded Azure, and apply deploys to Azure: "
                f"{command('plan')} F -o FILE.json makes a plan that binds; "
                f"{command('rehearse')} --answers F --yes rehearses these answers"
            )
        if self.target.rstrip("/") != cloud.rstrip("/"):
            raise UsageError(
                f"this plan was made in the cloud {self.target}, and apply would deploy to {cloud}: "
                f"apply it with --cloud {self.target}, or make a plan with --cloud {cloud}"
            )

    def check(self, now: Plan) -> None:
        """Compare with the plan as it is made now. Raises PlanOutdated with everything that has moved."""
        moved = list(self._moved(now))
        if not moved:
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
        own = {key for key, mark in now.plans.items() if mark == mark_of_plan(self.digest)}
        since = deployed_since(self.deployments, now.deployments)
        yield from moved_facts(self.changes, now.changes, since & own)


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
        tuple(changes),
        _texts(content.get("deployments")) if "deployments" in content else None,
        digest,
        printable(as_text(content.get("made"))),
        printable(as_text(content.get("installer"))),
        printable(as_text(content.get("target"))),
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
        family=str(raw.get("family")),  # type: ignore[arg-type]  # likewise
        title=as_text(raw.get("title")),
    )
