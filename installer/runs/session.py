"""Façade for screens, commands and plain mode: queries, drafts, plans and runs.

A session owns what has to end with the program: the embedded Azure of a rehearsal, and the run. Methods that query
Azure are documented so; they block and must not be called on the UI thread.
"""

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from installer.cost.model import DEFAULT_CURRENCY
from installer.errors import InstallerError
from installer.jsontypes import Json
from installer.runs.connection import DEFAULT_SPEED, Connection, TargetOptions
from installer.runs.drafts import DraftStore
from installer.runs.run_log import RunLog
from installer.runs.state_directory import StateDirectory
from installer.secret_store import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from installer.answers.draft import Draft
    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.cloud.models import Choice
    from installer.cloud.sign_in import ShowMessage
    from installer.cloud.target import Target
    from installer.cost.live import LiveCost
    from installer.cost.model import Estimate
    from installer.engine.step import Step
    from installer.planning.model import Plan
    from installer.preflight.model import Report, Result
    from installer.runs.flows import FlowRequest
    from installer.runs.preflight import Preflight
    from installer.runs.prices import Prices
    from installer.runs.run import BuildSteps, Run, RunFacts

    BuildOperation = Callable[[Run, Sequence[Step], Arm], tuple[Sequence[Step], Collection[str]]]


