"""Related resources of auditIfNotExists and deployIfNotExists (effect-deploy-if-not-exists)."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text
from installer.policy.fields import GROUP
from installer.policy.outcomes import EvaluationError, UndecidedError
from installer.resource_id import group_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from installer.policy.book import Rule
    from installer.policy.evaluation import Evaluation
    from installer.policy.fields import Subject

_DURATION: Final = re.compile(r"P(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)\Z", re.IGNORECASE)
DEFAULT_DELAY: Final = 600.0
_EXTENSIONS: Final = {
    "microsoft.insights/diagnosticsettings",
    "microsoft.insights/datacollectionruleassociations",
    "microsoft.authorization/locks",
    "microsoft.authorization/roleassignments",
    "microsoft.security/advancedthreatprotectionsettings",
    "microsoft.security/defenderforstoragesettings",
    "microsoft.guestconfiguration/guestconfigurationassignments",
    "microsoft.maintenance/configurationassignments",
}
"""Types that belong to the resource that they extend, not to its group."""


def delay(rule: Rule, evaluation: Evaluation) -> float:
    """Simulated seconds from the end of a write to the check; 0 for the AfterProvisioning values."""
    text = as_text(rule.detail("evaluationDelay", evaluation))
    if text.lower().startswith("afterprovisioning"):
        return 0.0
    found = _DURATION.match(text)
    if found is None:
        return DEFAULT_DELAY
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600.0 + minutes * 60.0 + seconds


def satisfied(rule: Rule, evaluation: Evaluation, of_type: Callable[[str], Iterable[Subject]]) -> bool:
    """Whether a related resource exists that fulfils the existence condition.

    Args:
        rule: A rule with an ...IfNotExists effect.
        evaluation: Its evaluation on the resource that was written.
        of_type: Existing resources of a type, with policy's name of the type.

    Raises:
        UndecidedError: The answer depends on values of the run.

    """
    undecided: UndecidedError | None = None
    test = rule.definition.existence
    for item in _related(rule, evaluation, of_type):
        try:
            if test is None or test(replace(evaluation, subject=item, requested=evaluation.subject)):
                return True
        except EvaluationError:
            continue
        except UndecidedError as found:
            undecided = found
    if undecided is not None:
        raise undecided
    return False


def _related(rule: Rule, evaluation: Evaluation, of_type: Callable[[str], Iterable[Subject]]) -> list[Subject]:
    subject = evaluation.subject
    kind = as_text(rule.detail("type", evaluation))
    found = list(of_type(kind))
    below = kind.lower().startswith(f"{subject.type.lower()}/") or kind.lower() in _EXTENSIONS
    if below:
        found = [item for item in found if item.id.lower().startswith(f"{subject.id.lower()}/")]
    else:
        home = subscription_of(subject.id).lower()
        found = [item for item in found if subscription_of(item.id).lower() == home]
        if kind.lower() != GROUP.lower() and (
            as_text(rule.detail("existenceScope", evaluation)).lower() != "subscription"
        ):
            group = as_text(rule.detail("resourceGroupName", evaluation)) or group_of(subject.id)
            found = [item for item in found if group_of(item.id).lower() == group.lower()]
    name = as_text(rule.detail("name", evaluation))
    return [item for item in found if not name or _named(item, name)]


def _named(found: Subject, wanted: str) -> bool:
    """Whether a resource has a name, whole or its last segment; `?` as the last segment means any."""
    full, pattern = found.full_name.lower(), wanted.lower()
    if pattern.endswith("/?"):
        pattern = f"{pattern[:-1]}*"
    return fnmatchcase(full, pattern) if "*" in pattern else pattern in {full, found.name.lower()}
