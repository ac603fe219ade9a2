#!/usr/bin/env python3
"""Report failed, crashed, late, stuck and silent Prefect runs, and a heartbeat, to Azure Monitor.

Runs every five minutes in any image with Python, as a scheduled Container Apps job or a Kubernetes CronJob. The time window
is longer than the interval, so that a delayed start leaves no gap; queries use the latest row of each run. Settings come
from environment variables. If Prefect does not respond, no row is written, and the missing heartbeat raises the alert; what
else could not be read is in the heartbeat.
"""

import base64
import datetime as dt
import json
import os
import ssl
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Row: TypeAlias = "dict[str, Json]"
Environment: TypeAlias = Mapping[str, str]
"""Environment variables."""

LOOKBACK = dt.timedelta(minutes=12)
LATE_AFTER = dt.timedelta(minutes=5)
PENDING_AFTER = dt.timedelta(minutes=15)
"""Nodes and images take some minutes."""
SILENT_AFTER = dt.timedelta(minutes=10)
"""Three heartbeats of a flow run (PREFECT_FLOWS_HEARTBEAT_FREQUENCY, 180 seconds), and some delay."""
TIMEOUT_SECONDS = 60
PAGE = 200
"""Page size limit of the Prefect API."""
MAX_PAGES = 25
EVENTS = 50
"""The same of events."""
MAX_ROWS_BYTES = 500_000
"""Half of the limit of a request: learn.microsoft.com, azure-monitor/fundamentals/service-limits."""


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


def moment(value: Json) -> dt.datetime | None:
    """A time of Prefect."""
    return dt.datetime.fromisoformat(value) if isinstance(value, str) and value else None


def part(run: Row, name: str) -> Row:
    """An object in an object, empty if it is missing."""
    found = run.get(name)
    return found if isinstance(found, dict) else {}


@dataclass
class Prefect:
    """The Prefect API at a moment.

    Attributes:
        environment: Settings of the job.
        now: The moment.
        problems: What could not be read.

    """

    environment: Environment
    now: dt.datetime
    problems: list[str] = field(default_factory=list)

    def ask(self, path: str, question: Json) -> Json:
        """Send a question. Raises OSError."""
        url = self.environment["PREFECT_API_URL"].rstrip("/") + path
        trusted = self.environment.get("PREFECT_API_SSL_CERT_FILE")
        return request_json(url, json.dumps(question).encode(), prefect_headers(self.environment), trusted)

    def every(self, path: str, question: Row, what: str) -> list[Row]:
        """All objects of a filter, page by page; a sort by id keeps pages apart while new objects arrive."""
        found: dict[Json, Row] = {}
        for page in range(MAX_PAGES):
            answer = self.ask(path, {**question, "limit": PAGE, "offset": page * PAGE})
            objects = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []
            found.update((str(one["id"]), one) for one in objects)
            if len(objects) < PAGE:
                return list(found.values())
        self.problems.append(f"more than {MAX_PAGES * PAGE} {what}: the others are left out")
        return list(found.values())

    def optional(self, path: str, question: Row, what: str) -> list[Row]:
        """As `every`; a failure is noted, and the report continues without them."""
        try:
            return self.every(path, question, what)
        except (OSError, ValueError) as error:
            self.problems.append(f"{what} could not be read: {error}")
            return []

    def runs(self, what: str, **wanted: Json) -> list[Row]:
        """Flow runs."""
        return self.every("/flow_runs/filter", {"flow_runs": {**wanted}, "sort": "ID_DESC"}, what)

    def names(self, kind: str, runs: Sequence[Row], key: str) -> dict[Json, Json]:
        """Names of flows or deployments by id."""
        ids = sorted({str(run[key]) for run in runs if run.get(key)})
        found: dict[Json, Json] = {}
        for start in range(0, len(ids), PAGE):
            some: list[Json] = [*ids[start : start + PAGE]]
            wanted: Row = {kind: {"id": {"any_": some}}}
            found.update(
                (one["id"], one.get("name")) for one in self.optional(f"/{kind}/filter", wanted, f"names of {kind}")
            )
        return found

    def heard(self, runs: Sequence[Row]) -> set[str] | None:
        """Ids of those of these runs that have sent a heartbeat lately; None if heartbeats cannot be read."""
        found: set[str] = set()
        for start in range(0, len(runs), EVENTS):
            some: list[Json] = [f"prefect.flow-run.{run['id']}" for run in runs[start : start + EVENTS]]
            wanted: Row = {
                "occurred": {"since": (self.now - SILENT_AFTER).isoformat(), "until": self.now.isoformat()},
                "event": {"name": ["prefect.flow-run.heartbeat"]},
                "resource": {"id": some},
            }
            try:
                answer = self.ask("/events/filter", {"filter": wanted, "limit": EVENTS})
                for _ in range(MAX_PAGES):
                    page = answer if isinstance(answer, dict) else {}
                    events = page.get("events")
                    for event in events if isinstance(events, list) else []:
                        resource = part(event, "resource") if isinstance(event, dict) else {}
                        found.add(str(resource.get("prefect.resource.id")).removeprefix("prefect.flow-run."))
                    following = page.get("next_page")
                    if not isinstance(following, str):
                        break
                    query = urllib.parse.urlsplit(following).query
                    url = self.environment["PREFECT_API_URL"].rstrip("/") + f"/events/filter/next?{query}"
                    trusted = self.environment.get("PREFECT_API_SSL_CERT_FILE")
                    answer = request_json(url, None, prefect_headers(self.environment), trusted)
            except (OSError, ValueError) as error:
                self.problems.append(f"heartbeats of flow runs could not be read: {error}")
                return None
        return found


