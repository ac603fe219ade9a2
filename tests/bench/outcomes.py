"""What a rehearsal has come to: what is there, what was sent, what was answered. Two runs can be compared by it."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
"""When something was made or changed; two runs never agree on it."""
ADDRESSES: Final = "ipaddresses"
"""Given to private endpoints in the order in which they arrive: compared as a whole, not one by one."""
TRANSCRIPTS: Final = ("/commandresults/", "/executions/")
"""What a command or a job has left behind: there is one for each time that somebody looked or tried."""
VERSIONS: Final = frozenset({"etag", "secreturiwithversion"})
"""Names of versions, made of a moment."""


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
"""What makes up a Prefect server that is as it should be."""


@dataclass(frozen=True)
class Outcome:
    """resources: id to what a GET would show, without moments. sent: accepted deployments with how often.

    answers: what the journal keeps and the exported file. state: of the run. prefect: what is in its server.
    """

    resources: dict[str, Json]
    sent: dict[str, int]
    answers: tuple[Json, str]
    state: Json
    prefect: dict[str, list[str]]


def outcome(state: Path) -> Outcome:
    """Of a state directory with one run whose last sitting found everything done."""
    rehearsal = _rehearsal(state)
    database = rehearsal / "azure.sqlite"
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        raw: dict[str, Json] = {
            str(key): json.loads(data) for key, data in db.execute("SELECT key, data FROM resources")
        }
        resources = {key: _still(value) for key, value in raw.items() if not any(part in key for part in TRANSCRIPTS)}
        resources["all addresses"] = list[Json](sorted(_addresses(list(raw.values()))))
        requests = [json.loads(data) for (data,) in db.execute("SELECT data FROM requests")]
    sent = Counter(f"{r['scope']} {r['name']}" for r in requests if r["status"] in (200, 201))
    (answers,) = state.glob("runs/*/answers.yaml")
    with Journal(answers.parent, write=False) as journal:
        return Outcome(
            resources,
            dict(sent),
            (journal.fact("answers"), answers.read_text(encoding="utf-8")),
            journal.fact("state"),
            {name: _rows(rehearsal, query) for name, query in PREFECT.items()},
        )


def _rehearsal(state: Path) -> Path:
    """The embedded Azure of the run. One that was begun by a command which was killed before it had a run is left behind."""
    (answers,) = state.glob("runs/*/answers.yaml")
    with Journal(answers.parent, write=False) as journal:
        target = journal.fact("target")
    assert isinstance(target, dict), target
    return state / "rehearsals" / str(target["state"]).rpartition("/")[2]


def _rows(rehearsal: Path, query: str) -> list[str]:
    """What a query finds in the database of the Prefect server, in order."""
    database = rehearsal / "prefect" / "prefect.db"
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        return sorted(str(row) for row in db.execute(query))


def differences(expected: Outcome, found: Outcome) -> Iterator[str]:
    """What is not as it should be, a line each."""
    for key in sorted(set(expected.resources) | set(found.resources)):
        before, after = expected.resources.get(key), found.resources.get(key)
        if before is None or after is None:
            yield f"{'too much' if before is None else 'missing'}: {key}"
        elif before != after:
            yield f"another {key}: {_first(before, after)}"
    for name, count in found.sent.items():
        if count != 1:
            yield f"accepted {count} times: {name}"
    if set(expected.sent) != set(found.sent):
        yield f"not the same deployments: {sorted(set(expected.sent) ^ set(found.sent))}"
    if expected.answers != found.answers:
        yield "other answers than those that were given"
    if found.state != "succeeded":
        yield f"the run is {found.state}"
    for what, rows in found.prefect.items():
        if rows != expected.prefect[what]:
            yield f"other {what} in Prefect: {rows} instead of {expected.prefect[what]}"


def _still(value: Json) -> Json:
    """Without what no two runs have in common."""
    if isinstance(value, dict):
        return {
            key: _still(item)
            for key, item in value.items()
            if key.lower() not in MOMENTS | VERSIONS | {ADDRESSES}
            and not (key in ("created", "changed") and isinstance(item, float))
        }
    return [_still(item) for item in value] if isinstance(value, list) else value


def _addresses(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from map(str, item) if key.lower() == ADDRESSES and isinstance(item, list) else _addresses(item)
    for item in value if isinstance(value, list) else ():
        yield from _addresses(item)


def _first(before: Json, after: Json, path: str = "") -> str:
    """The first place where they differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(set(before) | set(after)):
            if before.get(key) != after.get(key):
                return _first(before.get(key), after.get(key), f"{path}.{key}")
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            if one != other:
                return _first(one, other, f"{path}[{number}]")
    return f"{path} {str(before)[:120]} → {str(after)[:120]}"
