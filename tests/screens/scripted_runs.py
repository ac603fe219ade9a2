"""Scripted runs: each emits the events of a run up to some point and sets the manual clock to that time."""

from typing import TYPE_CHECKING, Final

from installer.engine.step import Question
from installer.errors import DeploymentFailed
from installer.jsontypes import Json
from tests.screens.fake_session import FakeRun

if TYPE_CHECKING:
    from installer.engine.event_data import ResourceFacts

STEPS: Final[tuple[tuple[str, str, tuple[str, ...], float], ...]] = (
    ("foundation", "Foundation", (), 190.0),
    ("network", "Network", ("foundation",), 240.0),
    ("data", "Data", ("network",), 420.0),
    ("runtime-dev", "Runtime · dev", ("network",), 380.0),
    ("controlplane-dev", "Control plane · dev", ("data", "runtime-dev"), 90.0),
    ("prefect-server", "Prefect server", ("runtime-dev",), 40.0),
    ("acceptance-dev", "Acceptance run · dev", ("prefect-server",), 30.0),
)
PROVIDERS: Final = "/subscriptions/4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab/resourceGroups/rg-ff-contoso-dev/providers"
QUOTA: Final[Json] = {
    "code": "DeploymentFailed",
    "message": "At least one resource deployment operation failed.",
    "details": [
        {
            "code": "Conflict",
            "message": "The request failed.",
            "details": [
                {
                    "code": "QuotaExceeded",
                    "message": "4 more cores of Standard DDSv5 are needed in swedencentral, and 2 are left.",
                }
            ],
        }
    ],
}


REASONS: Final = {"now": "it passes without changes", "changed": "only with more cores", "never": "not in this state"}


def begin(run: FakeRun) -> None:
    """Emit the start of the run with its steps."""
    steps: list[Json] = [{"key": k, "title": t, "needs": list(n), "usual": u} for k, t, n, u in STEPS]
    run.stream.emit("run.started", f"run {run.name}", steps=steps)


def step(run: FakeRun, key: str, word: str = "begin", text: str = "", *, retry: str = "now") -> None:
    """Emit that a step starts, is done or fails."""
    if word == "begin":
        run.stream.emit("step.started", text, step=key)
    elif word == "done":
        run.stream.emit("step.finished", text or "done", step=key)
    else:
        run.stream.emit("step.failed", text, step=key, exit_code=4, retry=retry, retry_reason=REASONS[retry])


def resource(run: FakeRun, key: str, name: str, kind: str, word: str = "begin", *, usual: float = 0.0) -> None:
    """Emit that a resource starts, is done or fails; another `word` is the error message."""
    facts: ResourceFacts = {"id": f"{PROVIDERS}/{kind}/{name}", "type": kind}
    if word == "begin":
        run.stream.emit("resource.started", "running", step=key, resource=name, usual=usual, **facts)
    elif word == "done":
        run.stream.emit("resource.finished", "done", step=key, resource=name, **facts)
    else:
        run.stream.emit("resource.failed", word, step=key, resource=name, error=QUOTA, **facts)


def until_data(run: FakeRun) -> None:
    """Foundation and network are done, data and the cluster in progress, after seven minutes."""
    begin(run)
    step(run, "foundation")
    run.clock.seconds = 184
    for name in ("rg-ff-contoso-dev", "kv-ff-contoso-dev", "log-ff-contoso"):
        resource(run, "foundation", name, "Microsoft.Resources/resourceGroups", "done")
    step(run, "foundation", "done")
    step(run, "network")
    run.clock.seconds = 402
    step(run, "network", "done")
    step(run, "data")
    step(run, "runtime-dev")
    resource(run, "data", "pg-ff-contoso", "Microsoft.DBforPostgreSQL/flexibleServers", usual=430)
    resource(run, "data", "stffcontosodev", "Microsoft.Storage/storageAccounts", usual=25)
    run.clock.seconds = 409
    resource(run, "runtime-dev", "aks-ff-contoso-dev", "Microsoft.ContainerService/managedClusters", usual=360)
    run.clock.seconds = 431
    resource(run, "data", "stffcontosodev", "Microsoft.Storage/storageAccounts", "done")
    run.stream.emit("log", "throttled by Azure for 5 s (reads); carrying on", step="data")
    run.clock.seconds = 474


def failed(run: FakeRun) -> None:
    """The cluster fails for lack of cores; the rest has ended."""
    until_data(run)
    words = "QuotaExceeded: 4 more cores of Standard DDSv5 are needed in swedencentral, and 2 are left."
    resource(run, "runtime-dev", "aks-ff-contoso-dev", "Microsoft.ContainerService/managedClusters", words)
    step(run, "runtime-dev", "failed", words, retry="changed")
    run.clock.seconds = 830
    resource(run, "data", "pg-ff-contoso", "Microsoft.DBforPostgreSQL/flexibleServers", "done")
    step(run, "data", "done")
    for key in ("controlplane-dev", "prefect-server", "acceptance-dev"):
        run.stream.emit("step.skipped", "waits for Runtime · dev", step=key, state="blocked")
    run.end({"runtime-dev": DeploymentFailed(words)})


def succeeded(run: FakeRun) -> None:
    """Everything is installed and verified."""
    until_data(run)
    for key, _title, _needs, _usual in STEPS[2:]:
        step(run, key, "done")
    run.clock.seconds = 1002
    run.stream.emit("step.progressed", "answers", step="prefect-server", ui="http://127.0.0.1:4200")
    run.stream.emit(
        "step.progressed", "proved", step="acceptance-dev", proof="Prefect run in dev COMPLETED", seconds=3.4
    )
    run.end()


def many(run: FakeRun, count: int) -> None:
    """A step with `count` resources: half of them done, one failed, the others running."""
    begin(run)
    step(run, "foundation")
    for number in range(count):
        resource(run, "foundation", f"st{number:04}", "Microsoft.Storage/storageAccounts", usual=20)
    for number in range(0, count, 2):
        resource(run, "foundation", f"st{number:04}", "Microsoft.Storage/storageAccounts", "done")
    resource(run, "foundation", "st0501", "Microsoft.Storage/storageAccounts", "StorageAccountTaken: st0501 is taken")


def asks(run: FakeRun) -> None:
    """A step asks a question."""
    until_data(run)
    run.question = Question("consent", "Has an administrator consented?", ("yes", "no"), "yes")
    run.stream.emit(
        "question", run.question.text, step="data", key="consent", choices=["yes", "no"], default=run.question.default
    )


def tried_again(run: FakeRun) -> None:
    """A resource fails with a cause that passes, and its step is tried again in a while."""
    until_data(run)
    words = "ServerIsBusy (pg-ff-contoso): the server is busy with another operation."
    resource(run, "data", "pg-ff-contoso", "Microsoft.DBforPostgreSQL/flexibleServers", words)
    run.stream.emit("warning", f"tried again in 39 s: {words}", step="data", seconds=39.0)
    run.clock.seconds += 4


def succeeded_with_work_left(run: FakeRun) -> None:
    """Everything is installed; lines of the last page are longer than the page is wide."""
    until_data(run)
    left = "Sign-on: users cannot sign in until an app registration is configured, which an administrator of the directory has to do"
    run.stream.emit("warning", "no app registration", step="data", left=left)
    for key, _title, _needs, _usual in STEPS[2:]:
        step(run, key, "done")
    run.end()
