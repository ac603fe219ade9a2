"""Reads the results of an acceptance run: from the lines of its program, or from its custom metrics.

Azure Resource Manager has no output of jobs of Container Apps, but it has custom metrics
(learn.microsoft.com/rest/api/monitor/metrics/list). They arrive some time after they were sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from installer.cloud.rest import Service
from installer.engine.step import Context
from installer.errors import InstallerError
from installer.json_access import as_list, as_text, member, objects_of
from installer.jsontypes import Json
from installer.prefect_setup.hop_results import METRIC, NAMESPACE, HopResult, in_order, results_of
from installer.steps.polling import poll

VERSION: Final = "2024-02-01"
WAIT_SECONDS: Final = 180.0
"""Estimated: metrics have a granularity of a minute, and some delay."""
POLL_SECONDS: Final = 15.0


@dataclass(frozen=True)
class HopMetrics:
    """The custom metrics of an acceptance run.

    Attributes:
        arm: Client of Azure Resource Manager.
        subject: Resource ID that the metrics are about.
        environment: Name of the environment.
        run: Name of the run.

    """

    arm: Service
    subject: str
    environment: str
    run: str

    def read(self, context: Context) -> tuple[HopResult, ...]:
        """The results, once the last one has arrived; what has arrived after some time; empty if nothing has."""
        found: tuple[HopResult, ...] = ()
        limit = POLL_SECONDS if self.arm.target.is_rehearsal else WAIT_SECONDS
        for _ in poll(context, interval=POLL_SECONDS, limit=limit, speed=self.arm.target.speed):
            found = self._now()
            if any(one.hop == "metric" for one in found):
                break
        return found

    def _now(self) -> tuple[HopResult, ...]:
        """The results that have arrived; Azure refuses the name of a metric that it has never received."""
        conditions = {"Environment": self.environment, "Run": self.run, "Hop": "*", "State": "*", "Code": "*"}
        condition = " and ".join(f"{name} eq '{value}'" for name, value in conditions.items())
        query = (
            f"api-version={VERSION}&metricnamespace={NAMESPACE}&metricnames={METRIC}&aggregation=Maximum&$top=100"
            f"&$filter={quote(condition)}"
        )
        try:
            path = f"{self.subject}/providers/Microsoft.Insights/metrics?{query}"
            body = self.arm.ask("GET", path, doing="the metrics of the acceptance run").body
        except InstallerError:
            return ()
        series = [one for metric in objects_of(body.get("value")) for one in objects_of(metric.get("timeseries"))]
        latest: dict[str, tuple[str, HopResult]] = {}
        for one in series:
            values = _dimensions(one)
            points = [point for point in objects_of(one.get("data")) if isinstance(point.get("maximum"), int | float)]
            for point in points:
                when, code = as_text(point.get("timeStamp")), values.get("code", "")
                result = HopResult(
                    values.get("hop", ""),
                    values.get("state", ""),
                    _whole(point["maximum"]),
                    "" if code == "none" else code,
                )
                if when >= latest.get(result.hop, ("", result))[0]:
                    latest[result.hop] = when, result
        return in_order(result for _, result in latest.values())


def _dimensions(series: Mapping[str, Json]) -> dict[str, str]:
    """Values by name; Azure writes names in lower case."""
    return {
        as_text(member(one, "name", "value")).lower(): as_text(member(one, "value"))
        for one in as_list(series.get("metadatavalues"))
    }


def _whole(value: Json) -> int:
    return round(value) if isinstance(value, int | float) else 0


def hops_in(lines: Sequence[Mapping[str, Json]]) -> tuple[HopResult, ...]:
    """The results in the lines of a program."""
    for line in lines:
        result = line.get("result")
        if isinstance(result, dict) and "hops" in result:
            return results_of(result["hops"])
    return ()


def sentence(environment: str, found: Iterable[HopResult]) -> str:
    """The hops that have passed, with their durations."""
    passed = [f"{one.hop} {one.milliseconds} ms" for one in found if one.state == "passed"]
    return f"Data path of {environment}: {', '.join(passed)}"
