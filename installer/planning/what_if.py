"""Comparison of the stages with Azure, by ARM what-if.

A stage whose resource groups do not exist yet can only create resources, and Azure's what-if would refuse it. For the
other stages Azure is queried. A stage that what-if refuses becomes a finding: a run would be refused in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from installer.cloud.error_causes import causes
from installer.cloud.errors import UNAUTHORIZED, AzureRefused
from installer.cloud.rest import ACCESS_DENIED
from installer.conventions.counts import counted
from installer.estate import keys
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, template
from installer.estate.parameters.stage_spec import NOT_KNOWN
from installer.estate.resource_titles import Principals
from installer.estate.resources import deployed_stage, estate
from installer.planning.by_state import changes_by_state, family_of, subscription_of
from installer.planning.existing_state import UNREGISTERED
from installer.planning.id_parts import parts_of
from installer.planning.model import Change
from installer.planning.property_changes import is_write_only, property_changes
from installer.planning.what_if_findings import RIGHT, may_not_ask, refusal, unmade_changes
from installer.resource_id import GROUP_TYPE
from installer.steps.live_parameters import current, kept
from installer.waiting import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.estate.parameters import Outputs, StageSpec
    from installer.estate.resources import Stage
    from installer.jsontypes import Json
    from installer.planning.model import Word
    from installer.preflight.model import Finding

_WORDS: Final[Mapping[str, Word]] = {
    "create": "create",
    "modify": "change",
    "deploy": "unknown",
    "unsupported": "unknown",
    "nochange": "same",
    "noeffect": "same",
    "delete": "delete",
    "ignore": "foreign",
}
"""Word by ARM's changeType."""
_PARALLEL: Final = 6
"""What-ifs that are asked side by side: each takes seconds, and the requests of one subscription are limited together."""


@dataclass
class Compared:
    """Result of the comparison of all stages.

    Attributes:
        kept: Sentences about settings of others that a run keeps.
        noise: Number of differences that are noise.
        bodies: What a run would send for a resource, else its state, by ID: titles name roles and principals of them.

    """

    changes: list[Change] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    noise: int = 0
    bodies: dict[str, Json] = field(default_factory=dict)

    def add(self, other: Compared) -> None:
        """Append the result of a further stage."""
        self.changes += other.changes
        self.not_checked += other.not_checked
        self.kept += other.kept
        self.findings += other.findings
        self.noise += other.noise
        self.bodies |= other.bodies


def compare_stages(
    answers: Answers,
    arm: Arm,
    outputs: Mapping[str, Mapping[str, Json]],
    written: Mapping[str, frozenset[str]],
    progress: Callable[[str], None],
) -> Compared:
    """Compare every stage with Azure, side by side; the results are in the order of the stages. Queries Azure.

    Args:
        answers: The answers.
        arm: Azure Resource Manager.
        outputs: Outputs of deployed stages by key.
        written: Names of the secrets by stage key that its vault already has; what-if is not asked about them.
        progress: Reports what is being done.

    Raises:
        AzureRefused: Azure cannot be reached or read.

    """
    progress("asking Azure which resource groups exist")
    stages = estate(answers)
    subscriptions = {subscription_of(resource) for stage in stages for resource in stage.resources}
    groups = {(subscription, name) for subscription in sorted(subscriptions) for name in arm.groups(subscription)}
    if keys.FOUNDATION in outputs:  # in a first installation, no identity is known
        given = {**PLACEHOLDER_OUTPUTS, **outputs}
        stages = tuple(one if _can_be_asked(one, groups) else deployed_stage(answers, one, given) for one in stages)
    result = Compared()
    if asked := sum(_can_be_asked(stage, groups) for stage in stages):
        progress(f"asking Azure what {counted(asked, 'deployment')} would change")
    compare = partial(_stage, arm=arm, groups=groups, outputs=outputs, written=written)
    with Workers(_PARALLEL, "what-if") as pool:
        for one in pool.map(compare, stages):
            result.add(one)
    found = _once(result.changes, {resource.id.lower() for stage in stages for resource in stage.resources})
    principals = Principals.of(answers, {**PLACEHOLDER_OUTPUTS, **outputs}).with_owners(result.bodies)
    result.changes = [
        one if one.title else replace(one, title=principals.title(one.id, one.type, result.bodies.get(one.id)))
        for one in found
    ]
    return result


