"""Plan of a run: the whole estate, compared with the resources in Azure.

A stage whose resource groups do not exist yet can only create resources, and Azure's what-if would refuse it. For the
other stages Azure is queried. Read-only.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.estate.egress import Egress, egress
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, Outputs, template
from installer.estate.resources import Planned, Stage, critical_seconds, estate
from installer.jsontypes import Json
from installer.steps.changed_answers import changes_from, existing, former_answers, left_over_sentences
from installer.steps.deployed_outputs import known_outputs
from installer.steps.live_parameters import current, kept

SIGNS = {"create": "+", "change": "~", "same": "=", "delete": "-", "unknown": "?"}
_WORDS = {
    "create": "create",
    "modify": "change",
    "deploy": "unknown",
    "unsupported": "unknown",
    "nochange": "same",
    "noeffect": "same",
    "delete": "delete",
}
"""ARM's changeType; resources that it ignores do not belong to FlowForge and are left out."""


@dataclass(frozen=True)
class Change:
    """Change of one resource.

    Attributes:
        change: create, change, same, delete or unknown.
        paths: dotted paths of the properties that would change.

    """

    id: str
    type: str
    name: str
    group: str
    stage: str
    change: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The plan: every resource with its change.

    Attributes:
        usual: expected duration in seconds.
        not_checked: stages that could only be compared in part, with the reason.
        egress: targets that an existing firewall must allow; empty without one.
        blocked: changes of the answers that Azure does not make, as sentences; a run with them sends nothing.
        left_over: resources that the answers no longer ask for, as sentences.
        kept: resources with the names of the properties that others have set and that a run keeps.

    """

    subscription: str
    target: str
    usual: float
    changes: tuple[Change, ...]
    not_checked: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    egress: tuple[Egress, ...] = ()
    blocked: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The plan as JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def make_plan(answers: Answers, arm: Arm, progress: Callable[[str], None] = lambda _text: None) -> Plan:
    """Compare the estate with Azure. Queries Azure, so not for the UI thread. Raises AzureRefused."""
    progress("asking Azure which resource groups exist")
    stages = estate(answers)
    subscriptions = {_subscription(resource) for stage in stages for resource in stage.resources}
    groups = {(subscription, name) for subscription in sorted(subscriptions) for name in arm.groups(subscription)}
    outputs = known_outputs(arm, answers)
    changes: list[Change] = []
    not_checked: list[str] = []
    by_others: list[str] = []
    for stage in stages:
        needed = {(_subscription(one), one.group.lower()) for one in stage.resources if one.group}
        created_here = {(_subscription(one), one.name.lower()) for one in stage.resources if not one.group}
        if not needed & groups or needed - groups - created_here:
            changes += [_created(stage, index) for index in range(len(stage.resources))]
            continue
        progress(f"asking Azure what {stage.spec.title} would change")
        if missing := [need for need in stage.spec.needs if need not in outputs]:
            not_checked.append(f"{stage.spec.title}: {', '.join(missing)} has not been deployed yet")
        values, settings = kept(arm, stage.spec)
        by_others += [one.sentence for one in settings]
        changes += _what_if(stage, arm, {**PLACEHOLDER_OUTPUTS, **outputs}, values)
    progress("comparing the answers with those of the last run")
    changed = existing(arm, changes_from(former_answers(arm, answers), answers), outputs)
    counts = Counter(change.change for change in changes)
    usual = critical_seconds(stages) if counts["create"] or counts["change"] else 0.0
    return Plan(
        answers.subscription.subscription,
        arm.target.cloud,
        usual,
        tuple(changes),
        tuple(not_checked),
        dict(counts),
        egress(answers),
        tuple(changed.refusals()),
        tuple(left_over_sentences(changed.left_over)),
        tuple(by_others),
    )


def _subscription(resource: Planned) -> str:
    return resource.id.split("/")[2].lower()


def _created(stage: Stage, index: int) -> Change:
    resource = stage.resources[index]
    return Change(resource.id, resource.type, resource.name, resource.group, stage.spec.key, "create")


def _what_if(stage: Stage, arm: Arm, outputs: Outputs, by_others: dict[str, Json]) -> list[Change]:
    spec = stage.spec
    changes = arm.what_if(
        spec.deployment_name,
        location=spec.location,
        template=template(spec.stage),
        parameters={**spec.parameters(outputs), **current(arm, spec), **by_others, **spec.unknown},
    )
    found: list[Change] = []
    for change in changes:
        word = _WORDS.get(str(change.get("changeType", "")).lower())
        resource = str(change.get("resourceId", ""))
        kind, name, group = parts_of(resource)
        if word is not None and kind.lower() != "microsoft.resources/deployments":
            found.append(Change(resource, kind, name, group, spec.key, word, _paths(change.get("delta"))))
    return found


def parts_of(resource_id: str) -> tuple[str, str, str]:
    """Type, name and resource group of a resource id; for an extension resource, those of the extension."""
    scope, found, own = resource_id.rpartition("/providers/")
    words = (scope if found else resource_id).strip("/").split("/")
    group = words[3] if len(words) > 3 and words[2].lower() == "resourcegroups" else ""
    if not found or "/" not in own:
        return "Microsoft.Resources/resourceGroups", group, ""
    namespace, *rest = own.split("/")
    return "/".join([namespace, *rest[0::2]]), "/".join(rest[1::2]), group


def _paths(delta: Json, before: str = "") -> tuple[str, ...]:
    """Dotted paths of the properties that would change."""
    found: list[str] = []
    for item in delta if isinstance(delta, list) else []:
        if isinstance(item, dict) and str(item.get("propertyChangeType", "")).lower() != "noeffect":
            path = f"{before}{item.get('path', '')}"
            found += _paths(item.get("children"), f"{path}.") or (path,)
    return tuple(found)
