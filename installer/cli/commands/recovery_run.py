"""Runs that back up or restore: the installation and its reads, the plan that is confirmed, and the run that carries it out."""

import json
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.cli.commands.chosen_run import chosen_run
from installer.cli.commands.output import listeners
from installer.cli.commands.run import one_line, opened, say
from installer.errors import UsageError
from installer.invocation import command as typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from installer.engine.step import Outputs, Step
    from installer.jsontypes import Json
    from installer.preflight.subject import Subject
    from installer.runs.facts import RunFacts
    from installer.runs.run import BuildSteps, Run
    from installer.runs.session import Session
    from installer.steps.flow_programs import FlowPrograms

Settings = dict[str, Any]


@contextmanager
def subject_of(settings: Settings, name: str | None) -> "Iterator[tuple[Session, RunFacts, Subject]]":
    """The installation of a run, with reads of Azure; what cannot be read ends the command as an error of Azure."""
    from installer.cloud.errors import AzureRefused
    from installer.preflight.reads import NotVisible
    from installer.preflight.subject import Subject

    with opened(settings) as session:
        facts = chosen_run(session, name)
        say("reading what exists …")
        with session.reads(facts.answers) as (target, azure, graph):
            try:
                yield (
                    session,
                    facts,
                    Subject(facts.answers, azure, graph, target, secrets=session.secrets, now=time.time),
                )
            except NotVisible as unseen:
                raise AzureRefused(str(unseen)) from unseen


def files_of(session: "Session", facts: "RunFacts", folder: "Path | None") -> "Path":
    """Folder for backups in files: the one that the user names, or that of the installation on this machine."""
    rehearsal = facts.target.get("kind") == "rehearsal"
    own = session.state.backups(facts.answers.subscription.prefix, rehearsal=rehearsal)
    return folder.expanduser().absolute() if folder else own


def programs_of(session: "Session", facts: "RunFacts") -> "Callable[[str], FlowPrograms]":
    """Makes the jobs in the network of an environment. Queries Azure; raises UsageError for one that is not installed."""
    from installer.estate import keys
    from installer.estate.parameters.context import Installation
    from installer.estate.parameters.images import image_use
    from installer.steps.deployed_outputs import known_outputs
    from installer.steps.flow_programs import FlowPrograms

    where = facts.answers.subscription
    arm = session.arm(where.subscription, where.tenant)
    it, outputs = Installation(facts.answers), known_outputs(arm, facts.answers)

    def programs(environment: str) -> FlowPrograms:
        if not {keys.runtime(environment), image_use(it, "prefect", environment).key} <= outputs.keys():
            raise UsageError(f"{environment} is not installed yet; install it first")
        return FlowPrograms(it, it.site(environment), arm.service, outputs)

    return programs


def read_in_network(
    settings: Settings, session: "Session", facts: "RunFacts", build: "BuildSteps", keys: "Iterable[str]"
) -> "tuple[int, dict[str, Outputs]]":
    """Exit code of a run that only reads, which is not kept, and the outputs of its steps with these keys."""
    from installer.cli.watch import watch
    from installer.runs.started_runs import RECOVERY

    with tempfile.TemporaryDirectory(prefix="flowforge-") as directory:
        place = Path(directory) / "reading-1"
        place.mkdir(mode=0o700)
        run = session.begin_beside(facts, build, {RECOVERY: {}}, place)
        result = watch(run, listeners(settings, screen=not settings.get("verbose")))
        for error in list(result.failures.values())[:1]:
            print(str(error), file=sys.stderr)
        records = {key: run.journal.recall(key) for key in keys}
        session.end_run()
    return result.exit_code, {key: one.outputs for key, one in records.items() if one is not None}


def follow(settings: Settings, run: "Run") -> int:
    """Follow a run to its end and report the result."""
    from installer.cli.commands.following import followed
    from installer.cli.result_object import result_object
    from installer.runs.started_runs import continued_by

    result = followed(settings, run)
    if settings.get("output") == "json":
        print(json.dumps(result_object(run, result), ensure_ascii=False), flush=True)
    elif result.state == "succeeded":
        print("Done.")
    else:
        print(f"Continue with: {typed(continued_by(run.journal))}")
    for error in list(result.failures.values())[:1]:
        print(one_line(run, error), file=sys.stderr)
    return result.exit_code


def begun_or_continued(
    session: "Session",
    facts: "RunFacts",
    unfinished: str,
    about: "dict[str, Json]",
    build: "Callable[[Run], Sequence[Step]]",
) -> "Run":
    """A new run for the installation, or the unfinished one of the same command; `unfinished`: its name, "" without one."""
    from installer.runs.started_runs import RECOVERY

    if unfinished:
        return session.continue_recovery(unfinished, build)
    return session.begin_beside(facts, build, {RECOVERY: about})
