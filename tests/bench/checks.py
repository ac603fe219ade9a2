"""Checks of four environments: wall time against the slowest chain of requests that wait for each other, and the reads.

The answers of an embedded Azure are recorded first and then given again after a fixed delay, so that what is measured is the
order of the requests and the work of the checks, and not the embedded Azure.
"""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from unittest.mock import patch

from typing_extensions import override

from installer.answers.model import Answers
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Method, Response, Service
from installer.jsontypes import Json
from installer.preflight.checks import CHECKS
from installer.preflight.report import check_all
from installer.preflight.subject import Subject
from installer.preflight.trials import _Judged, _Trials
from tests.bench.rounds import measured as extent
from tests.bicep.answers_variants import REGION
from tests.cloud.no_cloud import AnsweredService
from tests.preflight.chained_reads import ChainedReads, with_own_chain
from tests.preflight.surveyed import sample, subject_of

DELAY: Final = 1.0
"""Seconds of a response: slow enough for the order of the requests to decide."""
ROUNDS: Final = extent(3, 1)
Key = tuple[str, str, str]


class Recorded(AnsweredService):
    """Answers as another service has answered, after a delay."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.target, service.endpoint, service.audience)
        self._service = service
        self._known: dict[Key, Response | AzureRefused] = {}
        self.delay = 0.0

    @override
    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        """The recorded answer, or that of the other service."""
        key = (method, path, repr(body))
        if key not in self._known:
            try:
                self._known[key] = self._service.ask(method, path, body, doing=doing)
            except AzureRefused as refused:
                self._known[key] = refused
        time.sleep(self.delay)
        found = self._known[key]
        if isinstance(found, AzureRefused):
            raise found
        return found


@dataclass(frozen=True)
class Measured:
    """One run of all checks."""

    seconds: float
    first: float
    links: int
    requests: int


def measure(subject: Subject, arm: Service, graph: Service) -> Measured:
    """Run all checks with new reads."""
    reads = ChainedReads(arm), ChainedReads(graph)
    ended: list[float] = []
    begun = time.perf_counter()
    found = replace(subject, arm=reads[0], graph=reads[1])
    report = check_all(
        found, [with_own_chain(one) for one in CHECKS], lambda _one: ended.append(time.perf_counter() - begun)
    )
    took = time.perf_counter() - begun
    for one in reads:
        one.close()
    return Measured(took, ended[0], max(one.longest for one in reads), report.requests)


def trials(folder: Path) -> tuple[int, float]:
    """Number of ways out that are tried where a region and a quota are in the way, and the mean seconds of a trial."""
    took: list[float] = []
    judged = _Trials._with

    def measured(self: _Trials, answers: Answers) -> _Judged | None:
        begun, known = time.perf_counter(), len(self._judged)
        found = judged(self, answers)
        if len(self._judged) > known:
            took.append(time.perf_counter() - begun)
        return found

    given = sample("dev", "qa", "uat", "prod", sign_on={"method": "secretless", "registration": "new"})
    closed = {"resourceType": "flexibleServers", "location": REGION}
    cores = {"provider": "Microsoft.Compute", "location": REGION, "name": "cores", "limit": 8}
    with (
        subject_of(folder, given, quotas=[cores], skuRestrictions=[closed]) as subject,
        patch.object(_Trials, "_with", measured),
    ):
        check_all(subject, CHECKS)
    return len(took), sum(took) / len(took)


def main() -> None:
    """Prints the figures."""
    given = sample("dev", "qa", "uat", "prod", sign_on={"method": "secretless", "registration": "new"})
    with tempfile.TemporaryDirectory() as folder, subject_of(Path(folder) / "azure", given) as subject:
        arm, graph = Recorded(subject.arm.service), Recorded(subject.graph.service)
        measure(subject, arm, graph)  # records the answers, and expands the templates as the review page has done
        arm.delay = graph.delay = DELAY
        best = min((measure(subject, arm, graph) for _ in range(ROUNDS)), key=lambda one: one.seconds)
    chain = best.links * DELAY
    print(
        f"checks of four environments                {best.seconds:.2f} s, {best.seconds / chain:.2f} times the slowest "
        f"chain of {best.links} requests of {DELAY:g} s; {best.requests} reads; first result after {best.first:.2f} s"
    )
    with tempfile.TemporaryDirectory() as folder:
        count, seconds = trials(Path(folder) / "azure")
    print(f"ways out that are tried                     {count}, {seconds:.2f} s each; the findings are shown before")


if __name__ == "__main__":
    main()