class Session:
    """One use of the installer. Has to be closed."""

    def __init__(
        self, state: StateDirectory, options: TargetOptions, show_message: "ShowMessage | None" = None
    ) -> None:
        self.state = state
        self.options = options
        self.secrets = Secrets()
        self.drafts = DraftStore(state, self.secrets)
        self.show_message = show_message
        """Shows sign-in instructions to the user; screens set their own callback."""
        self.replies: Mapping[str, str] = {}
        """Answers given in advance, by question key."""
        self._connection = Connection(state, options, self._show_message if show_message is not None else None)
        self._run: Run | None = None
        self._checks: Preflight | None = None
        self._log = RunLog()
        self.currency = DEFAULT_CURRENCY
        """Currency of prices."""

    def _show_message(self, text: str) -> None:
        if self.show_message is not None:
            self.show_message(text)

    # -- the target ----------------------------------------------------------------------------------------------

    def target(self, tenant: str = "", subscription: str = "") -> "Target":
        """The target, connected on the first call; signs in to Azure or starts the embedded one.

        Args:
            tenant: id from the answers, if known; a rehearsal then uses it too.
            subscription: likewise.

        """
        return self._connection.target(tenant, subscription)

    def arm(self, subscription: str, tenant: str = "") -> "Arm":
        """Azure Resource Manager for a subscription; connects on the first call."""
        from installer.cloud.arm import Arm

        return Arm(self.target(tenant, subscription), subscription)

    @property
    def target_facts(self) -> dict[str, Json]:
        """Facts with which a run reconnects to this target; empty before the first connection."""
        return self._connection.facts

    @property
    def account(self) -> str:
        """The signed-in account, "" if unknown."""
        return self._connection.account

    # -- answers -------------------------------------------------------------------------------------------------

    def choices(self, source: str, draft: "Draft") -> "list[Choice]":
        """Choices that only the target knows, such as regions. Queries Azure."""
        arm = self.arm(_text(draft, "subscription.subscription"), _text(draft, "subscription.tenant"))
        readers = {
            "tenants": arm.tenants,
            "subscriptions": arm.subscriptions,
            "regions": arm.regions,
            "networks": arm.networks,
        }
        if source in ("regions", "networks") and not arm.subscription:
            return []
        return readers[source]()

    # -- plans and runs ------------------------------------------------------------------------------------------

    def plan(
        self,
        answers: "Answers",
        progress: "ShowMessage" = lambda _text: None,
        *,
        draft: "Draft | None" = None,
        checks: bool = False,
    ) -> "Plan":
        """Compute what a run would change. Queries Azure; read-only.

        Args:
            answers: The answers.
            progress: Reports what is being done.
            draft: The same answers with their sources.
            checks: Whether the plan also has the findings of the checks before the first write.

        """
        from installer.answers.questions import all_questions
        from installer.planning.make import Known, make_plan

        self._connection.prepare_for(answers)
        arm = self.arm(answers.subscription.subscription, answers.subscription.tenant)
        sources = {key: draft.source(key) for key in all_questions()} if draft is not None else {}
        if checks:
            progress("checking what would fail")
        findings = self.check(answers).findings if checks else ()
        return make_plan(answers, arm, progress, Known(self.secrets, self.account, sources, findings))

    def cost(self, answers: "Answers", currency: str = "") -> "Estimate":
        """Price the planned resources. Queries the public price list, in a rehearsal that of the embedded Azure.

        Args:
            answers: The answers.
            currency: Currency of the figures; by default that of the session.

        """
        return self._prices.estimate(answers, currency or self.currency)

    def live_cost(self, draft: "Draft", key: str = "") -> "LiveCost":
        """Price answers that are being edited, and the other options of the question `key`. Queries the price list."""
        return self._prices.live(draft, key, self.currency)

    def forget_prices(self) -> None:
        """Ask a price list again that could not be read."""
        self._prices.forget()

    @cached_property
    def _prices(self) -> "Prices":
        from installer.runs.prices import Prices

        own = self.options.rehearsal or (self.options.cloud or "").startswith("https://")
        return Prices(
            lambda given: self.target(given.subscription.tenant, given.subscription.subscription) if own else None
        )

    def check(
        self, answers: "Answers", ended: "Callable[[Result], None]" = lambda _result: None, survey: Path | None = None
    ) -> "Report":
        """Run the checks before the first write; `survey` is the file behind a rehearsal. Queries Azure; read-only.

        What was read for one set of answers counts for the next, until `forget_checks`.
        """
        self._connection.prepare_for(answers)
        return self._preflight.check(
            self.target(answers.subscription.tenant, answers.subscription.subscription), answers, ended, survey
        )

    def forget_checks(self) -> None:
        """Let the next check read everything again."""
        self._preflight.forget()

    @property
    def _preflight(self) -> "Preflight":
        from installer.runs.preflight import Preflight

        if self._checks is None:
            self._checks = Preflight(self.secrets)
        return self._checks

    def read_survey(self, answers: "Answers", file: Path, progress: "ShowMessage") -> list[str]:
        """Read the subscription into a survey file; returns what could not be read. Queries Azure; read-only."""
        from installer.runs.survey import read_survey

        where = answers.subscription
        return read_survey(self.target(where.tenant, where.subscription), answers, file, progress)

    def begin(self, answers: "Answers", draft: "Draft", *, attended: bool) -> "Run":
        """Create and start a new run."""
        from installer.runs.rehearsal_limits import list_assumptions, list_later_assumptions, list_policies
        from installer.runs.run import Run
        from installer.runs.run_steps import check_secrets

        check_secrets(answers, self.secrets)
        assumed_ids = self._connection.prepare_for(answers)
        directory = self.state.new_run(answers.subscription.prefix)
        run = Run.new(directory, answers, draft, self._connection.facts, self.secrets, attended=attended)
        self.drafts.forget()
        if assumed_ids:
            names = ", ".join(one.rpartition("/")[2] for one in assumed_ids)
            run.stream.emit(
                "log", f"assumed to exist already, according to the answers: {names}", ids=list(assumed_ids)
            )
        if self.target().is_rehearsal:
            known: set[str] = set()
            list_assumptions(run, self.target(), known)
            run.before_end = partial(list_later_assumptions, run, self.target(), known)
        if self.options.survey:
            list_policies(run, self.target())
        return self._start_run(run, self._steps)

    def begin_flows(
        self,
        facts: "RunFacts",
        request: "FlowRequest",
        *,
        attended: bool,
        directory: "Path | None" = None,
        assent: bool,
    ) -> "Run":
        """Create and start a run for the customer's flows.

        Args:
            facts: Answers and target of the installation; without a target, that of this session.
            request: The command.
            attended: Whether a user answers its questions.
            directory: An empty directory for a run that is not kept; by default a new run of this machine.
            assent: Answer yes to the question whether to change Prefect.

        """
        from installer.estate import keys
        from installer.runs.flows import FACT
        from installer.runs.run import Run
        from installer.runs.run_steps import check_flow_secrets

        check_flow_secrets(facts.answers, request, self.secrets)
        where = facts.answers.subscription
        if facts.target:
            self._reconnect(facts)
        self.target(where.tenant, where.subscription)
        place = directory or self.state.new_run(where.prefix)
        run = Run.new(place, facts.answers, facts.draft, self._connection.facts, self.secrets, attended=attended)
        run.journal.set_facts(**{FACT: request.to_json()})
        if assent:
            run.assume({keys.flow_diff(request.environment): "yes"})
        return self._start_run(run, self._steps)

    def resume(self, name: str, *, attended: bool, only: str | None = None) -> "Run":
        """Resume a run that was stopped, or only one step of it."""
        from installer.runs.run import Run
        from installer.runs.run_steps import check_step

        run = Run.reopen(self.state.run(name), self.secrets, attended=attended)
        self._reconnect(run.facts)
        if run.journal.fact("operation"):
            text = "a rotation of a secret has not ended, so work pools may be paused: start the same rotation again"
            run.stream.emit("warning", text, left=text)
        if self.target().is_rehearsal:
            from installer.runs.rehearsal_limits import list_later_assumptions

            known = {str(event.data.get("left", "")) for event in run.journal.events()}
            run.before_end = partial(list_later_assumptions, run, self.target(), known)
        if only is None:
            return self._start_run(run, self._steps)
        try:
            steps = self._steps(run)
            check_step(run.name, only, [step.key for step in steps])
        except InstallerError:
            run.journal.close()  # the run has not begun
            raise
        return self._start_run(run, lambda _run: steps, (only,))

    def operate(self, name: str, build: "BuildOperation", operation: Json) -> "Run":
        """Run an operation on the installation of a run, with other steps.

        Args:
            name: The run, which has succeeded, or was in this operation when it stopped.
            build: Returns the steps, and the keys of those to run, given those of the installation.
            operation: What `operation_of` returns until the operation has succeeded.

        """
        from installer.runs.run import Run

        run = Run.reopen(self.state.run(name), self.secrets, attended=False)
        self._reconnect(run.facts)
        where = run.facts.answers.subscription
        try:
            every, arm = self._steps(run), self.arm(where.subscription, where.tenant)
            steps, only = build(run, every, arm)
            run.journal.set_facts(operation=operation)
        except InstallerError:
            run.journal.close()  # the run has not begun
            raise
        return self._start_run(run, lambda _run: steps, only)

    def operation_of(self, name: str) -> Json:
        """The operation that a run has begun and not ended, or None."""
        from installer.engine.journal import Journal

        with Journal(self.state.run(name), write=False) as journal:
            return journal.fact("operation")

    def _reconnect(self, facts: "RunFacts") -> None:
        self._connection.reconnect(facts.target)
        self.options = self._connection.options

    def _start_run(self, run: "Run", steps: "BuildSteps", only: "Collection[str] | None" = None) -> "Run":
        self._log.begin(run)
        self._run = run
        run.reply(self.replies)
        run.start(steps, only)
        return run

    def _steps(self, run: "Run") -> "Sequence[Step]":
        """Build the steps of a run; called on its thread, as imports and sign-in are slow."""
        from installer.runs.run_steps import steps_of

        where = run.facts.answers.subscription
        return steps_of(run, self.arm(where.subscription, where.tenant), self.secrets)

    def unfinished(self) -> str | None:
        """The newest run of the same kind (rehearsal or real), if it has not succeeded and no process holds it."""
        from installer.runs.started_runs import unfinished_run

        return unfinished_run(self.state, rehearsal=self.options.rehearsal)

    def newest(self) -> str | None:
        """The newest run that has started, of any kind and in any state."""
        from installer.runs.started_runs import started_runs

        return next((name for name, *_ in started_runs(self.state)), None)

    # -- the end -------------------------------------------------------------------------------------------------

    def keep_prefect(self) -> None:
        """Keep the embedded Azure with its Prefect servers running after this session. Queries the embedded Azure."""
        from installer.cloud.rest import Service

        Service.of_arm(self.target()).ask("POST", "/rehearsal/prefect/stay")
        self._connection.leave_running()

    def close(self) -> None:
        """Stop the run if one is active (deployments in Azure continue), and the embedded Azure."""
        self.end_run()
        if self._checks is not None:
            self._checks.close()
        self._connection.close()

    def end_run(self) -> None:
        """Stop the run if one is active, and close its files."""
        if self._run is not None:
            self._run.close()
            self._run = None
        self._log.end()


def _text(draft: "Draft", key: str) -> str:
    value = draft.value(key)
    return value if isinstance(value, str) else ""


__all__ = ["DEFAULT_SPEED", "Session", "TargetOptions"]
