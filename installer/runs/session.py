"""Façade for screens, commands and plain mode: drafts and runs, and the queries of queries.py and recorded_runs.py.

A session owns what has to end with the program: the embedded Azure of a rehearsal, and the run. Methods that query
Azure are documented so; they block and must not be called on the UI thread.
"""

from functools import partial
from typing import TYPE_CHECKING

from installer.errors import InstallerError
from installer.jsontypes import Json
from installer.runs.connection import DEFAULT_SPEED, TargetOptions
from installer.runs.drafts import DraftStore
from installer.runs.purpose import INSTALLATION, Purpose
from installer.runs.recorded_runs import RecordedRuns
from installer.runs.run_log import RunLog
from installer.runs.state_directory import StateDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from installer.answers.draft import Draft
    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.cloud.sign_in import ShowMessage
    from installer.engine.step import Step
    from installer.runs.flows import FlowRequest
    from installer.runs.run import BuildSteps, Run, RunFacts

    BuildOperation = Callable[[Run, Sequence[Step], Arm], tuple[Sequence[Step], Collection[str]]]


class Session(RecordedRuns):
    """One use of the installer. Has to be closed.

    Attributes:
        drafts: Answers that are being edited.
        replies: Answers given in advance, by question key.

    """

    def __init__(
        self, state: StateDirectory, options: TargetOptions, show_message: "ShowMessage | None" = None
    ) -> None:
        super().__init__(state, options, show_message)
        self.drafts = DraftStore(state, self.secrets, rehearsal=options.rehearsal)
        self.replies: Mapping[str, str] = {}
        self._run: Run | None = None
        self._log = RunLog()

    def begin(
        self,
        answers: "Answers",
        draft: "Draft",
        *,
        attended: bool,
        purpose: Purpose = INSTALLATION,
    ) -> "Run":
        """Create and start a new run.

        Args:
            answers: The answers.
            draft: The same with their sources.
            attended: Whether a user answers its questions.
            purpose: The plan, upgrade or removal that it is for.

        """
        from installer.runs.rehearsal_limits import list_assumptions, list_later_assumptions, list_policies
        from installer.runs.run import Run
        from installer.runs.run_steps import PLAN, check_secrets
        from installer.runs.started_runs import REMOVES

        check_secrets(answers, self.secrets)
        approved = purpose.approved or self.shown_plan(answers)
        assumed_ids = self._connection.prepare_for(answers)
        self._refuse_beside_another(answers)
        directory = self.state.new_run(answers.subscription.prefix)
        run = Run.new(directory, answers, draft, self._connection.facts, self.secrets, attended=attended)
        if approved is not None:
            run.journal.set_facts(**{PLAN: approved.as_json()})
        if purpose.upgrade is not None:
            run.journal.set_facts(upgrade=purpose.upgrade.as_json())
        if purpose.removes:
            run.journal.set_facts(**{REMOVES: purpose.removes})
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
        from installer.runs.run_steps import check_flow_secrets
        from installer.runs.started_runs import FACT

        check_flow_secrets(facts.answers, request, self.secrets)
        run = self._run_beside(facts, directory, attended=attended, flows=True)
        run.journal.set_facts(**{FACT: request.to_json()})
        if assent:
            run.assume({keys.flow_diff(request.environment): "yes"})
        return self._start_run(run, self._steps)

    def begin_beside(
        self, facts: "RunFacts", build: "BuildSteps", about: "Mapping[str, Json]", directory: "Path | None" = None
    ) -> "Run":
        """Create and start a run that removes an installation, backs it up or restores it.

        Args:
            facts: Answers and target of the installation.
            build: Returns its steps.
            about: The fact of its journal with the command that continues it: REMOVAL or RECOVERY of started_runs.py.
            directory: An empty directory for a run that is not kept; by default a new run of this machine.

        """
        run = self._run_beside(facts, directory, attended=False)
        run.journal.set_facts(**about)
        return self._start_run(run, build)

    def continue_recovery(self, name: str, build: "BuildSteps") -> "Run":
        """Continue a run that backs up or restores."""
        from installer.runs.run import Run

        run = Run.reopen(self.state.run(name), self.secrets, attended=False)
        try:
            self._refuse_beside_another(run.facts.answers, name)
        except InstallerError:
            run.journal.close()  # the run has not begun
            raise
        return self._start_run(run, build)

    def _run_beside(self, facts: "RunFacts", directory: "Path | None", *, attended: bool, flows: bool = False) -> "Run":
        """A new run for an existing installation; without a directory, one of this machine. `flows`: for the customer's flows."""
        from installer.runs.run import Run

        where = facts.answers.subscription
        if facts.target:
            self._reconnect(facts)
        if directory is None:
            self._refuse_beside_another(facts.answers, flows=flows)
        self.target(where.tenant, where.subscription)
        place = directory or self.state.new_run(where.prefix)
        return Run.new(place, facts.answers, facts.draft, self._connection.facts, self.secrets, attended=attended)

    def resume(
        self, name: str, *, attended: bool, only: str | None = None, changes: "Mapping[str, str] | None" = None
    ) -> "Run":
        """Resume a run that was stopped, or only one step of it; `changes`: answers to change first, by key."""
        from installer.runs.prompts import check_replies
        from installer.runs.run import Run
        from installer.runs.run_steps import check_step, refuse_removal
        from installer.runs.started_runs import FACT

        run = Run.reopen(self.state.run(name), self.secrets, attended=attended)
        try:
            refuse_removal(run)
            check_replies(self.replies, run.past)
            self._reconnect(run.facts)
            self._refuse_beside_another(run.facts.answers, name, flows=run.journal.fact(FACT) is not None)
            if changes:
                from installer.runs.revision import revise_run

                revise_run(run, changes)
        except InstallerError:
            run.journal.close()  # the run has not begun
            raise
        if run.journal.fact("operation"):
            text = "an operation has not ended, so work pools may be paused: start the same command again"
            run.stream.emit("warning", text, left=text)
        if changes:
            self._connection.prepare_for(run.facts.answers)  # other answers may name other resources of the user
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
        where = run.facts.answers.subscription
        try:
            self._reconnect(run.facts)
            self._refuse_beside_another(run.facts.answers, name)
            every, arm = self._steps(run), self.arm(where.subscription, where.tenant)
            steps, only = build(run, every, arm)
            run.journal.set_facts(operation=operation)
        except InstallerError:
            run.journal.close()  # the run has not begun
            raise
        return self._start_run(run, lambda _run: steps, only)

    def _refuse_beside_another(self, answers: "Answers", own: str = "", *, flows: bool = False) -> None:
        """Raise JournalLocked while another process changes the installation; `own`: the run that is to be started again.

        An installation that a newer version of the installer has changed last raises UsageError.
        """
        from installer.runs.exclusive import refuse_after_newer, refuse_beside_another

        refuse_after_newer(self.state, answers, self._connection.facts)
        refuse_beside_another(self.state, answers, self._connection.facts, own=own, flows=flows)

    def _start_run(self, run: "Run", steps: "BuildSteps", only: "Collection[str] | None" = None) -> "Run":
        self._log.begin(run)
        self._run = run
        run.reply(self.replies)
        run.start(steps, only)
        return run

    def _steps(self, run: "Run") -> "Sequence[Step]":
        """Build the steps of a run; called on its thread, as imports and sign-in are slow."""
        from installer.preflight.sign_in_refusals import sign_in_findings
        from installer.runs.run_steps import steps_of

        answers = run.facts.answers
        where = answers.subscription
        arm = self.arm(where.subscription, where.tenant)
        with sign_in_findings(answers, arm.target):
            return steps_of(run, arm, self.secrets, self._connection.survey)

    # -- the end -------------------------------------------------------------------------------------------------

    def keep_prefect(self) -> None:
        """Keep the embedded Azure with its Prefect servers running after this session. Queries the embedded Azure."""
        from installer.cloud.rest import Service

        Service.of_arm(self.target()).ask("POST", "/rehearsal/prefect/stay")
        self._connection.leave_running()

    def close(self) -> None:
        """Stop the run if one is active (deployments in Azure continue), and the embedded Azure."""
        self.end_run()
        super().close()

    def end_run(self) -> None:
        """Stop the run if one is active, and close its files."""
        if self._run is not None:
            self._run.close()
            self._run = None
        self._log.end()


__all__ = ["DEFAULT_SPEED", "Session", "TargetOptions"]