def _can_be_asked(stage: Stage, groups: set[tuple[str, str]]) -> bool:
    """Whether all resource groups of a stage exist, other than those that it creates itself."""
    needed = {(subscription_of(one), one.group.lower()) for one in stage.resources if one.group}
    created_here = {(subscription_of(one), one.name.lower()) for one in stage.resources if not one.group}
    return bool(needed & groups) and not needed - groups - created_here


def _stage(
    stage: Stage,
    arm: Arm,
    groups: set[tuple[str, str]],
    outputs: Mapping[str, Mapping[str, Json]],
    written: Mapping[str, frozenset[str]],
) -> Compared:
    """The comparison of one stage."""
    result = Compared()
    if not _can_be_asked(stage, groups):
        result.changes += list(
            changes_by_state(stage, arm, groups, result.not_checked, "until its other resource groups exist")
        )
        return result
    if missing := [need for need in stage.spec.needs if need not in outputs]:
        result.not_checked.append(f"{stage.spec.title}: {', '.join(missing)} has not been deployed yet")
    values = _kept(stage, arm, result)
    secure = _secure(stage.spec, written.get(stage.spec.key, frozenset()))
    until = _compare(stage, arm, {**PLACEHOLDER_OUTPUTS, **outputs}, {**values, **secure}, result)
    if until:
        result.changes += list(changes_by_state(stage, arm, groups, result.not_checked, until))
    return result


def _secure(spec: StageSpec, written: frozenset[str]) -> dict[str, Json]:
    """Placeholders of the secure parameters of a stage, without secrets that its vault already has."""
    if not spec.into_vault or not written:
        return spec.unknown
    return spec.secure({name: NOT_KNOWN for name in spec.secrets if name not in written})


def _kept(stage: Stage, arm: Arm, result: Compared) -> dict[str, Json]:
    """Parameters with settings of others; without the right to read them, the plan names the gap."""
    try:
        values, settings = kept(arm, stage.spec)
    except AzureRefused as refused:
        if refused.status not in ACCESS_DENIED:
            raise
        reason = str(refused).splitlines()[0]
        result.not_checked.append(f"{stage.spec.title}: settings of others cannot be read: {reason}")
        return {}
    result.kept += [one.sentence for one in settings]
    return values


def _compare(stage: Stage, arm: Arm, outputs: Outputs, given: dict[str, Json], result: Compared) -> str:
    """Ask what-if about a stage; returns why that is not possible, "" if it was answered."""
    spec = stage.spec
    try:
        changes = arm.what_if(
            spec.deployment_name,
            location=spec.location,
            template=template(spec.stage),
            parameters={**spec.parameters(outputs), **current(arm, spec), **given},
        )
    except AzureRefused as refused:
        if refused.transient or refused.error is None or refused.status == UNAUTHORIZED:
            raise  # no judgement of the deployment
        if {cause.code for cause in causes(refused.error)} == {UNREGISTERED}:
            result.not_checked.append(
                f"{spec.title}: what changes, until the run has registered the resource providers"
            )
            return "until then"
        if may_not_ask(refused):
            return f"as this account may not ask what-if ({RIGHT})"
        result.findings.append(refusal(stage, refused))
        return ""
    for raw in changes:
        word = _WORDS.get(str(raw.get("changeType", "")).lower())
        resource = str(raw.get("resourceId", ""))
        kind, name, group = parts_of(resource)
        if word is None or kind.lower() == "microsoft.resources/deployments":
            continue
        result.bodies[resource] = raw.get("after") or raw.get("before")
        properties, noise = property_changes(raw.get("delta"), kind)
        result.noise += len(noise)
        hidden = [path for path in noise if is_write_only(kind, path)]
        result.not_checked += [f"{name}: {path}: Azure does not return this value" for path in hidden]
        if word == "change" and not properties and noise:
            word = "same"
        paths = tuple(one.path for one in properties)
        where = spec.environment or ""
        unmade = list(unmade_changes(raw, kind, spec.deployment_name))
        result.findings += unmade
        word = "blocked" if unmade else word
        family = family_of(kind)
        result.changes.append(
            Change(resource, kind, name, group, spec.key, word, paths, tuple(properties), where, family, noise=noise)
        )
    return ""


def _once(changes: list[Change], planned: set[str]) -> list[Change]:
    """Resources that what-if ignores, once each, without those of other stages and without parts of other resources."""
    found: list[Change] = []
    seen: set[str] = set()
    for change in changes:
        key = change.id.lower()
        if change.change == "foreign":
            part = any(key.startswith(f"{one}/") for one in planned if "/providers/" in one)
            if key in planned or key in seen or part or change.type.lower() == GROUP_TYPE.lower():
                continue
            seen.add(key)
        found.append(change)
    return found
