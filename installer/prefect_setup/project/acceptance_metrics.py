# ruff: noqa: INP001  a flow's folder is no package: Prefect loads the file by its path
"""Custom metrics of an acceptance run: the duration of each hop, about the lake of the environment.

As learn.microsoft.com/azure/azure-monitor/metrics/metrics-store-custom-rest-api; the installer reads them back through Azure
Resource Manager, which has no output of jobs of Container Apps.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime

from acceptance_hops import Journey, LeftOut, Outcome

NAMESPACE = "FlowForge"
METRIC = "AcceptanceHopMilliseconds"
DIMENSIONS = ("Environment", "Run", "Hop", "State", "Code")
NONE = "none"
"""Value of a dimension that has none: each needs one."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: urllib would send the token along, to any host."""

    def redirect_request(self, *_: object) -> None:
        """None: the redirect is an error."""


def send(journey: Journey, run: str, outcomes: Sequence[Outcome]) -> None:
    """Send the durations. Raises LeftOut in a cloud without custom metrics, OSError if they are not taken."""
    found = journey.settings
    if "metrics_endpoint" not in found:
        raise LeftOut("no endpoint for custom metrics is documented for this cloud")
    series = [
        {
            "dimValues": [found["environment"], run or NONE, one.hop, one.state, one.code or NONE],
            **dict.fromkeys(("min", "max", "sum"), one.milliseconds),
            "count": 1,
        }
        for one in outcomes
    ]
    base = {"metric": METRIC, "namespace": NAMESPACE, "dimNames": list(DIMENSIONS), "series": series}
    body = json.dumps({"time": datetime.now(UTC).isoformat(), "data": {"baseData": base}}).encode()
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {journey.token(found['metrics_audience'])}",
    }
    url = f"{found['metrics_endpoint']}{found['metrics_subject']}/metrics"
    request = urllib.request.Request(url, body, headers)  # noqa: S310  an https URL of the installer
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=60) as answer:
        answer.read()
