"""Step: deploys one stage template with the parameters from the answers.

The deployment carries a digest of template and parameters as a tag. An installer that finds it, on this machine or
another, recognises it as up to date by the tag: then it adopts or follows it, and does not deploy again.
"""

import hashlib
import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Final

from installer.cloud.arm import Arm
from installer.cloud.errors import refused_by
from installer.cloud.existence import versions_of
from installer.cloud.models import Deployment
from installer.conventions.naming import INSTALLATION_TAG
from installer.durations import Duration
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed, VerificationFailed
from installer.estate.parameters import StageSpec, template
from installer.jsontypes import Json
from installer.secret_store import Secrets
from installer.steps.approved_plan import NO_PLAN, PLAN_TAG, ApprovedPlan
from installer.steps.backup_recovery import recover_backups, resume_backups, stopped_backups
from installer.steps.deployed_outputs import outputs_with_marks
from installer.steps.deployment_follower import Follower
from installer.steps.live_parameters import current, kept
from installer.steps.recovery import clear_role_assignments, recover_vaults
from installer.steps.retry_conditions import HasRetryConditions, StepScope
from installer.steps.secret_fingerprints import FINGERPRINT_TAG, StageSecrets, from_tag, to_tag

DIGEST_TAG: Final = "flowforge-digest"
RUN_TAG: Final = "flowforge-run"
_RENEWED_AFTER: Final = 2 / 3
"""Share of the lifetime of a secret after which it is written again."""


