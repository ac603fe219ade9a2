"""All resources that the templates would deploy for given answers.

Pure: the compiled templates are evaluated by the same engine as in the embedded Azure, without a cloud, so that the review
page shows the resources before sign-in.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from installer.answers.model import Answers
from installer.arm_templates import Context, Plan, Scope, expand
from installer.durations import NO_TIME, Duration, expected, usual_seconds
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, Outputs, StageSpec, stages, template
from installer.estate.resource_titles import Principals
from installer.estate.resource_type_names import type_name
from installer.jsontypes import Json
from installer.provider_needs import with_needs
from installer.recent_results import RecentResults
from installer.resource_id import GROUP_TYPE, group_of


@dataclass(frozen=True)
class Planned:
    """A planned resource.

    Attributes:
        group: Resource group, "" at subscription scope.
        usual: Usual duration in seconds.
        api_version: API version of the templates.
        title: Title for people, "" if the name is one.

    """

    id: str
    type: str
    name: str
    group: str
    stage: str
    usual: float
    api_version: str
    title: str = ""

    @property
    def shown(self) -> str:
        """Title for people."""
        return self.title or self.name

    @property
    def kind(self) -> str:
        """The last segment of the resource type."""
        return self.type.rpartition("/")[2]

    @property
    def type_title(self) -> str:
        """Name of the resource type in the portal."""
        return type_name(self.type)


@dataclass(frozen=True)
class Stage:
    """A stage of the estate.

    Attributes:
        took: Duration of its critical path, or what computes it: other answers are judged without it.

    """

    spec: StageSpec
    resources: tuple[Planned, ...]
    took: Duration | Callable[[], Duration]

    @cached_property
    def duration(self) -> Duration:
        """Duration of its critical path."""
        return self.took if isinstance(self.took, Duration) else self.took()

    @property
    def usual(self) -> float:
        """Usual duration in seconds."""
        return self.duration.usual


_estates: Final = RecentResults["tuple[Stage, ...]"](8)


def estate(answers: Answers) -> tuple[Stage, ...]:
    """The stages in order, with their resources. Takes about 0.1 s; the last few results are cached."""
    return _estates.of(answers.model_dump_json(), lambda: tuple(_stage(answers, spec) for spec in stages(answers)))


def resources(answers: Answers) -> Iterator[Planned]:
    """All resources, stage by stage."""
    return (resource for stage in estate(answers) for resource in stage.resources)


def critical_seconds(found: tuple[Stage, ...]) -> float:
    """Duration of the critical path of stages, in seconds."""
    return critical_duration(found).usual


def critical_duration(found: tuple[Stage, ...]) -> Duration:
    """Duration of the critical path of stages, with its spread."""
    until: dict[str, Duration] = {}
    for stage in found:
        before = max((until[need] for need in stage.spec.needs), key=_usual, default=NO_TIME)
        until[stage.spec.key] = before.then(stage.duration)
    return max(until.values(), key=_usual, default=NO_TIME)


def namespaces(found: tuple[Stage, ...]) -> tuple[str, ...]:
    """Resource provider namespaces to register: those of the estate, and those that its types need, sorted."""
    return tuple(sorted(with_needs(resource.type for stage in found for resource in stage.resources)))


_predicted: Final = RecentResults["tuple[Mapping[str, Json], ...]"](256)
_durations: Final = RecentResults[Duration](256)
"""Results by stage: other answers change a few stages only, and a check judges several of them."""


def predicted(answers: Answers, spec: StageSpec) -> tuple[Mapping[str, Json], ...]:
    """Definitions of the resources of a stage, as Azure would receive them; unknown values are expressions.

    The last results are cached.
    """
    return _predicted.of(_key(answers, spec), lambda: tuple(_plan(answers, spec).predict()))


def _key(answers: Answers, spec: StageSpec) -> tuple[str, ...]:
    """Everything on which the prediction of a stage depends."""
    where = (answers.subscription.tenant, answers.subscription.subscription, spec.location)
    given = {**spec.parameters(PLACEHOLDER_OUTPUTS), **spec.unknown}
    return (spec.key, *where, json.dumps(given, sort_keys=True))


def titles(answers: Answers, spec: StageSpec, outputs: Outputs) -> dict[str, str]:
    """Titles of the resources of a stage that have one, by ID in lower case.

    Args:
        answers: The answers.
        spec: The stage.
        outputs: Outputs of deployed stages: the names of role assignments follow from the identities in them.

    """
    return {one.id.lower(): one.title for one in _deployed(answers, spec, outputs) if one.title}


def _plan(answers: Answers, spec: StageSpec, outputs: Outputs = PLACEHOLDER_OUTPUTS) -> Plan:
    parameters = spec.parameters(outputs)
    scope = Scope("subscription", answers.subscription.tenant, answers.subscription.subscription)
    context = Context(scope, spec.deployment_name, spec.location)
    return expand(template(spec.stage), {**parameters, **spec.unknown}, context)


def deployed_stage(answers: Answers, stage: Stage, outputs: Outputs) -> Stage:
    """A stage with the names that follow from outputs of deployed stages: role assignments are named by their identities."""
    return Stage(stage.spec, _deployed(answers, stage.spec, outputs), stage.took)


def _deployed(answers: Answers, spec: StageSpec, outputs: Outputs) -> tuple[Planned, ...]:
    principals = Principals.of(answers, outputs)
    return tuple(_planned(raw, spec.key, principals) for raw in _plan(answers, spec, outputs).predict())


def _stage(answers: Answers, spec: StageSpec) -> Stage:
    principals = Principals.of(answers, PLACEHOLDER_OUTPUTS)
    found = tuple(_planned(raw, spec.key, principals) for raw in predicted(answers, spec))
    return Stage(spec, found, lambda: _durations.of(_key(answers, spec), lambda: _chain(_plan(answers, spec))))


def _planned(raw: Mapping[str, Json], stage: str, principals: Principals) -> Planned:
    resource_id, kind = str(raw["id"]), str(raw["type"])
    group = "" if kind.lower() == GROUP_TYPE.lower() else group_of(resource_id)
    version, title = str(raw.get("apiVersion", "")), principals.title(resource_id, kind, dict(raw))
    return Planned(resource_id, kind, str(raw["name"]), group, stage, usual_seconds(kind), version, title)


def _chain(plan: Plan) -> Duration:
    """Duration of the critical path of dependent resources, including nested deployments."""
    until: dict[str, Duration] = {}
    nodes = {node.key: node for node in plan.resources}

    def ends(key: str) -> Duration:
        if key not in until:
            until[key] = NO_TIME  # Azure rejects a cycle; here it must only not recurse endlessly
            node = nodes[key]
            before = max((ends(need) for need in node.depends_on if need in nodes), key=_usual, default=NO_TIME)
            own = NO_TIME if node.existing else _chain(plan.nested(node)) if node.is_deployment else expected(node.type)
            until[key] = before.then(own)
        return until[key]

    return max((ends(key) for key in nodes), key=_usual, default=NO_TIME)


def _usual(duration: Duration) -> float:
    return duration.usual
