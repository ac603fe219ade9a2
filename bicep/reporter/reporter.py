#!/usr/bin/env python3
"""Tells Azure Monitor how the runs of a Prefect server went, and that Prefect answers at all.

Runs every five minutes beside Prefect, in any image with Python: as a scheduled job of Container Apps, or as a CronJob in
Kubernetes. Looks back a little further than that, so that a run which is slow to start leaves no gap; who reads the table
takes the last row of each run. What it needs comes in environment variables; no row is written if Prefect does not
answer, and the silence is what raises the alarm.
"""

import base64
import datetime as dt
import json
import os
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Environment: TypeAlias = Mapping[str, str]
"""Environment variables."""

LOOK_BACK = dt.timedelta(minutes=12)
LATE_AFTER = dt.timedelta(minutes=5)
SECONDS = 60
MOST_RUNS = 200
"""As many as Prefect gives at once."""


def asked(url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Json:
    """What an address answers, as JSON; None for an empty answer. Raises OSError if it refuses or is not there."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data=data, headers=sent)  # noqa: S310  the addresses are our own settings
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310  as above
        text = answer.read()
    found: Json = json.loads(text) if text else None
    return found


def prefect_headers(environment: Environment) -> dict[str, str]:
    """How Prefect knows who asks: basic sign-in at a server of one's own, a key at Prefect Cloud."""
    if key := environment.get("PREFECT_API_KEY"):
        return {"Authorization": f"Bearer {key}"}
    if pair := environment.get("PREFECT_API_AUTH_STRING"):
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    return {}


def bad_runs(environment: Environment, now: dt.datetime) -> Iterator[dict[str, Json]]:
    """Runs that failed, crashed, or are late."""
    ended = {"type": {"any_": ["FAILED", "CRASHED"]}}
    late = {"name": {"any_": ["Late", "Scheduled"]}}
    wanted = (
        {"state": ended, "end_time": {"after_": (now - LOOK_BACK).isoformat()}},
        {"state": late, "expected_start_time": {"before_": (now - LATE_AFTER).isoformat()}},
    )
    url = environment["PREFECT_API_URL"].rstrip("/") + "/flow_runs/filter"
    for runs in wanted:
        question = json.dumps({"flow_runs": runs, "limit": MOST_RUNS}).encode()
        found = asked(url, question, prefect_headers(environment))
        yield from (run for run in found if isinstance(run, dict)) if isinstance(found, list) else ()


def rows(environment: Environment, runs: Iterator[dict[str, Json]], now: dt.datetime) -> Iterator[dict[str, Json]]:
    """Rows for the table: one for each run, and one that says that Prefect answered."""
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
    """A token for Azure Monitor, by the identity that the platform lends."""
    audience = environment["FLOWFORGE_INGESTION_AUDIENCE"]
    client = environment["AZURE_CLIENT_ID"]
    if endpoint := environment.get("IDENTITY_ENDPOINT"):
        query = urllib.parse.urlencode({"api-version": "2019-08-01", "resource": audience, "client_id": client})
        headers = {"X-IDENTITY-HEADER": environment["IDENTITY_HEADER"]}
        return access_token(asked(f"{endpoint}?{query}", headers=headers))
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
    return access_token(asked(url, urllib.parse.urlencode(form).encode(), headers))


def access_token(answer: Json) -> str:
    """The token in an answer. Raises OSError if there is none."""
    if isinstance(answer, dict) and isinstance(answer.get("access_token"), str):
        return str(answer["access_token"])
    raise OSError("no token was given")


def report(environment: Environment, now: dt.datetime) -> None:
    """One report. Raises OSError if Prefect or Azure Monitor is not there, or refuses."""
    found = list(rows(environment, bad_runs(environment, now), now))
    rule, stream = environment["FLOWFORGE_INGESTION_RULE"], environment["FLOWFORGE_INGESTION_STREAM"]
    url = f"{environment['FLOWFORGE_INGESTION_ENDPOINT']}/dataCollectionRules/{rule}/streams/{stream}"
    sent = json.dumps(found).encode()
    asked(f"{url}?api-version=2023-01-01", sent, {"Authorization": f"Bearer {token(environment)}"})


if __name__ == "__main__":
    report(os.environ, dt.datetime.now(dt.UTC))
