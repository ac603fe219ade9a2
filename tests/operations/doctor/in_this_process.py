"""A session whose cloud is the embedded Azure of the test's process: its runs deploy the stages of their plan, and no other."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from installer.answers.draft import Draft
from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.sign_in import ShowMessage
from installer.cloud.target import Target
from installer.engine.journal import Journal
from installer.engine.step import Context, Outputs
from installer.estate import keys
from installer.estate.parameters import stages
from installer.planning.make import Known, make_plan
from installer.planning.model import Plan
from installer.preflight.reads import Reads
from installer.runs.facts import RunFacts, read_facts
from installer.runs.purpose import INSTALLATION, Purpose
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from installer.steps.approved_plan import NO_PLAN
from tests.cloud.no_cloud import RECORDED
from tests.emulator.in_memory import run
from tests.engine.scripted_steps import Scripted
from tests.operations.status.observed_estate import Seen
from tests.preflight.surveyed import LocalService


class InThisProcess(Session):
    """The session. `deployed` lists the stages that its runs have deployed."""

    def __init__(self, state: Path, seen: Seen) -> None:
        super().__init__(StateDirectory.at(str(state)), TargetOptions())
        self.seen = seen
        self.deployed: list[str] = []

    def installation(self, name: str) -> RunFacts:
        """Facts of a run."""
        with Journal(self.state.run(name), write=False) as journal:
            return read_facts(journal)

    def arm(self, subscription: str, tenant: str = "") -> Arm:  # noqa: ARG002  as the session
        """Azure Resource Manager."""
        return self.seen.arm

    @contextmanager
    def reads(self, answers: Answers) -> Iterator[tuple[Target, Reads, Reads]]:  # noqa: ARG002  as the session
        """Reads of Azure and its directory."""
        services = LocalService(self.seen.estate.azure), LocalService(self.seen.estate.azure, "/v1.0")
        azure, graph = map(Reads, services)
        try:
            yield services[0].target, azure, graph
        finally:
            for reads in (azure, graph):
                reads._pool.shutdown(cancel_futures=True)
            for service in services:
                service.close()

    def plan(
        self,
        answers: Answers,
        progress: ShowMessage = lambda _text: None,
        *,
        draft: Draft | None = None,  # noqa: ARG002  as the session
        checks: bool = False,  # noqa: ARG002  as the session
        kept: Sequence[str] = (),
    ) -> Plan:
        """The plan of these answers."""
        return make_plan(answers, self.seen.arm, progress, Known(self.secrets, kept=tuple(kept)))

    def begin(
        self,
        answers: Answers,
        draft: Draft,
        *,
        attended: bool,
        purpose: Purpose = INSTALLATION,
    ) -> Run:
        """A run that deploys the stages of its plan, and passes its acceptance run."""
        begun = Run.new(
            self.state.new_run(answers.subscription.prefix),
            answers,
            draft,
            RECORDED,
            self.secrets,
            attended=attended,
        )
        wanted = purpose.approved or NO_PLAN

        def deploy(_context: Context) -> Outputs:
            self.deploy_stages(wanted.stages)
            return {}

        def prove(_context: Context) -> Outputs:
            return {"state": "COMPLETED", "flow_run_id": begun.name}

        return self._start_run(
            begun,
            lambda _run: (Scripted("azure", (), deploy), Scripted(keys.canary("dev"), ("azure",), prove)),
        )

    def deploy_stages(self, wanted: "frozenset[str] | set[str]") -> None:
        """Deploy some stages, in their order."""
        estate = self.seen.estate
        for spec in stages(self.seen.answers):
            if spec.key in wanted:
                run(estate._deploy(spec, spec.parameters(estate.outputs)))
                estate._tag(spec, self.seen.answers)
                self.deployed.append(spec.key)

    def az(self, line: str) -> None:
        """Send the request of a command line of the Azure CLI, for those that resolutions name."""
        words = shlex.split(line)
        options = {words[at]: words[at + 1] for at in range(len(words) - 1) if words[at].startswith("-")}
        if words[:2] == ["az", "rest"]:
            return self.seen.ask(options["--method"].upper(), options["--uri"])
        group = f"/subscriptions/{options['--subscription']}/resourceGroups/{options['-g']}/providers"
        kind, version = _STARTS[line.partition(" --")[0]]
        return self.seen.ask("POST", f"{group}/{kind}/{options['-n']}/start?api-version={version}")


_STARTS = {
    "az aks start": ("Microsoft.ContainerService/managedClusters", "2026-03-01"),
    "az postgres flexible-server start": ("Microsoft.DBforPostgreSQL/flexibleServers", "2025-08-01"),
    "az webapp start": ("Microsoft.Web/sites", "2025-03-01"),
}
