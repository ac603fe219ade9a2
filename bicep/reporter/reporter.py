#!/usr/bin/env python3
"""Report failed, crashed and late Prefect runs, and a heartbeat, to Azure Monitor.

Runs every five minutes in any image with Python, as a scheduled Container Apps job or a Kubernetes CronJob. The time window
is longer than the interval, so that a delayed start leaves no gap; queries use the latest row of each run. Settings come
from environment variables. If Prefect does not respond, no row is written, and the missing heartbeat raises the alert.
"""

import base64
import datetime as dt
import json
import os
import ssl
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Environment: TypeAlias = Mapping[str, str]
"""Environment variables."""

LOOKBACK = dt.timedelta(minutes=12)
LATE_AFTER = dt.timedelta(minutes=5)
TIMEOUT_SECONDS = 60
MAX_RUNS = 200
"""Page size limit of the Prefect API."""


def request_json(
    url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None, trusted: str | None = None
) -> Json:
    """Send a request and return the JSON response, None if it is empty. Raises OSError if the request fails.

    Args:
        url: The address.
        data: The body, or None for a GET.
        headers: Additional headers.
        trusted: File of the certificates to trust, or None for those of the system.

    """
    sent = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data=data, headers=sent)  # noqa: S310  the URLs come from the settings of the job
    context = ssl.create_default_context(cafile=trusted) if url.startswith("https:") else None
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=context) as answer:  # noqa: S310  as above
        text = answer.read()
    found: Json = json.loads(text) if text else None
    return found


def prefect_headers(environment: Environment) -> dict[str, str]:
    """Authentication headers: an API key for Prefect Cloud, basic authentication for a self-hosted server."""
    if key := environment.get("PREFECT_API_KEY"):
        return {"Authorization": f"Bearer {key}"}
    if pair := environment.get("PREFECT_API_AUTH_STRING"):
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    return {}


def bad_runs(environment: Environment, now: dt.datetime) -> Iterator[dict[str, Json]]:
    """Runs that failed, crashed or are late."""
    ended = {"type": {"any_": ["FAILED", "CRASHED"]}}
    late = {"name": {"any_": ["Late", "Scheduled"]}}
    wanted = (
        {"state": ended, "end_time": {"after_": (now - LOOKBACK).isoformat()}},
        {"state": late, "expected_start_time": {"before_": (now - LATE_AFTER).isoformat()}},
    )
    url = environment["PREFECT_API_URL"].rstrip("/") + "/flow_runs/filter"
    for runs in wanted:
        question = json.dumps({"flow_runs": runs, "limit": MAX_RUNS}).encode()
        trusted = environment.get("PREFECT_API_SSL_CERT_FILE")
        found = request_json(url, question, prefect_headers(environment), trusted)
        yield from (run for run in found if isinstance(run, dict)) if isinstance(found, list) else ()


def rows(environment: Environment, runs: Iterator[dict[str, Json]], now: dt.datetime) -> Iterator[dict[str, Json]]:
    """Rows for the table: one per run, and a heartbeat."""
    common: dict[str, Json] = {"TimeGenerated": now.isoformat(), "Environment": environment["FLOWFORGE_ENVIRONMENT"]}
    for run in runs:
        kind, state = run["state_type"], run.get("state")
        yield {
            **common,
            "Kind": "run",
            "RunId": run["id"],
            "Deployment": run.get("deployment_id") or "",
            "Flow": run.get("name") or "",
            "State": kind if kind in ("FAILED", "CRASHED") else "LATE",
            "Message": str(state.get("message") or "")[:1000] if isinstance(state, dict) else "",
        }
    yield {**common, "Kind": "heartbeat"}


def token(environment: Environment) -> str:
    """Access token for Azure Monitor, from the managed identity or the federated token of the workload."""
    audience = environment["FLOWFORGE_INGESTION_AUDIENCE"]
    client = environment["AZURE_CLIENT_ID"]
    if endpoint := environment.get("IDENTITY_ENDPOINT"):
        query = urllib.parse.urlencode({"api-version": "2019-08-01", "resource": audience, "client_id": client})
        headers = {"X-IDENTITY-HEADER": environment["IDENTITY_HEADER"]}
        return access_token(request_json(f"{endpoint}?{query}", headers=headers))
    assertion = Path(environment["AZURE_FEDERATED_TOKEN_FILE"]).read_text(encoding="utf-8")
    form = {
        "grant_type": "client_credentials",
        "client_id": client,
        "scope": f"{audience}/.default",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    url = f"{environment['AZURE_AUTHORITY_HOST'].rstrip('/')}/{environment['AZURE_TENANT_ID']}/oauth2/v2.0/token"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return access_token(request_json(url, urllib.parse.urlencode(form).encode(), headers))


def access_token(answer: Json) -> str:
    """Access token of a token response. Raises OSError if there is none."""
    if isinstance(answer, dict) and isinstance(answer.get("access_token"), str):
        return str(answer["access_token"])
    raise OSError("the response contains no token")


def report(environment: Environment, now: dt.datetime) -> None:
    """Send one report. Raises OSError if Prefect or Azure Monitor is unreachable or rejects a request."""
    found = list(rows(environment, bad_runs(environment, now), now))
    rule, stream = environment["FLOWFORGE_INGESTION_RULE"], environment["FLOWFORGE_INGESTION_STREAM"]
    url = f"{environment['FLOWFORGE_INGESTION_ENDPOINT']}/dataCollectionRules/{rule}/streams/{stream}"
    sent = json.dumps(found).encode()
    request_json(f"{url}?api-version=2023-01-01", sent, {"Authorization": f"Bearer {token(environment)}"})


if __name__ == "__main__":
    report(os.environ, dt.datetime.now(dt.UTC))
