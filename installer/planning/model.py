"""Plan of a run as data: changes, their properties, findings, and the counts."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from installer.estate.resource_type_names import type_name
from installer.preflight.model import blocking
from installer.steps.approved_plan import ApprovedPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from installer.estate.egress import Egress
    from installer.jsontypes import Json
    from installer.planning.own_flows import OwnFlows
    from installer.preflight.model import Finding

Word = Literal["create", "change", "replace", "same", "delete", "left over", "foreign", "unknown", "wait", "blocked"]
Family = Literal["azure", "directory", "secret", "prefect", "dns", "approval"]

SIGNS: Final[Mapping[Word, str]] = {
    "create": "+",
    "change": "~",
    "replace": "-/+",
    "same": "=",
    "delete": "-",
    "left over": "!",
    "foreign": "·",
    "unknown": "?",
    "wait": "!",
    "blocked": "!",
}
WORDS: Final[Mapping[Word, str]] = {
    "create": "create",
    "change": "change",
    "replace": "replace",
    "same": "as is",
    "unknown": "not known in advance",
    "wait": "by others",
    "blocked": "blocked",
    "delete": "delete",
    "left over": "left over",
    "foreign": "not ours",
}
WRITES: Final = frozenset({"create", "change", "replace", "delete"})
"""Words of the changes that a run makes."""


@dataclass(frozen=True)
class PropertyChange:
    """Change of one property; a secret is never in it.

    Attributes:
        path: Dotted path.
        before: Value in Azure, None if there is none.
        after: Value that the run sends, None if it removes the property.

    """

    path: str
    before: Json = None
    after: Json = None


@dataclass(frozen=True)
class Change:
    """Change of one resource or object.

    Attributes:
        id: ID of the resource, or a stable name of the object.
        group: Resource group, "" outside of one.
        stage: Key of the stage or step that makes it.
        paths: Dotted paths of the properties that would change.
        properties: The same with their values, where these are known.
        environment: Its environment, "" for what all share.
        why: Reason in one line, "" if the change speaks for itself.
        noise: Dotted paths of the differences of what-if that no deployment makes.
        title: Title for people, "" if the name is one.

    """

    id: str
    type: str
    name: str
    group: str
    stage: str
    change: Word
    paths: tuple[str, ...] = ()
    properties: tuple[PropertyChange, ...] = ()
    environment: str = ""
    family: Family = "azure"
    why: str = ""
    noise: tuple[str, ...] = ()
    title: str = ""

    @property
    def shown(self) -> str:
        """Title for people."""
        return self.title or self.name

    @property
    def kind(self) -> str:
        """The last segment of the type."""
        return self.type.rpartition("/")[2]

    @property
    def type_title(self) -> str:
        """Name of the type in the portal."""
        return type_name(self.type)


@dataclass(frozen=True)
class Plan:
    """The plan: every resource and object with its change.

    Attributes:
        usual: Expected duration of the stages that it changes, in seconds.
        not_checked: What could not be checked, or only in part, with the reason.
        counts: Number of changes by word.
        egress: Targets that an existing firewall must allow; empty without one.
        blocked: Changes of the answers that Azure does not make, as sentences; a run with them sends nothing.
        left_over: Resources that the answers no longer ask for, as sentences.
        kept: Resources with the names of the properties that others have set and that a run keeps.
        findings: Findings of the checks and of the comparison itself.
        noise: Differences of what-if that no deployment makes, folded.
        low: Seconds that the run rarely falls below.
        high: Seconds that the run rarely exceeds.
        answers: The answers; secrets are references.
        sources: Source of each answer by its key.
        templates: Fingerprint of the compiled template by stage key.
        digest: Binds answers, templates and the facts that the plan rests on; see digest.py.
        made: Time in UTC, ISO 8601.
        account: The signed-in account, "" if unknown.
        flows: The customer's flows, which a run does not deploy.
        deployments: Time of the last deployment of each stage by FlowForge, by the key of the stage.
        plans: Mark of the plan for which that deployment was sent, by the key of the stage; see steps/approved_plan.py.
        registers: Resource providers that the run registers, with their subscription.
        set_back: Stages with changes of others that only a run of this plan sets back, as sentences.

    """

    subscription: str
    target: str
    usual: float
    changes: tuple[Change, ...]
    not_checked: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    egress: tuple[Egress, ...] = ()
    blocked: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    noise: int = 0
    low: float = 0.0
    high: float = 0.0
    answers: Mapping[str, Json] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    installer: str = ""
    made: str = ""
    account: str = ""
    flows: tuple[OwnFlows, ...] = ()
    deployments: Mapping[str, str] = field(default_factory=dict)
    plans: Mapping[str, str] = field(default_factory=dict)
    registers: tuple[str, ...] = ()
    set_back: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether a run with this plan would send nothing, or fail."""
        return bool(self.blocked) or blocking(self.findings)

    def approved(self, digest: str = "") -> ApprovedPlan:
        """The plan as a run carries it out; `digest`: that of the sealed plan that this one repeats."""
        stages = frozenset(one.stage for one in self.changes if one.change in WRITES and one.stage in self.templates)
        return ApprovedPlan(digest or self.digest, stages)

    def as_json(self) -> dict[str, Json]:
        """The plan as JSON."""
        found: dict[str, Json] = {**asdict(self), "findings": [finding.as_json() for finding in self.findings]}
        return found

    def to_json(self, more: Mapping[str, Json] | None = None) -> str:
        """The plan as the text of a JSON file, with a seal over all of it; `more` members follow."""
        content = {**self.as_json(), **(more or {})}
        return json.dumps({**content, "seal": seal_of(content)}, indent=2, ensure_ascii=False)


def seal_of(content: Mapping[str, Json]) -> str:
    """SHA-256 of the content of a plan file without its seal: what people have approved is more than what the digest binds."""
    rest = {name: value for name, value in content.items() if name != "seal"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def counts(changes: Iterable[Change]) -> dict[str, int]:
    """Number of changes by word."""
    return dict(Counter(change.change for change in changes))
