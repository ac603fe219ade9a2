"""Queries about the runs that were recorded before, on this machine or in Azure: their facts, and which of them is meant."""

from contextlib import suppress
from typing import TYPE_CHECKING

from installer.errors import InstallerError
from installer.jsontypes import Json
from installer.runs.queries import Queries

if TYPE_CHECKING:
    from pathlib import Path

    from installer.answers.draft import Draft
    from installer.answers.model import Answers
    from installer.cloud.sign_in import ShowMessage
    from installer.runs.connection import TargetOptions
    from installer.runs.facts import RunFacts
    from installer.runs.state_directory import StateDirectory


class RecordedRuns(Queries):
    """The recorded runs, and a connection to the target of one of them. Has to be closed."""

    def __init__(self, state: "StateDirectory", options: "TargetOptions", show_message: "ShowMessage | None") -> None:
        super().__init__(state, options, show_message)
        self.state = state

    def installation(self, name: str) -> "RunFacts":
        """Facts of a run, to whose target this session is connected from now on."""
        from installer.engine.journal import Journal
        from installer.runs.facts import read_facts

        with Journal(self.state.run(name), write=False) as journal:
            facts = read_facts(journal)
        self._reconnect(facts)
        return facts

    def removal_of(self, name: str) -> str:
        """The environment whose removal a run completes, "" for any other run."""
        from installer.engine.journal import Journal
        from installer.runs.started_runs import REMOVES

        with Journal(self.state.run(name), write=False) as journal:
            return str(journal.fact(REMOVES) or "")

    def operation_of(self, name: str) -> Json:
        """The operation that a run has begun and not ended, or None."""
        from installer.engine.journal import Journal

        with Journal(self.state.run(name), write=False) as journal:
            return journal.fact("operation")

    def unfinished(self) -> str | None:
        """The newest run of the same kind (rehearsal or real), if it has not succeeded and no process holds it."""
        if not self.state.run_names():
            return None  # journals, and what reads them, are needed by none
        from installer.runs.started_runs import unfinished_run

        return unfinished_run(self.state, rehearsal=self.options.rehearsal)

    def completed(self) -> "tuple[str, Path] | None":
        """The newest run of the same kind with its answers file, if it has succeeded."""
        if not self.state.run_names():
            return None
        from installer.runs.facts import EXPORTED
        from installer.runs.started_runs import completed_run

        name = completed_run(self.state, rehearsal=self.options.rehearsal)
        file = self.state.run(name) / EXPORTED if name is not None else None
        return (name, file) if name is not None and file is not None and file.is_file() else None

    def applied(self, draft: "Draft", *, certain: bool = False) -> "tuple[str, Answers] | None":
        """The last run of the installation of a draft, and its answers; None if there is none. Queries Azure.

        Azure has those of every machine. Without a record there, or without an answer of Azure, it is the newest run of
        this machine that has succeeded. With `certain`, an error of Azure is raised: a removal of older answers would be another one.
        """
        from installer.runs.started_runs import applied_answers
        from installer.steps.changed_answers import former_run

        if not draft.problems():
            answers = draft.answers()
            where = answers.subscription
            with suppress(*(() if certain else (InstallerError,))):
                if found := former_run(self.arm(where.subscription, where.tenant), answers):
                    return found
        return applied_answers(self.state, str(draft.value("subscription.prefix")), rehearsal=self.options.rehearsal)

    def newest(self) -> str | None:
        """The newest run that has started, of any kind and in any state. Raises UsageError if a newer one cannot be read."""
        from installer.runs.started_runs import newest_run

        return newest_run(self.state)

    def mark_removed(self, facts: "RunFacts", by: str) -> list[str]:
        """Record that the installation of a run was removed by another run, in every run of this machine that installed it.

        Returns:
            Why runs could not be marked.

        """
        from installer.runs.started_runs import mark_removed

        return [*mark_removed(self.state, facts, by)]

    def _reconnect(self, facts: "RunFacts") -> None:
        """Reconnect to the target of a run. Raises UsageError while its rehearsal is in use."""
        from installer.runs.kept_rehearsals import refuse_kept

        if not self._connection.runs(facts.target):
            refuse_kept(self.state, facts.target, facts.name)
        self._connection.reconnect(facts.target)
        self.options = self._connection.options
