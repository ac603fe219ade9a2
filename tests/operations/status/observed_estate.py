"""An installation in an embedded Azure of the test's process, as the questions about its state see it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from installer.answers.model import Answers
from installer.operations.status.assess import QUESTIONS, assess
from installer.operations.status.model import Line, Question, Status
from installer.operations.status.observed import Drift, Observed
from installer.planning.make import Known, make_plan
from installer.planning.set_back import sent_as_now
from installer.preflight.reads import Reads
from installer.preflight.subject import Subject
from installer.secret_store import Secrets
from installer.steps.deployed_outputs import known_outputs, stage_deployments
from tests.emulator.deployments.deployed_estate import DeployedEstate
from tests.emulator.in_memory import run
from tests.planning.local_arm import LocalArm, installed, record_answers
from tests.preflight.surveyed import LocalService

HOUR = 3600.0


@dataclass
class Seen:
    """An installation and its state; `azure` may be changed between two reports."""

    estate: DeployedEstate
    answers: Answers
    arm: LocalArm
    accepted: Mapping[str, float | None]

    def status(self, environment: str = "", questions: tuple[Question, ...] = QUESTIONS) -> Status:
        """Its state, with new reads."""
        with self.observed() as observed:
            return assess(observed, environment, questions)

    def lines(self, *questions: Question) -> dict[str, Line]:
        """Lines of some questions by key."""
        return {line.key: line for answer in self.status(questions=questions).answers for line in answer.lines}

    @contextmanager
    def observed(self) -> Iterator[Observed]:
        """The input of the questions."""
        clock = self.estate.azure.clock
        services = LocalService(self.estate.azure), LocalService(self.estate.azure, "/v1.0")
        azure, graph = map(Reads, services)
        subject = Subject(self.answers, azure, graph, services[0].target, now=clock.now)
        try:
            yield Observed(
                subject,
                "contoso-1",
                "succeeded",
                self._drift,
                addresses={"FlowForge · dev": "https://web.example"},
                accepted=self.accepted,
            )
        finally:
            for reads in (azure, graph):
                reads._pool.shutdown(cancel_futures=True)
            for service in services:
                service.close()

    def _drift(self) -> Drift:
        secrets = Secrets()
        plan = make_plan(self.answers, self.arm, known=Known(secrets))
        deployed = stage_deployments(self.arm, self.answers)
        outputs = known_outputs(self.arm, self.answers, deployed)
        stages = {one.stage for one in plan.changes}
        same = sent_as_now(self.answers, deployed, outputs, secrets, stages)
        return Drift(plan, frozenset(spec.key for spec in same))

    # -- changes of others --------------------------------------------------------------------------------------------

    def find(self, part: str) -> str:
        """ID of the one resource whose ID ends with a text."""
        (found,) = [str(one.id) for one in self._all() if one.key.endswith(part.lower())]
        return found

    def change(self, resource_id: str, **changes: Any) -> None:
        """Change fields of a stored resource."""
        found = self.estate.azure.emulator.resources.get(resource_id)
        assert found is not None
        self.estate.azure.emulator.resources.save(replace(found, **changes))

    def ask(self, method: str, path: str, body: Any = None) -> None:
        """A request of another user."""
        run(self.estate.ask(method, path, body))

    def contents(self) -> dict[str, str]:
        """Everything that is stored, by ID."""
        return {one.key: repr(one) for one in self._all()}

    def _all(self) -> list[Any]:
        store, directory = self.estate.azure.emulator.resources, self.estate.azure.emulator.directory
        found = [[*store.groups(one.id), *store.of_subscription(one.id)] for one in directory.subscriptions]
        graph = [store.of_type(kind) for kind in ("graph/applications", "graph/servicePrincipals")]
        return [one for part in (*found, *graph) for one in part]


def seen(estate: DeployedEstate, answers: Answers) -> Seen:
    """The installation, whose acceptance run has passed an hour ago."""
    now = estate.azure.clock.now()
    accepted: dict[str, float | None] = dict.fromkeys(answers.subscription.environments, now - HOUR)
    arm = LocalArm(estate.azure, answers.subscription.subscription, expands_once=True)
    return Seen(estate, answers, arm, accepted)


def deployed(path: Path, answers: Answers) -> DeployedEstate:
    """The installation, with its answers recorded."""
    estate = installed(path, answers)
    record_answers(estate, answers)
    return estate
