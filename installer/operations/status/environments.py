"""Question: which environments there are, with their runtime and addresses, and whether their run and each operation have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.invocation import command as typed
from installer.operations.status.model import Line, Question, Way
from installer.operations.status.observed import IN_PROGRESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.operations.status.observed import Observed

_RUNTIMES: Final = {"aks": "Kubernetes (AKS)", "container_apps": "Container Apps"}


def _lines(observed: Observed) -> Iterator[Line]:
    for site in observed.it.sites:
        facts = [_RUNTIMES[site.runtime], site.location]
        if address := observed.addresses.get(f"FlowForge · {site.name}"):
            facts.append(address)
        yield Line(f"environments/{site.name}", site.name, "ok", ", ".join(facts), site.name)
    if observed.state == IN_PROGRESS:
        yield Line("environments/run", f"run {observed.run}", "attention", "the run is in progress")
    elif observed.operation:
        ways = (Way("continue it: its work pools are resumed at its end", command=typed(observed.operation)),)
        text = "has not ended, so that work pools may be paused"
        yield Line("environments/operation", observed.operation.partition(" --")[0], "broken", text, ways=ways)
    elif observed.state != "succeeded":
        ways = (Way("continue the run", "resume"),)
        yield Line("environments/run", f"run {observed.run}", "broken", f"the run is {observed.state}", ways=ways)
    if observed.rotation is not None:
        secret, environment = observed.rotation
        ways = (Way("continue it: its work pools are resumed at its end", "rotate", observed.rotation),)
        text = "has not ended, so that work pools may be paused"
        yield Line("environments/rotation", f"rotation of {secret}", "broken", text, environment, ways)


ENVIRONMENTS: Final = Question("environments", "Environments", _lines)
