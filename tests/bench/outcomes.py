"""Final state of a rehearsal, for comparing two runs: resources, accepted deployments, answers, Prefect objects."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installer.emulator.postgresql.binaries import find_binaries
from installer.emulator.postgresql.cluster import Cluster
from installer.emulator.prefect.supervisor import Supervisor
from installer.engine.journal import Journal
from installer.jsontypes import Json

MOMENTS: Final = frozenset(
    {
        "createdon",
        "updatedon",
        "creationtime",
        "creationdate",
        "createddate",
        "modifieddate",
        "timemodified",
        "lastskuupdate",
    }
)
"""Timestamps, which differ between runs."""
ADDRESSES: Final = "ipaddresses"
"""Assigned to private endpoints in order of arrival: compared as a set, not per resource."""
TRANSCRIPTS: Final = ("/commandresults/", "/executions/", "/job/")
"""Results of commands and jobs, and jobs of a cluster: one exists for every attempt."""
VERSIONS: Final = frozenset({"etag", "secreturiwithversion"})
"""Version names that are derived from a timestamp."""
MARK: Final = re.compile(r"(?:(?<=^)|(?<=-))[0-9a-f]{8}$")
"""Mark of the values of generated secrets, alone or at the end of a name: each rehearsal has others."""


PREFECT: Final = {
    "work pools": "SELECT name, type, concurrency_limit, is_paused, description FROM work_pool",
    "work queues": "SELECT name, concurrency_limit, is_paused, priority FROM work_queue",
    "variables": "SELECT name, value, tags FROM variable",
    "blocks": "SELECT d.name, t.slug FROM block_document d JOIN block_type t ON t.id = d.block_type_id "
    "WHERE NOT d.is_anonymous",
    "deployments": "SELECT name, entrypoint, parameters, tags, paused FROM deployment",
    "unfinished runs": "SELECT name FROM flow_run WHERE state_type NOT IN ('COMPLETED', 'CANCELLED', 'CRASHED', 'FAILED')",
    "a completed run": "SELECT DISTINCT 1 FROM flow_run WHERE state_type = 'COMPLETED'",
}
"""Queries for the objects of a Prefect server."""


@dataclass(frozen=True)
class Outcome:
    """Final state of a rehearsal.

    Attributes:
        resources: body of every resource by id, without timestamps.
        sent: number of times each deployment was accepted.
        answers: the answers in the journal, and the exported file.
        state: state of the run.
        prefect: rows of the Prefect server's database by kind of object.

    """

    resources: dict[str, Json]
    sent: dict[str, int]
    answers: tuple[Json, str]
    state: Json
    prefect: dict[str, list[str]]


def outcome(state: Path, run: str = "", *, marks: bool = False) -> Outcome:
    """Final state of a state directory with one run, or of one of its runs, whose last attempt found everything done.

    With `marks`, also those of secrets, which are the same in one rehearsal only.
    """
    (answers,) = state.glob(f"runs/{run or '*'}/answers.yaml")
    rehearsal = _rehearsal(answers)
    database = rehearsal / "azure.sqlite"
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        raw: dict[str, Json] = {
            str(key): json.loads(data) for key, data in db.execute("SELECT key, data FROM resources")
        }
        resources = {
            key: _normalized(value, marks=marks)
            for key, value in raw.items()
            if not any(part in key for part in TRANSCRIPTS)
        }
        resources["all addresses"] = list[Json](sorted(_addresses(list(raw.values()))))
        requests = [json.loads(data) for (data,) in db.execute("SELECT data FROM requests")]
    sent = Counter(f"{r['scope']} {r['name']}" for r in requests if r["status"] in (200, 201))
    with Journal(answers.parent, write=False) as journal:
        return Outcome(
            resources,
            dict(sent),
            (journal.fact("answers"), answers.read_text(encoding="utf-8")),
            journal.fact("state"),
            {name: _rows(rehearsal, query) for name, query in PREFECT.items()},
        )


def _rehearsal(answers: Path) -> Path:
    """Directory of the run's embedded Azure. A command that was killed before its run began may have left another."""
    with Journal(answers.parent, write=False) as journal:
        target = journal.fact("target")
    assert isinstance(target, dict), target
    return answers.parents[2] / "rehearsals" / str(target["state"]).rpartition("/")[2]


def _rows(rehearsal: Path, query: str) -> list[str]:
    """Sorted rows of a query on the database of the Prefect server; the one in place of Prefect Cloud has a file."""
    for file in (rehearsal / "prefect").glob("prefect-*.db"):
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as db:
            return sorted("|".join("" if one is None else str(one) for one in row) for row in db.execute(query))
    (data,) = (rehearsal / "postgresql").glob("*/data")
    cluster = Cluster(data.parent, find_binaries(), Supervisor())
    try:
        cluster.start()
        return sorted(cluster.psql(f"SET search_path = public;\n{query}", "prefect_dev").splitlines())
    finally:
        cluster.end()


def differences(expected: Outcome, found: Outcome) -> Iterator[str]:
    """Differences from the expected outcome, one line each."""
    for key in sorted(set(expected.resources) | set(found.resources)):
        before, after = expected.resources.get(key), found.resources.get(key)
        if before is None or after is None:
            yield f"{'unexpected' if before is None else 'missing'}: {key}"
        elif before != after:
            yield f"different {key}: {_first(before, after)}"
    for name, count in found.sent.items():
        if count != 1:
            yield f"accepted {count} times: {name}"
    if set(expected.sent) != set(found.sent):
        yield f"different deployments: {sorted(set(expected.sent) ^ set(found.sent))}"
    if expected.answers != found.answers:
        yield "different answers"
    if found.state != "succeeded":
        yield f"the run is {found.state}"
    for kind, rows in found.prefect.items():
        if rows != expected.prefect[kind]:
            yield f"different {kind} in Prefect: {rows} instead of {expected.prefect[kind]}"


def _normalized(value: Json, *, marks: bool) -> Json:
    """The value without everything that differs between runs."""
    if isinstance(value, dict):
        return {
            key: _normalized(item, marks=marks)
            for key, item in value.items()
            if key.lower() not in MOMENTS | VERSIONS | {ADDRESSES}
            and not (key in ("created", "changed") and isinstance(item, float))
        }
    if isinstance(value, list):
        return [_normalized(item, marks=marks) for item in value]
    return MARK.sub("MARK", value) if isinstance(value, str) and not marks else value


def _addresses(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from map(str, item) if key.lower() == ADDRESSES and isinstance(item, list) else _addresses(item)
    for item in value if isinstance(value, list) else ():
        yield from _addresses(item)


def _first(before: Json, after: Json, path: str = "") -> str:
    """The first difference of two values, with its path."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(set(before) | set(after)):
            if before.get(key) != after.get(key):
                return _first(before.get(key), after.get(key), f"{path}.{key}")
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            if one != other:
                return _first(one, other, f"{path}[{number}]")
    return f"{path} {str(before)[:120]} → {str(after)[:120]}"
