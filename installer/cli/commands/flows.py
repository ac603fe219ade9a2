"""Commands for the customer's flows: deploy, diff, list, run, init. They return exit codes."""

import json
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from installer.answers.pages.patterns import SOURCE_IMAGE, SOURCE_IMAGE_WORDS
from installer.cli.commands.output import attended, listeners
from installer.cli.commands.run import one_line, opened
from installer.cli.deployment_lines import deployment_lines
from installer.cli.flow_report import report_flows, role_left
from installer.errors import CheckBlocked, UsageError, WaitingForInput
from installer.invocation import command as typed
from installer.json_access import as_list, as_object, as_text, objects_of
from installer.runs.flows import FlowRequest
from installer.runs.started_runs import FACT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.engine.events import Listener
    from installer.engine.runner import Result
    from installer.jsontypes import Json
    from installer.runs.run import Run, RunFacts
    from installer.runs.session import Session

Settings = dict[str, Any]
CHANGES: Final = CheckBlocked.exit_code
"""Exit code of `flows diff` if something would change."""


@dataclass(frozen=True)
class Chosen:
    """An installation, and an environment of it.

    Attributes:
        environment: Name of the environment.
        run: Name of a run; None for the newest one.
        answers: An answers file instead of a run.
        source: Folder or archive of the flows; None for that of the answers.

    """

    environment: str
    run: str | None = None
    answers: Path | None = None
    source: str | None = None


@dataclass(frozen=True)
class OtherImage:
    """An image that is not built by the installer.

    Attributes:
        promoted: The environment whose image is promoted; None for none.
        imported: An image of another registry by digest, instead of that of the answers; None for that.

    """

    promoted: str | None = None
    imported: str | None = None

    def __post_init__(self) -> None:
        if self.promoted and self.imported:
            raise UsageError("name --from or --image, not both")
        if self.imported is not None and not re.fullmatch(SOURCE_IMAGE, self.imported):
            raise UsageError(f"--image {self.imported}: write it as {SOURCE_IMAGE_WORDS}")


def deploy(settings: Settings, chosen: Chosen, other: OtherImage, *, yes: bool, take: tuple[str, ...]) -> int:
    """Deploy the flows, or promote those of another environment by the digest of their image."""
    with _session(settings, chosen) as (session, facts):
        request = FlowRequest("deploy", chosen.environment, flow_source(chosen, facts), take)
        request = _with_image(settings, session, facts, request, other)
        prompts = attended() and not yes
        run = session.begin_flows(facts, request, attended=prompts, assent=yes)
        result = _watched(run, listeners(settings), prompts=prompts)
        if settings.get("output") != "json":
            report_flows(run, result, print)
        return result.exit_code


def _with_image(
    settings: Settings, session: "Session", facts: "RunFacts", request: "FlowRequest", other: OtherImage
) -> "FlowRequest":
    """The request with the image that the options or the answers name, if the installer does not build one."""
    if other.promoted:
        return replace(request, digest=promoted_digest(settings, session, facts, request, other.promoted))
    return replace(request, image=other.imported or facts.answers.flows.image_from)


def diff(settings: Settings, chosen: Chosen, other: OtherImage, *, take: tuple[str, ...]) -> int:
    """Print what `deploy` with the same options would change; exits with 3 if that is anything."""
    with _session(settings, chosen) as (session, facts):
        request = FlowRequest("diff", chosen.environment, flow_source(chosen, facts), take)
        request = _with_image(settings, session, facts, request, other)
        result, found = _asked(settings, session, facts, request)
    if result.exit_code:
        return result.exit_code
    lines = [as_text(one) for one in as_list(found.get("lines"))]
    if settings.get("output") == "json":
        names = ("changes", "kept", "files", "image")
        print(json.dumps({"environment": chosen.environment, **{n: found.get(n) for n in names}, "lines": lines}))
    else:
        print(*(lines or [f"the flows of {chosen.environment} are as in their files"]), sep="\n")
    return CHANGES if found.get("changes") or found.get("files") else 0


def list_deployments(settings: Settings, chosen: Chosen) -> int:
    """Print a line for each deployment of the environment."""
    with _session(settings, chosen) as (session, facts):
        result, found = _asked(settings, session, facts, FlowRequest("list", chosen.environment))
    if result.exit_code:
        return result.exit_code
    if settings.get("output") == "json":
        print(json.dumps({"environment": chosen.environment, **found}))
        return 0
    if deployments := objects_of(found.get("deployments")):
        print(*deployment_lines(deployments), sep="\n")
    else:
        print(f"no deployments in {chosen.environment} yet")
    return 0


def run_deployment(settings: Settings, chosen: Chosen, deployment: str, parameters: tuple[str, ...]) -> int:
    """Run a deployment once, and print its log."""
    if "/" not in deployment:
        raise UsageError(f"{deployment}: write it as FLOW/DEPLOYMENT, as flows list shows it")
    request = FlowRequest("run", chosen.environment, deployment=deployment, parameters=_parameters(parameters))
    with _session(settings, chosen) as (session, facts):
        run = session.begin_flows(facts, request, attended=False, assent=False)
        result = _watched(run, listeners(settings))
        if settings.get("output") != "json":
            report_flows(run, result, print)
        return result.exit_code


