"""The command upgrade: what is behind, or the plan of an upgrade and, once it is confirmed, its steps."""

import json
import secrets
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.cli.commands.chosen_run import check_environment, chosen_name
from installer.cli.commands.output import confirmed
from installer.cli.commands.run import Settings, follow_to_end, opened, pairs, say
from installer.cli.commands.status import observed_of
from installer.cli.flow_report import pools_left
from installer.cli.terminal_lines import show_lines
from installer.errors import CheckBlocked, UsageError
from installer.estate.parameters.context import Installation
from installer.invocation import command as typed
from installer.json_access import as_object, as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from installer.cloud.arm import Arm
    from installer.engine.step import Step
    from installer.jsontypes import Json
    from installer.operations.upgrade.model import UpgradePlan
    from installer.preflight.subject import Subject
    from installer.runs.facts import RunFacts
    from installer.runs.run import Run
    from installer.runs.session import Session

KUBERNETES: Final = "kubernetes"
ACCEPTED: Final = (KUBERNETES, "prefect", "images", "templates")


@dataclass(frozen=True)
class Wanted:
    """The request of the user.

    Attributes:
        environment: The environment, "" for all of them.
        to: The version, "" for the newest one.
        wait: Seconds to wait for flow runs that are under way.
        given: Further answers as KEY=VALUE.

    """

    environment: str
    to: str
    wait: float
    given: tuple[str, ...] = ()


def upgrade(settings: Settings, what: str, wanted: Wanted, name: str | None, *, yes: bool) -> int:
    """Upgrade a part of the installation of a run; without a part, print what is behind.

    Args:
        settings: Global options.
        what: The part, "" to read only.
        wanted: Environment, version and patience.
        name: The run; by default that of the newest installation.
        yes: Whether to carry out the plan without asking.

    """
    if what and what not in ACCEPTED:
        raise UsageError(f"upgrade {what}: accepted: {', '.join(ACCEPTED)}")
    if not what and (wanted.to or wanted.given or yes):
        option = "--to" if wanted.to else "--set" if wanted.given else "--yes"
        raise UsageError(f"{option} is for an upgrade; name what is upgraded: {', '.join(ACCEPTED)}")
    with opened(settings) as session:
        chosen = chosen_name(session, name)
        facts = session.installation(chosen)
        if wanted.environment:
            check_environment(facts.answers, wanted.environment)
        if not what:
            return _overview(settings, session, facts, wanted.environment)
        if what == KUBERNETES:
            if wanted.given:
                raise UsageError("upgrade kubernetes: --set is for images of other registries")
            return _clusters(settings, session, facts, wanted, yes=yes)
        from installer.cli.commands.upgrade_run import ByRun, upgrade_by_run

        by_run = ByRun(
            what,
            wanted.to,
            pairs(wanted.given, "--set", "a key of the answers file, such as images.web_from=IMAGE"),
            wanted.wait,
            wanted.environment,
        )
        return upgrade_by_run(settings, session, facts, by_run, yes=yes)


def _overview(settings: Settings, session: "Session", facts: "RunFacts", environment: str) -> int:
    """Print what is behind; exit code 4 if Azure showed nothing."""
    from installer.operations.status.assess import assess
    from installer.operations.status.report import status_lines
    from installer.operations.upgrade.behind import questions

    say("reading versions")
    where = facts.answers.subscription
    arm = session.arm(where.subscription, where.tenant)
    with observed_of(session, facts) as observed:
        found = assess(observed, environment, questions(facts.answers, arm, session.secrets))
        if (lost := observed.subject.arm.unreached) is not None:
            raise lost
    if settings.get("output") == "json":
        print(json.dumps({**found.as_json(), "kind": "upgrades"}, ensure_ascii=False))
    else:
        print(*status_lines(found), sep="\n")
    return 0 if found.problems else found.exit_code