def digest_of(
    template_content: Mapping[str, Json], parameters: Mapping[str, Json], fingerprints: Mapping[str, str]
) -> str:
    """Hash of template, parameters and fingerprints of secrets; the tag reveals no secret."""
    content = json.dumps([template_content, parameters, fingerprints], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def stage_digest(spec: StageSpec, parameters: Mapping[str, Json], fingerprints: Mapping[str, str]) -> str:
    """Hash of what decides whether the deployment of a stage is up to date; the lifetime of its secrets is a part of it."""
    lifetime: dict[str, Json] = {"secret_days": spec.secret_days} if spec.secret_days else {}
    return digest_of(template(spec.stage), {**parameters, **lifetime}, fingerprints)


def run_tag(context: Context) -> str:
    """Tag value that names the run and host that sent a deployment."""
    return f"{context.run}@{platform.node()}"


@dataclass(frozen=True)
class DeployStage(HasRetryConditions):
    """Deploys one stage at subscription scope."""

    arm: Arm
    spec: StageSpec
    secrets: Secrets
    references: Mapping[str, str]
    installation: str
    duration: Duration
    needs: tuple[str, ...]
    scope: StepScope | None = None
    titles: Callable[[Mapping[str, Outputs]], Mapping[str, str]] | None = None
    """Titles of resources whose names say nothing, by ID, from the outputs of earlier stages."""
    plan: ApprovedPlan = NO_PLAN

    @property
    def key(self) -> str:
        """Key of the stage."""
        return self.spec.key

    @property
    def title(self) -> str:
        """Title of the stage."""
        return self.spec.title

    @property
    def usual_seconds(self) -> float:
        """Duration of the critical path of its resources."""
        return self.duration.usual / self.arm.target.speed

    @property
    def range_seconds(self) -> tuple[float, float]:
        """Lowest and highest expected duration."""
        return self.duration.low / self.arm.target.speed, self.duration.high / self.arm.target.speed

    @cached_property
    def _template(self) -> dict[str, Json]:
        return template(self.spec.stage)

    @cached_property
    def _stage_secrets(self) -> StageSecrets:
        return StageSecrets(self.secrets, self.installation, self.references, self.spec.into_vault)

    def check(self, context: Context) -> Outputs | None:
        """Adopt a deployment that succeeded with the same inputs and whose resources still exist."""
        found = self.arm.deployment(self.spec.deployment_name)
        if found is None or found.state != "succeeded":
            return None
        if not self._is_current(context, found):
            context.emit("log", f"{found.name} was last deployed with other answers or another version")
            return None
        if self._expires(found):
            context.emit("log", f"the secrets of {found.name} expire soon: they are written again")
            return None
        if self._sets_back(context, found):
            context.emit("log", f"the plan changes resources of {found.name}, which is deployed again")
            return None
        if (deleted := self._deleted_resource(found)) is None:
            if not stopped_backups(self.arm, self.spec.backups):
                return outputs_with_marks(found, self.spec)
            context.emit("warning", "the protection of a data lake is stopped: it is resumed")
            return None
        what = deleted.rpartition("/resourceGroups/")[2]
        context.emit("warning", f"{what} no longer exists: {found.name} is deployed again", id=deleted)
        return None

    def _expires(self, found: Deployment) -> bool:
        """Whether the secrets that it wrote are to be written again, before they expire."""
        if not self.spec.secret_days or found.ended is None:
            return False
        age = (datetime.now(UTC) - found.ended) * self.arm.target.speed
        return age > timedelta(days=self.spec.secret_days) * _RENEWED_AFTER

    def _sets_back(self, context: Context, found: Deployment) -> bool:
        """Whether the plan changes its resources, and this run has not deployed it yet."""
        return self.key in self.plan.stages and found.tags.get(RUN_TAG) != run_tag(context)

    def _is_current(self, context: Context, found: Deployment) -> bool:
        """Whether it was sent with the current template, parameters and secrets."""
        fingerprints = self._stage_secrets.fingerprints(from_tag(found.tags.get(FINGERPRINT_TAG, "")))
        return found.tags.get(DIGEST_TAG) == self._digest(context, fingerprints)

    def _deleted_resource(self, found: Deployment) -> str | None:
        """Id of a resource that it created and that was deleted since."""
        return self.arm.existence.first_missing(found.resources, versions_of(self._template))

    def apply(self, context: Context) -> Outputs:
        """Start the deployment, or follow the one that is already running; then resume stopped backups."""
        outputs = self._deployed(context)
        resume_backups(self.arm, context, self.spec.backups)
        return outputs

    def _deployed(self, context: Context) -> Outputs:
        found = self.arm.deployment(self.spec.deployment_name)
        follower = self._follower(context)
        if found is not None and found.active:
            by = found.tags.get(RUN_TAG, "")
            whose = f", sent by {by}" if by and by != run_tag(context) else ""
            context.emit("log", f"{self.spec.deployment_name} is running already{whose}; following it")
            found = follower.outcome()
            if self._is_current(context, found):
                return self._outputs(found)
        intact = found is not None and found.state == "succeeded" and self._deleted_resource(found) is None
        expires = found is not None and self._expires(found)
        due = expires or (found is not None and self._sets_back(context, found))
        if found is not None and intact and not due and self._is_current(context, found):
            return outputs_with_marks(found, self.spec)  # it succeeded since the check
        known = from_tag(found.tags.get(FINGERPRINT_TAG, "")) if found is not None and intact else {}
        recover_vaults(self.arm, context, self.spec.vaults)
        recover_backups(self.arm, context, self.spec.backups)
        return self._send(context, follower, known)

    def _follower(self, context: Context) -> Follower:
        find = self.titles
        titles = partial(find, context.outputs) if find is not None else dict[str, str]
        return Follower(self.arm, context, self.spec.deployment_name, titles)

    def _send(
        self, context: Context, follower: Follower, known: Mapping[str, str] | None = None, *, again: bool = False
    ) -> Outputs:
        """Send the deployment and wait for its end; once more if role assignments were in its way."""
        known = known or {}
        parameters = self.spec.parameters(context.outputs)
        secure = self._secure(context, known) if self.references or self.spec.secret_days else {}
        fingerprints = self._stage_secrets.fingerprints(known)
        digest = self._digest(context, fingerprints)
        by_others, settings = kept(self.arm, self.spec)
        if settings:
            sentences: list[Json] = [one.sentence for one in settings]
            labels = "; ".join(one.label for one in settings)
            context.emit("log", f"kept what others have set: {labels}", kept=sentences)
        context.remember("begun", name=self.spec.deployment_name, digest=digest)
        self.arm.begin(
            self.spec.deployment_name,
            location=self.spec.location,
            template=self._template,
            parameters={**parameters, **current(self.arm, self.spec), **by_others, **secure},
            tags={
                DIGEST_TAG: digest,
                INSTALLATION_TAG: self.installation,
                RUN_TAG: run_tag(context),
                **({PLAN_TAG: self.plan.mark} if self.plan.digest else {}),
                **({FINGERPRINT_TAG: to_tag(fingerprints)} if fingerprints else {}),
            },
        )
        ended = follower.outcome()
        if not again and ended.state != "succeeded" and clear_role_assignments(self.arm, context, ended):
            return self._send(context, self._follower(context), again=True)
        return self._outputs(ended)

    def _secure(self, context: Context, known: Mapping[str, str]) -> dict[str, Json]:
        """Secure parameters. Secrets that expire are all written at once, so that one date counts."""
        days = self.spec.secret_days
        every = days > 0
        values = self._stage_secrets.to_send(known, every=every)
        for name in self.references if every else ():
            if name not in values:
                text = f"the secret {name} is not known on this machine, so its expiry is not renewed"
                context.emit("warning", text, left=text)
        expires = int((datetime.now(UTC) + timedelta(days=days)).timestamp())
        return {**self.spec.secure(values), **({"expires": {"value": expires}} if every else {})}

    def _digest(self, context: Context, fingerprints: Mapping[str, str]) -> str:
        return stage_digest(self.spec, self.spec.parameters(context.outputs), fingerprints)

    def _outputs(self, ended: Deployment) -> Outputs:
        if ended.state == "succeeded":
            return outputs_with_marks(ended, self.spec)
        if ended.error is None:
            raise DeploymentFailed(f"deployment {ended.name} ended as {ended.state}; Azure gave no reason")
        raise refused_by(ended.error, f"deployment {ended.name}", correlation_id=ended.correlation_id)

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Check that the deployment returned every output of the template."""
        promised = self._template.get("outputs")
        have = {name.lower() for name in outputs}
        missing = [n for n in promised if n.lower() not in have] if isinstance(promised, dict) else []
        if missing:
            raise VerificationFailed(f"{self.spec.deployment_name} did not return these outputs: {', '.join(missing)}")