def bad_runs(prefect: Prefect) -> list[tuple[Row, str, str, dt.datetime]]:
    """Runs with a state for the table, a reason and the time since when, in the order of that time."""
    now = prefect.now
    found: list[tuple[Row, str, str, dt.datetime]] = []
    ended: Row = {"type": {"any_": ["FAILED", "CRASHED"]}}
    failed = prefect.runs("failed runs", state=ended, end_time={"after_": (now - LOOKBACK).isoformat()})
    found += [(run, str(run["state_type"]), "", moment(run.get("end_time")) or now) for run in failed]
    pools = {one.get("name"): one for one in prefect.optional("/work_pools/filter", {}, "work pools")}
    queues = {one["id"]: one for one in prefect.optional("/work_queues/filter", {}, "work queues")}
    late: Row = {"name": {"any_": ["Late", "Scheduled"]}}
    waiting: dict[str, int] = {}
    due: Row = {"before_": (now - LATE_AFTER).isoformat()}
    for run in prefect.runs("late runs", state=late, expected_start_time=due):
        since = (moment(run.get("expected_start_time")) or now) + LATE_AFTER
        pool, queue = pools.get(run.get("work_pool_name"), {}), queues.get(run.get("work_queue_id"), {})
        if pool.get("is_paused") or queue.get("is_paused"):
            name = f"work pool {pool.get('name')}" if pool.get("is_paused") else f"work queue {queue.get('name')}"
            waiting[name] = waiting.get(name, 0) + 1
            if since < now - LOOKBACK:
                continue  # it was reported when it became late
            found.append((run, "LATE", f"the {name} is paused", since))
        else:
            found.append((run, "LATE", _no_worker(pool), since))
    prefect.problems += [f"{name} is paused: {count} runs wait" for name, count in sorted(waiting.items())]
    for run in prefect.runs("pending runs", state={"type": {"any_": ["PENDING"]}}):
        since = moment(part(run, "state").get("timestamp")) or now
        if since < now - PENDING_AFTER:
            found.append((run, "PENDING", _no_worker(pools.get(run.get("work_pool_name"), {})), since))
    started: Row = {"before_": (now - SILENT_AFTER).isoformat()}
    running = prefect.runs("running runs", state={"type": {"any_": ["RUNNING"]}}, start_time=started)
    heard = prefect.heard(running)
    for run in running if heard is not None else []:
        since = moment(part(run, "state").get("timestamp")) or now
        if since < now - SILENT_AFTER and str(run["id"]) not in (heard or ()):
            reason = "no heartbeat: its process has probably ended"
            found.append(
                (run, "ZOMBIE", f"{reason}. {_no_worker(pools.get(run.get('work_pool_name'), {}))}".strip(), since)
            )
    return sorted(found, key=lambda one: (one[3], str(one[0]["id"])))


def _no_worker(pool: Row) -> str:
    return f"no worker of the work pool {pool['name']} is online" if pool.get("status") == "NOT_READY" else ""


def rows(prefect: Prefect) -> Iterator[Row]:
    """Rows for the table: one per run, and a heartbeat."""
    now, environment = prefect.now, prefect.environment["FLOWFORGE_ENVIRONMENT"]
    common: Row = {"TimeGenerated": now.isoformat(), "Environment": environment}
    found = bad_runs(prefect)
    runs = [run for run, _, _, _ in found]
    flows, deployments = prefect.names("flows", runs, "flow_id"), prefect.names("deployments", runs, "deployment_id")
    for run, state, reason, since in found:
        text = str(part(run, "state").get("message") or "")
        yield {
            **common,
            "Kind": "run",
            "RunId": run["id"],
            "RunName": run.get("name") or "",
            "Deployment": deployments.get(run.get("deployment_id")) or run.get("deployment_id") or "",
            "Flow": flows.get(run.get("flow_id")) or run.get("flow_id") or "",
            "State": state,
            "Message": ". ".join(one for one in (reason, text) if one)[:1000],
            "DelaySeconds": round((now - since).total_seconds(), 1),
        }
    state = "PARTIAL" if any("could not" in one or "left out" in one for one in prefect.problems) else "COMPLETE"
    yield {**common, "Kind": "heartbeat", "State": state, "Message": "; ".join(prefect.problems)[:4000]}


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


def batches(found: Iterator[Row]) -> Iterator[bytes]:
    """The rows as JSON arrays of a size that a request may have; the heartbeat is in the last one."""
    batch: list[str] = []
    size = 0
    for row in found:
        text = json.dumps(row)
        if batch and size + len(text) > MAX_ROWS_BYTES:
            yield f"[{','.join(batch)}]".encode()
            batch, size = [], 0
        batch.append(text)
        size += len(text) + 1
    yield f"[{','.join(batch)}]".encode()


def report(environment: Environment, now: dt.datetime) -> None:
    """Send one report. Raises OSError if Prefect or Azure Monitor is unreachable or rejects a request."""
    found = list(batches(rows(Prefect(environment, now))))
    rule, stream = environment["FLOWFORGE_INGESTION_RULE"], environment["FLOWFORGE_INGESTION_STREAM"]
    url = f"{environment['FLOWFORGE_INGESTION_ENDPOINT']}/dataCollectionRules/{rule}/streams/{stream}"
    headers = {"Authorization": f"Bearer {token(environment)}"}
    for sent in found:
        request_json(f"{url}?api-version=2023-01-01", sent, headers)


if __name__ == "__main__":
    report(os.environ, dt.datetime.now(dt.UTC))
