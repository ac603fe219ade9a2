"""deployIfNotExists: deployments that policies make some time after a write, as the identity of the assignment.

After a successful write every rule that is true becomes a job, kept in the state. When it is due and no related resource
satisfies the rule, the template of the definition is deployed to the group or subscription of the resource. Like
Azure's, the deployment is named PolicyDeployment_<number>, and its failure changes nothing about the resource.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Final, Protocol

from installer.emulator.deployments.preflight import check_proposal
from installer.emulator.deployments.request import propose, scope_of
from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_guid
from installer.json_access import JsonObject, as_object, as_text, member
from installer.policy import existence
from installer.policy.judgement import LATER
from installer.policy.outcomes import EvaluationError, NotJudgedError
from installer.resource_id import group_of, subscription_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine

    from installer.emulator.core import Emulator
    from installer.emulator.deployments.request import DeploymentRequest
    from installer.emulator.deployments.runtime import LiveRuntime
    from installer.emulator.state.deployments import Deployment
    from installer.emulator.state.jobs import Job
    from installer.emulator.state.resources import Resource
    from installer.policy.book import Rule
    from installer.policy.evaluation import Evaluation

KIND: Final = "policydeployment"
_MAX_DEPLOYMENTS: Final = 2
"""Deployments of one rule for one resource; a template that does not fulfil its own condition must not loop."""


class Deployer(Protocol):
    """The part of the engine that policies need."""

    runtime: LiveRuntime

    def accept(self, proposal: DeploymentRequest, correlation_id: str) -> tuple[Deployment, bool]:
        """Start a deployment."""

    def spawn(self, work: Coroutine[None, None, object]) -> asyncio.Task[object]:
        """Run work in the background."""


class PolicyDeployments:
    """Starts and finishes the jobs."""

    def __init__(self, emulator: Emulator, engine: Deployer) -> None:
        self._world = emulator
        self._engine = engine
        self._made: Counter[tuple[str, str, str]] = Counter()

    def after_write(self, resource: Resource) -> None:
        """Start a job for each rule that is true for a resource that was just written."""
        policies = self._world.policies
        if not policies.book.rules:
            return
        subject = policies.subject(resource, whole=True)
        for rule in policies.true_rules(subject, LATER):
            try:
                seconds = existence.delay(rule, rule.evaluation(subject, self._world.clock.now()))
            except (EvaluationError, NotJudgedError):
                seconds = existence.DEFAULT_DELAY
            ready = self._world.clock.now() + self._world.real_seconds(seconds)
            about: JsonObject = {
                "assignment": rule.assignment.id,
                "reference": rule.reference,
                "definition": rule.definition.id,
            }
            self._engine.spawn(self.finish(self._world.jobs.begin(KIND, resource.id, ready, result=about)))

    def resume(self) -> None:
        """Continue the jobs of an earlier process."""
        for job in self._world.jobs.unfinished(KIND):
            self._engine.spawn(self.finish(job))

    async def finish(self, job: Job) -> None:
        """Wait until a job is due; deploy what is missing."""
        await self._world.clock.until(job.ready)
        self._world.jobs.finish(job.id)
        resource = self._world.resources.get(job.subject)
        rule = self._rule(as_object(job.result))
        if resource is None or rule is None:
            return
        try:
            outcome = self._checked(rule, resource)
        except (EvaluationError, NotJudgedError, ArmError) as problem:
            outcome = f"failed: {problem}"
        if outcome:
            self._world.policies.record_deployment(rule, resource.id, outcome)

    def _rule(self, about: JsonObject) -> Rule | None:
        wanted = (about.get("assignment"), about.get("reference"), about.get("definition"))
        for rule in self._world.policies.book.rules:
            if (rule.assignment.id, rule.reference, rule.definition.id) == wanted:
                return rule
        return None

    def _checked(self, rule: Rule, resource: Resource) -> str:
        """The outcome; '' where a related resource satisfies the rule."""
        policies = self._world.policies
        subject = policies.subject(resource, whole=True)
        evaluation = rule.evaluation(subject, self._world.clock.now())
        if existence.satisfied(rule, evaluation, policies.existing):
            return ""
        effect = rule.assignment.effect(rule.reference, subject, rule.definition.effect)
        if effect != "deployifnotexists":
            return "found nothing (auditIfNotExists)"
        if not as_object(rule.assignment.found.body.get("identity")):
            return "failed: the assignment has no identity"
        key = (rule.assignment.id, rule.reference or rule.definition.id, resource.key)
        self._made[key] += 1
        if self._made[key] > _MAX_DEPLOYMENTS:
            return "given up: the deployment does not fulfil the rule's own condition"
        self._deploy(rule, evaluation, resource)
        return "deployed"

    def _deploy(self, rule: Rule, evaluation: Evaluation, resource: Resource) -> None:
        """Start the deployment of a rule (ArmError where Resource Manager refuses it)."""
        deployment = as_object(member(rule.definition.details, "deployment"))
        properties = as_object(deployment.get("properties"))
        parameters: JsonObject = {
            name: {key: rule.value(item, evaluation) for key, item in as_object(entry).items()}
            for name, entry in as_object(properties.get("parameters")).items()
        }
        place = f"/subscriptions/{subscription_of(resource.id)}"
        to_group = as_text(rule.detail("deploymentScope", evaluation)).lower() != "subscription"
        if to_group:
            group = as_text(rule.detail("resourceGroupName", evaluation)) or group_of(resource.id)
            place += f"/resourceGroups/{group}"
        body: JsonObject = {
            "properties": {"mode": "Incremental", "template": properties.get("template"), "parameters": parameters}
        }
        if not to_group:
            body["location"] = rule.value(deployment.get("location"), evaluation)
        number = int(derived_guid(resource.id, f"{rule.assignment.id} {rule.reference}")[:8], 16)
        proposal = propose(
            self._world,
            scope_of(place, self._world.directory.tenant_id),
            f"PolicyDeployment_{number}",
            json.dumps(body),
            runtime=self._engine.runtime,
            needs_location=not to_group,
        )
        check_proposal(self._world, proposal)
        self._engine.accept(proposal, str(uuid.uuid4()))
