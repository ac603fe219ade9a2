"""A run on disk, as a killed or ended installer leaves it, made without one."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from installer.answers.files import load
from installer.engine.step import Record
from installer.runs.run import Run
from installer.secret_store import Secrets
from tests.cloud.no_cloud import RECORDED
from tests.e2e.conftest import ANSWERS

if TYPE_CHECKING:
    from installer.jsontypes import Json

SUBSCRIPTION: Final = "4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab"
FOREIGN: Final = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-mercury/providers/Microsoft.Network/virtualNetworks/vnet-pluto"
)
PASSWORD: Final = "hunter2-and-more"


def open_run(runs: Path, name: str = "contoso-1", answers: str = "dev.yaml") -> Run:
    """A run that has begun; its journal is held until it is closed."""
    loaded = load(ANSWERS / answers)
    runs.mkdir(parents=True, exist_ok=True)
    return Run.new(runs / name, loaded.answers, loaded.draft, RECORDED, Secrets(), attended=False)


def made_run(runs: Path, name: str = "contoso-1", answers: str = "dev.yaml") -> Path:
    """A run that failed at the network, whose texts hold what a bundle must not."""
    run = open_run(runs, name, answers)
    try:
        tell(run)
        run.journal.set_facts(state="failed")
    finally:
        run.journal.close()
    (runs / name / "installer.log").write_text(
        f"2026-11-24 WARNING azure: user ada@contoso.com at 10.40.0.4 to https://ada:{PASSWORD}@proxy.fabrikam.com:8080\n",
        encoding="utf-8",
    )
    return runs / name


def tell(run: Run) -> None:
    """Events of the run."""
    steps: list[Json] = [
        {"key": "foundation", "title": "Foundation", "needs": [], "usual": 30.0},
        {"key": "network", "title": "Network", "needs": ["foundation"], "usual": 190.0},
    ]
    run.journal.remember(Record("foundation", 1, "done", "ff-contoso-foundation", "d1", {"vault": "kv-ff-contoso-dev"}))
    run.journal.remember(Record("network", 1, "failed", "ff-contoso-network", "d2"))
    emit = run.stream.emit
    emit("run.started", f"run {run.name}", run=run.name, steps=steps)
    emit("step.started", "Foundation", step="foundation")
    emit("step.finished", "done", step="foundation", seconds=12.0)
    emit("step.started", "Network", step="network")
    error: Json = {"code": "NetcfgInvalidSubnet", "message": f"{FOREIGN} uses 10.40.8.0/24 (AccountKey={PASSWORD};)"}
    emit("resource.failed", "NetcfgInvalidSubnet", step="network", resource="vnet-ff-contoso-hub", error=error)
    emit("step.failed", f"the network of {FOREIGN} is in the way", step="network", exit_code=4)
    emit("run.finished", "failed", state="failed", exit_code=4)
