"""The plan that a run carries out: what it sets back although its inputs are the same, and the mark of its deployments.

A stage that was deployed with the same inputs is up to date for a run. Changes that others have made to its resources since are
known to a plan only, which asks what-if; so a run that begins from a plan deploys these stages, too.
"""

from dataclasses import dataclass
from typing import Final

from installer.json_access import as_object, as_text
from installer.jsontypes import Json

PLAN_TAG: Final = "flowforge-plan"
"""Tag of a deployment with the mark of the plan for which it was sent."""
_MARK: Final = 32
"""Characters of the digest that the tag has."""


@dataclass(frozen=True)
class ApprovedPlan:
    """A plan that was shown or approved before a run.

    Attributes:
        digest: Its digest, "" if there is no plan.
        stages: Keys of the stages whose resources it changes.

    """

    digest: str = ""
    stages: frozenset[str] = frozenset()

    @property
    def mark(self) -> str:
        """Value of the tag of its deployments, "" without a plan."""
        return mark_of_plan(self.digest)

    def as_json(self) -> Json:
        """As a journal keeps it."""
        stages: list[Json] = [*sorted(self.stages)]
        return {"digest": self.digest, "stages": stages}

    @classmethod
    def of(cls, fact: Json) -> "ApprovedPlan":
        """From a journal; a run without a plan has none."""
        content = as_object(fact)
        stages = content.get("stages")
        keys = frozenset(one for one in stages if isinstance(one, str)) if isinstance(stages, list) else frozenset()
        return cls(as_text(content.get("digest")), keys)


def mark_of_plan(digest: str) -> str:
    """Value of the tag for the digest of a plan."""
    return digest[:_MARK]


NO_PLAN: Final = ApprovedPlan()
"""For a run that begins without a plan."""