def init(directory: Path) -> int:
    """Write the example project to a folder."""
    from installer.shipped_files import example_flows

    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(f"{directory} exists and is not an empty folder; name another one")
    try:
        shutil.copytree(example_flows(), directory, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    except OSError as error:
        raise UsageError(f"{directory}: cannot be written: {error.strerror}") from error
    names = ", ".join(sorted(one.name for one in directory.iterdir()))
    print(f"{directory}: written ({names}); deploy it with: {typed(f'flows deploy --env dev --source {directory}')}")
    return 0


@contextmanager
def _session(settings: Settings, chosen: Chosen) -> "Iterator[tuple[Session, RunFacts]]":
    """A session with the facts of the chosen installation."""
    from installer.engine.journal import Journal
    from installer.runs.run import read_facts
    from installer.runs.started_runs import newest_installation

    if chosen.answers is not None:
        if chosen.run is not None:
            raise UsageError("name a run or an answers file, not both")
        from installer.answers.files import load
        from installer.runs.facts import RunFacts

        loaded = load(chosen.answers)
        facts = RunFacts("", Path(), loaded.answers, loaded.draft, {}, "", "")
        _check_environment(chosen, facts)
        with opened({"cloud": loaded.answers.subscription.cloud, **settings}) as session:
            yield session, facts
        return
    with opened(settings) as session:
        name = chosen.run or newest_installation(session.state)
        if name is None:
            raise UsageError(f"no installation exists yet; {typed('rehearse')} makes one that costs nothing")
        with Journal(session.state.run(name), write=False) as journal:
            found = read_facts(journal)
        _check_environment(chosen, found)
        yield session, found


def _check_environment(chosen: Chosen, facts: "RunFacts") -> None:
    """Refuse an environment that the answers do not have, before a sign-in is asked for."""
    environments = facts.answers.subscription.environments
    if chosen.environment not in environments:
        raise UsageError(f"--env {chosen.environment}: the environments are {', '.join(environments)}")


def flow_source(chosen: Chosen, facts: "RunFacts") -> str:
    """Absolute path of the flows. Raises UsageError if none is known, or its files cannot be read."""
    from installer.flow_project.project import read_project

    given = chosen.source or facts.answers.flows.source
    if not given:
        raise UsageError("no flows are known: answer flows.source, or name their folder or archive with --source")
    path = str(Path(given).expanduser().absolute())
    read_project(path)  # before a sign-in is asked for
    return path


def _parameters(given: tuple[str, ...]) -> "dict[str, Json]":
    """Parse KEY=VALUE parameters; a value is JSON, or else text."""
    found: dict[str, Json] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not key or not equals:
            raise UsageError(f"--param {one}: write it as KEY=VALUE")
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value
    return found


def promoted_digest(
    settings: Settings, session: "Session", facts: "RunFacts", request: FlowRequest, environment: str
) -> str:
    """Digest of the image that another environment runs. Raises UsageError, or CheckBlocked if its files are others."""
    from installer.flow_project.project import read_project

    if environment == request.environment:
        raise UsageError(f"--from {environment}: name another environment than the one to deploy to")
    digest, mark = running_flows(settings, session, facts, environment)
    if not digest:
        raise CheckBlocked(f"{environment} has no flows yet; deploy them there first")
    own = read_project(request.source).mark
    if mark != own:
        words = f"deploy them to {environment} first, or name the source that it has"
        raise CheckBlocked(f"{environment} runs the files {mark}, but {request.source} has {own}; {words}")
    return digest


def running_flows(settings: Settings, session: "Session", facts: "RunFacts", environment: str) -> tuple[str, str]:
    """Digest of the image that an environment runs, and hash of its files; "" without flows. Raises CheckBlocked."""
    result, found = _asked(settings, session, facts, FlowRequest("list", environment))
    if result.exit_code:
        raise CheckBlocked(f"the flows of {environment} could not be read")
    return as_text(found.get("image")), as_text(found.get("mark"))


def _asked(
    settings: Settings, session: "Session", facts: "RunFacts", request: FlowRequest
) -> "tuple[Result, Mapping[str, Json]]":
    """Run a command that only reads, in a directory that is removed; returns its result."""
    shown = listeners(settings) if settings.get("verbose") else listeners(settings, screen=True)
    with tempfile.TemporaryDirectory(prefix="flowforge-") as directory:
        place = Path(directory) / "flows-1"
        place.mkdir(mode=0o700)
        run = session.begin_flows(facts, request, attended=False, directory=place, assent=False)
        result = _watched(run, shown)
        found = _outputs(run, result)
        session.end_run()
    return result, found


def _watched(run: "Run", shown: "list[Listener]", *, prompts: bool = False) -> "Result":
    from installer.cli.watch import watch

    result = watch(run, shown, input if prompts else None)
    for error in list(result.failures.values())[:1]:
        print(one_line(run, error) if isinstance(error, WaitingForInput) else str(error), file=sys.stderr)
    if result.failures and (told := role_left(run, FlowRequest.from_json(run.journal.fact(FACT)).environment)):
        print(told, file=sys.stderr)
    return result


def _outputs(run: "Run", result: "Result") -> "Mapping[str, Json]":
    """Outputs of the first step of a run that has succeeded."""
    if result.exit_code:
        return {}
    for event in run.journal.events():
        if event.kind == "step.finished" and (record := run.journal.recall(event.step)) is not None:
            return as_object(dict(record.outputs))
    return {}
