"""An installation in an embedded Azure of the test's process: deployed as a run does, changed by others, deployed again."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from installer.answers.model import Answers
from installer.cloud.error_causes import causes
from installer.cloud.error_explanations import explanation
from installer.conventions.naming import INSTALLATION_TAG
from installer.emulator.authorization.tokens import open_identity
from installer.emulator.core import open_emulator
from installer.emulator.deployments.engine import Engine
from installer.emulator.deployments.stacks import Stacks
from installer.emulator.errors import ArmError
from installer.emulator.protocol.request import Azure
from installer.emulator.protocol.throttling import Throttle
from installer.emulator.providers import registry
from installer.emulator.providers.container_registry import pushed_image
from installer.emulator.state.database import Database
from installer.emulator.state.deployments import Deployment
from installer.emulator.survey import parse
from installer.estate import keys
from installer.estate.assumed_resources import assumed
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, StageSpec, stages, template
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import IMAGE_KINDS, deployed_image, image_uses
from installer.estate.parameters.resource_ids import registry_id
from installer.estate.parameters.secret_marks import SECRET_MARKS
from installer.estate.resources import estate, namespaces
from installer.json_access import JsonObject, as_object, member
from installer.jsontypes import Json
from installer.steps.approved_plan import NO_PLAN, PLAN_TAG, ApprovedPlan
from installer.steps.deployment import DIGEST_TAG, stage_digest
from installer.steps.live_parameters import current, kept
from installer.steps.secret_fingerprints import FINGERPRINT_TAG, to_tag
from tests.bicep.answers_variants import OTHER
from tests.bicep.snapshots import SECRET
from tests.emulator.asgi_client import Local
from tests.emulator.deployments.directory_objects import register
from tests.emulator.manual_clock import ManualClock

_FOREIGN: Final = (OTHER, "9d0a6c1e-52b7-4a0f-8d3c-6a1f2b4c5d6e")
"""Other subscriptions of the tenant, that answers name."""


@dataclass(frozen=True)
class Reader:
    """Reads resources as the installer does."""

    azure: Local

    def read(self, resource_id: str, api_version: str) -> JsonObject | None:  # noqa: ARG002  as Azure is read
        """The state of a resource."""
        found = self.azure.emulator.find_resource(resource_id)
        return None if found is None else dict(self.azure.emulator.view(found))

    def list_values(self, resource_id: str, api_version: str, action: str) -> JsonObject | None:  # noqa: ARG002
        """Values that are returned to a POST request."""
        found = self.azure.emulator.find_resource(resource_id)
        if found is None:
            return None
        return as_object(registry.act(self.azure.emulator.provider_context(found), action, {}))


def _wait_of(record: Deployment) -> float:
    """Seconds after which the installer sends a failed deployment again; 0 if it does not."""
    known = [explanation(one.code, one.message) for one in causes(record.error)] if record.state == "Failed" else []
    waits = [one.wait if one and one.retry == "now" else 0.0 for one in known]
    return max(waits) if waits and all(waits) else 0.0


def _fingerprints(spec: StageSpec) -> dict[str, str]:
    """Fingerprints of the secrets of a stage, which are the same in every deployment of a test."""
    return dict.fromkeys(spec.secrets, "0123456789abcdef")


@dataclass
class DeployedEstate:
    """The stages of one installation, deployed in order."""

    azure: Local
    subscription: str
    outputs: dict[str, Mapping[str, Json]] = field(
        default_factory=lambda: {keys.image(kind): PLACEHOLDER_OUTPUTS[keys.image(kind)] for kind in IMAGE_KINDS}
    )
    sent: dict[str, tuple[JsonObject, frozenset[str]]] = field(default_factory=dict)
    """Parameters of each stage that was deployed, without those that were read in Azure, and names of its secrets."""

    plan: ApprovedPlan = NO_PLAN
    """Plan of the run that deploys it."""

    parameters: dict[str, JsonObject] = field(default_factory=dict)
    """Values of all parameters of the last deployment of each stage."""

    @property
    def reader(self) -> Reader:
        """Reads its resources."""
        return Reader(self.azure)

    @property
    def scope(self) -> str:
        """The subscription of its deployments."""
        return f"/subscriptions/{self.subscription}"

    async def deploy(self, answers: Answers, *, all_stages: bool, first: int | None = None) -> None:
        """Deploy the stages, or only those whose parameters changed; AssertionError if one is refused or fails.

        Args:
            answers: The answers.
            all_stages: Whether unchanged stages are deployed, too.
            first: Number of stages after which it ends, as an interrupted run does; None deploys all of them.

        """
        await self.ready()
        self._push(answers)
        for spec in stages(answers)[:first]:
            given = spec.parameters(self.outputs)
            if all_stages or self.sent.get(spec.key) != (given, frozenset(spec.secrets)):
                await self._deploy(spec, given)
                self._tag(spec, answers)
        if first is None:
            register(self.azure.emulator, answers, self.outputs)

    def _tag(self, spec: StageSpec, answers: Answers) -> None:
        """Tag a deployment as the installer does."""
        record = self.azure.deployment(spec.deployment_name, self.scope)
        sent = self.sent[spec.key][0]
        fingerprints = _fingerprints(spec)
        digest = stage_digest(spec, sent, fingerprints)
        tags = {
            INSTALLATION_TAG: answers.subscription.prefix,
            DIGEST_TAG: digest,
            FINGERPRINT_TAG: to_tag(fingerprints),
        }
        if self.plan.digest:
            tags[PLAN_TAG] = self.plan.mark
        self.azure.emulator.deployments.save(replace(record, tags={**(record.tags or {}), **tags}))

    def _push(self, answers: Answers) -> None:
        """Push the images that the stages deploy: without a push, Azure finds none."""
        it = Installation(answers)
        registry = registry_id(it)
        for use in image_uses(it):
            image = deployed_image(it, use.kind, PLACEHOLDER_OUTPUTS, use.environment)
            repository, _, digest = image.partition("@")
            self.azure.emulator.resources.save(pushed_image(registry, repository, digest, digest, 0.0))

    async def ready(self) -> None:
        """Wait for everything that is running."""
        await self.azure.clock.finish(self.azure.engine)

    async def _deploy(self, spec: StageSpec, given: JsonObject) -> None:
        _, secrets_before = self.sent.get(spec.key, ({}, frozenset[str]()))
        new = [name for name in spec.secrets if not (spec.into_vault and name in secrets_before)]
        secure = spec.secure(dict.fromkeys(new, SECRET))
        parameters = {
            **given,
            **current(self.reader, spec),
            **kept(self.reader, spec)[0],
            **(secure if spec.secrets else {}),
        }
        plain = {name: as_object(entry)["value"] for name, entry in parameters.items()}
        where = {"name": spec.deployment_name, "scope": self.scope, "location": spec.location}
        record = await self._attempt(spec, plain, where)
        if wait := _wait_of(record):
            await self.azure.clock.advance(wait)
            record = await self._attempt(spec, plain, where)
        innermost = "; ".join(f"{one.code}: {one.message} ({one.target})" for one in causes(record.error))
        assert record.state == "Succeeded", f"{spec.key}: {innermost}"
        marks: JsonObject = {**_fingerprints(spec)} if spec.into_vault else {}
        self.outputs[spec.key] = {
            **{name: member(entry, "value") for name, entry in (record.outputs or {}).items()},
            **({SECRET_MARKS: marks} if marks else {}),
        }
        self.sent[spec.key] = given, frozenset(spec.secrets)
        self.parameters[spec.key] = plain

    async def _attempt(self, spec: StageSpec, plain: JsonObject, where: dict[str, str]) -> Deployment:
        """Send the deployment once, and wait for its end."""
        try:
            self.azure.deploy(template(spec.stage), plain, **where)
        except ArmError as refused:
            raise AssertionError(f"{spec.key}: {refused}") from refused
        await self.ready()
        return self.azure.deployment(spec.deployment_name, self.scope)

    async def ask(self, method: str, path: str, body: Json = None) -> JsonObject:
        """A request of someone else; AssertionError if it is refused."""
        reply = await self.azure.ask(method, path, body)
        assert reply.status < 300, reply.text
        await self.ready()
        return reply.json

    def copy(self, path: Path, answers: Answers) -> "DeployedEstate":
        """The same installation in another embedded Azure, which also has what other answers assume to exist."""
        self.azure.database.close()
        path.mkdir(exist_ok=True)
        shutil.copy(self.azure.path / "azure.sqlite", path / "azure.sqlite")
        self.azure = _azure(self.azure.path, self.azure.clock, ())
        copied = _azure(path, ManualClock(self.azure.clock.now()), (answers,))
        return DeployedEstate(copied, self.subscription, dict(self.outputs), dict(self.sent))


def new_estate(path: Path, answers: Answers) -> DeployedEstate:
    """An embedded Azure with what the answers assume to exist, and nothing deployed yet."""
    found = DeployedEstate(_azure(path, ManualClock(), (answers,)), answers.subscription.subscription)
    # Outputs that no stage returns, because the directory is not emulated here.
    found.outputs |= {key: one for key, one in PLACEHOLDER_OUTPUTS.items() if key.startswith("directory-")}
    return found


def _azure(path: Path, clock: ManualClock, given: tuple[Answers, ...]) -> Local:
    database = Database(path / "azure.sqlite")
    resources = [one for answers in given for stage in estate(answers) for one in stage.resources]
    named = [answers.subscription.subscription for answers in given] + [one.id.split("/")[2] for one in resources]
    subscriptions = dict.fromkeys((*named, *_FOREIGN) if given else ())
    there = [resource for answers in given for resource in assumed(answers)]
    identity = open_identity(database, clock)
    emulator = open_emulator(
        database,
        clock,
        1,
        tenant=given[0].subscription.tenant if given else None,
        subscriptions=subscriptions,
        caller=identity,
        survey=parse(json.dumps({"version": 1, "resources": there})) if there else None,
    )
    for answers in given:
        for subscription in subscriptions:
            for namespace in namespaces(estate(answers)):
                emulator.registrations.set(subscription, namespace, "Registered", 0)
    engine = Engine(emulator)
    azure = Azure(emulator, engine, identity, Stacks(emulator, engine), Throttle(clock, 1))
    return Local(path, clock, database, emulator, engine, azure)
