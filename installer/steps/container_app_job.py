"""Step: runs a Container Apps job inside the network, and waits until it succeeds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed, VerificationFailed
from installer.estate.parameters.kubernetes.diff import matches
from installer.json_access import as_text
from installer.jsontypes import Json
from installer.steps.polling import poll

VERSION: Final = "2025-07-01"
POLL_SECONDS: Final = 5.0
TIMEOUT_SECONDS: Final = 2000.0
"""A little longer than the timeout of the jobs."""
USUAL_SECONDS: Final = 45.0
"""Estimated: the start of a container, and a little work."""
_OVER: Final = frozenset({"succeeded", "failed", "stopped", "degraded"})
_COMPARED: Final = ("image", "command", "args", "env")
Template = dict[str, Json]


@dataclass(frozen=True)
class RunJob:
    """One execution of a job.

    Attributes:
        job: resource id.
        template_override: returns another template to run, given that of the job; None runs the job's template.
        run_always: the job reconciles, and has to run in every run.
        local_seconds: seconds that the real processes of a rehearsal take, at any speed; 0 in a real cloud.
        output: reads the output of an execution, for a program whose result is needed; None where it is not worth the wait.

    """

    arm: Service
    job: str
    key: str
    title: str
    needs: tuple[str, ...]
    template_override: Callable[[Context, Template], Template] | None = None
    run_always: bool = False
    local_seconds: float = 0.0
    output: Callable[[Context, str], str] | None = None

    @property
    def usual_seconds(self) -> float:
        """Estimated; `local_seconds` is measured."""
        return USUAL_SECONDS / self.arm.target.speed + self.local_seconds

    def _template(self, context: Context) -> Template:
        """The template to run."""
        found = self.arm.ask("GET", f"{self.job}?api-version={VERSION}", doing=f"read {self._name}").body
        properties = found.get("properties")
        own = properties.get("template") if isinstance(properties, dict) else None
        template = own if isinstance(own, dict) else {}
        return self.template_override(context, template) if self.template_override else template

    @property
    def _name(self) -> str:
        return self.job.rsplit("/", 1)[-1]

    def _executions(self, wanted: Template) -> list[dict[str, Json]]:
        """Executions of this template, newest first."""
        every = self.arm.every(f"{self.job}/executions?api-version={VERSION}", doing=f"executions of {self._name}")
        same = [
            one
            for one in every
            if matches(_compared_fields(wanted), _compared_fields(_properties(one).get("template")))
        ]
        return sorted(same, key=lambda one: str(_properties(one).get("startTime")), reverse=True)

    def check(self, context: Context) -> Outputs | None:
        """Done when the newest execution of this template succeeded."""
        return None if self.run_always else self._last_success(context)

    def _last_success(self, context: Context) -> Outputs | None:
        found = self._executions(self._template(context))
        return {"execution": str(found[0].get("name"))} if found and _status(found[0]) == "succeeded" else None

    def apply(self, context: Context) -> Outputs:
        """Start the job, or follow an execution that is running. Raises DeploymentFailed if it does not succeed."""
        wanted = self._template(context)
        context.remember("begun", name=self._name)
        before = self._executions(wanted)
        known = {as_text(one.get("name")) for one in before}
        if before and not self.run_always and _status(before[0]) == "succeeded":
            return {"execution": str(before[0].get("name"))}  # it succeeded since the check
        running = next((one for one in before if _status(one) not in _OVER), None)
        name = str(running.get("name")) if running else self._start(wanted)
        context.emit("resource.started", "running", resource=name or self._name, type="job")
        for _ in poll(
            context, interval=POLL_SECONDS, limit=TIMEOUT_SECONDS, speed=self.arm.target.speed, real_time=True
        ):
            # The start request may return no execution name: then it is the execution that is new.
            every = self._executions(wanted)
            found = next(
                (
                    one
                    for one in every
                    if one.get("name") == name or (not name and as_text(one.get("name")) not in known)
                ),
                None,
            )
            state = _status(found) if found else ""
            name = str(found["name"]) if found else name
            if state == "succeeded":
                context.emit("resource.finished", "succeeded", resource=name, type="job")
                return {"execution": name}
            if state in _OVER:
                if self.output is not None and (text := self.output(context, name)):
                    raise DeploymentFailed(text)
                raise DeploymentFailed(
                    f"the job {self._name} ended as {state} (execution {name}). What it printed is in Log Analytics: "
                    f'ContainerAppConsoleLogs | where ContainerGroupName startswith "{name}"'
                )
        raise DeploymentFailed(f"the job {self._name} has not ended after {TIMEOUT_SECONDS:.0f} s")

    def _start(self, wanted: Template) -> str:
        path = f"{self.job}/start?api-version={VERSION}"
        answer = self.arm.ask("POST", path, wanted if self.template_override else None, doing=f"start {self._name}")
        return str(answer.body.get("name") or "")

    def log(self, context: Context) -> str:
        """Empty unless `output` reads it: Resource Manager has no output of jobs; Log Analytics has, some minutes later."""
        if self.output is None:
            return ""
        found = self._last_success(context)
        return self.output(context, str(found["execution"])) if found else ""

    def verify(self, context: Context, outputs: Outputs) -> None:  # noqa: ARG002  the same for every step
        """Read the executions again."""
        if self._last_success(context) is None:
            raise VerificationFailed(f"the newest execution of {self._name} did not succeed")


def with_program(template: Template, command: list[Json], settings: dict[str, Json]) -> Template:
    """A template whose container runs another command, with additional environment variables."""
    containers = template.get("containers")
    first = containers[0] if isinstance(containers, list) and isinstance(containers[0], dict) else {}
    before = first.get("env")
    own = [one for one in before if isinstance(one, dict)] if isinstance(before, list) else []
    kept: list[Json] = [one for one in own if one.get("name") not in settings]
    more: list[Json] = [{"name": name, "value": value} for name, value in settings.items()]
    given = first.get("resources")
    size = _only(given, "cpu", "memory") if isinstance(given, dict) else {}
    same = _only(first, "name", "image")
    return {"containers": [{**same, "command": command, "env": [*kept, *more], "resources": size}]}


def _only(given: dict[str, Json], *names: str) -> dict[str, Json]:
    return {name: value for name, value in given.items() if name in names}


def _properties(one: dict[str, Json]) -> dict[str, Json]:
    found = one.get("properties")
    return found if isinstance(found, dict) else {}


def _status(one: dict[str, Json]) -> str:
    return str(_properties(one).get("status", "")).lower()


def _compared_fields(template: Json) -> Json:
    """The compared properties of a template, without those that Azure fills in."""
    containers = template.get("containers") if isinstance(template, dict) else None
    return [
        {name: one[name] for name in _COMPARED if one.get(name)}
        for one in (containers if isinstance(containers, list) else [])
        if isinstance(one, dict)
    ]
