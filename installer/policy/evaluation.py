"""The evaluation of a policy rule: what its expressions and conditions read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from installer.policy.fields import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.jsontypes import Json


@dataclass(frozen=True)
class Evaluation:
    """One rule on one subject.

    Attributes:
        subject: The resource whose fields conditions read.
        now: The current moment, in seconds since 1970.
        policy: Result of policy().
        requested: The resource that field() reads; in an existence condition not the subject.
        elements: The element that replaces an array inside `count`, by lower-case alias with `[*]`.
        counted: Elements of value counts, by lower-case name.
        innermost: The element that current() without a name returns.

    """

    subject: Subject
    now: float
    policy: Mapping[str, Json] = field(default_factory=dict)
    requested: Subject | None = None
    elements: Mapping[str, Json] = field(default_factory=dict)
    counted: Mapping[str, Json] = field(default_factory=dict)
    innermost: Json = None


NOTHING: Final = Evaluation(Subject("", "", "", "", {}), 0)
"""For expressions without functions of the request."""
