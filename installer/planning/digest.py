"""Digest of a plan: over the answers, the compiled templates, and the facts of Azure on which the plan rests.

A fact of a resource is its change, and the values of each property that what-if reports as different. So a change that others
make to the resource counts if, and only if, it changes what a run would do: one that a deployment leaves alone does not.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from installer.estate.parameters import stages
from installer.shipped_files import compiled_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from installer.answers.model import Answers
    from installer.jsontypes import Json
    from installer.planning.model import Change

_HEX: Final = 16
WITHOUT_FACTS: Final = frozenset({"foreign"})
"""Words of changes on which the plan does not rest."""


def template_hashes(answers: Answers) -> dict[str, str]:
    """Fingerprint of the compiled template by stage key."""
    return {
        spec.key: hashlib.sha256(compiled_template(spec.stage).read_bytes()).hexdigest()[:_HEX]
        for spec in stages(answers)
    }


def facts(changes: Iterable[Change]) -> dict[str, Json]:
    """Facts by the ID of the resource or object: its word, and before and after by property."""
    found: dict[str, Json] = {}
    for change in changes:
        if change.change in WITHOUT_FACTS:
            continue
        values: dict[str, Json] = dict.fromkeys(change.paths)
        values |= {one.path: {"before": one.before, "after": one.after} for one in change.properties}
        found[change.id.lower()] = {"change": change.change, "properties": values}
    return found


def digest_of(answers: Json, templates: Mapping[str, str], changes: Iterable[Change]) -> str:
    """SHA-256 in hexadecimal digits."""
    content: Json = {"answers": answers, "templates": dict(templates), "facts": facts(changes)}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
