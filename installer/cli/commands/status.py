"""The command status: whether everything of an installation is as it should be. It writes nothing."""

import json
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from installer.cli.commands.chosen_run import check_environment, chosen_run
from installer.cli.commands.run import opened, say
from installer.invocation import command as typed
from installer.json_access import as_object, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.operations.status.model import Status
    from installer.operations.status.observed import Drift, Observed
    from installer.runs.facts import RunFacts
    from installer.runs.session import Session

Settings = dict[str, Any]


def status(settings: Settings, name: str | None, environment: str) -> int:
    """Print the state of the installation of a run; exit code 6 if there is a problem."""
    from installer.operations.status.report import status_lines

    with opened(settings, reads=True) as session:
        found = assessed(session, chosen_run(session, name), environment)
    if settings.get("output") == "json":
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        print(*status_lines(found), sep="\n")
        if found.problems:
            print(f"{typed(f'doctor {found.run}')} offers resolutions", file=sys.stderr)
    return found.exit_code


def assessed(session: "Session", facts: "RunFacts", environment: str = "") -> "Status":
    """The state of an installation. Queries Azure. Raises UsageError for an unknown environment, AzureRefused without a connection."""
    from installer.operations.status.assess import assess

    if environment:
        check_environment(facts.answers, environment)
    with observed_of(session, facts) as observed:
        say("reading the installation, and asking Azure what a run would change")
        found = assess(observed, environment)
        if (lost := observed.subject.arm.unreached) is not None:
            raise lost
        return found


@contextmanager
def observed_of(session: "Session", facts: "RunFacts") -> "Iterator[Observed]":
    """The input of the questions about an installation."""
    from installer.engine.journal import Journal
    from installer.engine.lock import is_held
    from installer.estate.parameters.context import Installation
    from installer.operations.status.observed import IN_PROGRESS, Observed
    from installer.preflight.subject import Subject
    from installer.runs.acceptance_times import acceptance_times
    from installer.runs.summary import summarize
    from installer.steps.image_steps import image_steps

    answers = facts.answers
    with Journal(session.state.run(facts.name), write=False) as journal:
        events = tuple(journal.events())
        accepted = acceptance_times(answers, events, journal)
        addresses = summarize(answers, events, journal).addresses
    with session.reads(answers) as (target, azure, graph):
        where = answers.subscription
        arm = session.arm(where.subscription, where.tenant)
        images = image_steps(Installation(answers), arm, session.secrets, {})
        yield Observed(
            Subject(answers, azure, graph, target, secrets=session.secrets),
            facts.name,
            IN_PROGRESS if is_held(session.state.run(facts.name)) else facts.state,
            partial(_drift, session, facts),
            _rotation(operation := session.operation_of(facts.name)),
            addresses,
            accepted,
            {one.use: one.source for one in images},
            "" if _rotation(operation) else as_text(as_object(operation).get("command")),
        )


def _rotation(operation: "Json") -> tuple[str, str] | None:
    found = as_object(operation)
    return (as_text(found.get("rotate")), as_text(found.get("environment"))) if "rotate" in found else None


def _drift(session: "Session", facts: "RunFacts") -> "Drift":
    from installer.operations.status.observed import Drift
    from installer.planning.set_back import sent_as_now
    from installer.steps.deployed_outputs import known_outputs, stage_deployments

    answers, where = facts.answers, facts.answers.subscription
    plan = session.plan(answers, draft=facts.draft)
    arm = session.arm(where.subscription, where.tenant)
    deployed = stage_deployments(arm, answers)
    outputs = known_outputs(arm, answers, deployed)
    stages = {one.stage for one in plan.changes}
    unchanged = sent_as_now(answers, deployed, outputs, session.secrets, stages)
    return Drift(plan, frozenset(spec.key for spec in unchanged))