def _clusters(settings: Settings, session: "Session", facts: "RunFacts", wanted: Wanted, *, yes: bool) -> int:
    """Plan an upgrade of Kubernetes, and carry it out when it was confirmed."""
    from installer.operations.upgrade.clusters import plan_clusters

    mark, wanted = _begun(session, facts, wanted)
    say("reading the clusters, and what their regions offer")
    with _subject(session, facts) as subject:
        plan, _ = plan_clusters(subject, Installation(facts.answers), wanted.environment, wanted.to)
    if not yes or plan.blocks or settings.get("output") != "json":
        _show(settings, plan, facts.name)
    if plan.blocks:
        print("the upgrade is blocked: nothing was changed", file=sys.stderr)
        return CheckBlocked.exit_code
    if not plan.changes and not mark:
        return 0
    if not confirmed(settings, "Carry out this plan?", yes=yes):
        return 0
    run = begin_clusters(session, facts, wanted, mark)
    code = follow_to_end(settings, run)
    if code == 0:
        run.journal.set_facts(operation=None)
        return code
    for line in _left(run, facts, plan):
        print(line, file=sys.stderr)
    return code


def begin_clusters(session: "Session", facts: "RunFacts", wanted: Wanted, mark: str) -> "Run":
    """Start an upgrade of Kubernetes, or continue the one with this mark."""
    from installer.operations.upgrade.cluster_steps import ClusterSteps
    from installer.operations.upgrade.clusters import plan_clusters

    continued, mark = bool(mark), mark or secrets.token_hex(4)
    operation: Json = {
        "upgrade": KUBERNETES,
        "environment": wanted.environment,
        "to": wanted.to,
        "mark": mark,
        "command": f"{_words(wanted.environment, wanted.to)} --run {facts.name} --yes",
    }

    def build(run: "Run", every: "Sequence[Step]", arm: "Arm") -> "tuple[Sequence[Step], Collection[str]]":
        from installer.cloud.rest import Service

        it = Installation(run.facts.answers)
        recorded = {one.step: one.outputs for one in run.journal.records() if one.state == "done"}
        with _subject(session, facts) as subject:
            _, upgrades = plan_clusters(subject, it, wanted.environment, wanted.to, all_sites=continued)
        steps = ClusterSteps(it, Service.of_arm(arm.target), run.name, mark, wanted.wait, recorded)
        return steps.steps(every, upgrades)

    return session.operate(facts.name, build, operation)


def _begun(session: "Session", facts: "RunFacts", wanted: Wanted) -> tuple[str, Wanted]:
    """Mark of an upgrade that has not ended, "" without one, and its version. Raises UsageError if another operation has not."""
    found = as_object(session.operation_of(facts.name))
    if not found:
        if facts.state != "succeeded":
            raise UsageError(f"run {facts.name} has not succeeded: {typed(f'resume {facts.name}')} continues it")
        return "", wanted
    if found.get("upgrade") != KUBERNETES:
        words = typed(as_text(found.get("command")))
        raise UsageError(f"another operation has not ended: {words} continues it")
    environment, to = as_text(found.get("environment")), as_text(found.get("to"))
    if wanted.environment != environment or wanted.to not in ("", to):
        raise UsageError(f"another upgrade has not ended: {typed(_words(environment, to))} continues it")
    return as_text(found.get("mark")), Wanted(environment, to, wanted.wait)


def _words(environment: str, to: str) -> str:
    options = (f" --env {environment}" if environment else "") + (f" --to {to}" if to else "")
    return f"upgrade {KUBERNETES}{options}"


@contextmanager
def _subject(session: "Session", facts: "RunFacts") -> "Iterator[Subject]":
    from installer.preflight.subject import Subject

    with session.reads(facts.answers) as (target, azure, graph):
        yield Subject(facts.answers, azure, graph, target, secrets=session.secrets)


def _show(settings: Settings, plan: "UpgradePlan", run: str) -> None:
    from installer.operations.upgrade.report import rendered

    if settings.get("output") == "json":
        print(json.dumps(plan.as_json(run), ensure_ascii=False))
    else:
        show_lines(rendered(plan))


def _left(run: "Run", facts: "RunFacts", plan: "UpgradePlan") -> "Iterator[str]":
    """The remains of an upgrade that did not succeed, and the way on."""
    for environment in facts.answers.subscription.environments:
        if left := pools_left(run, environment):
            yield left
    yield from plan.back
