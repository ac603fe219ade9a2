"""Question: when was a restore of each PostgreSQL server last proved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.parameters.data import server_ids
from installer.invocation import command as typed
from installer.json_access import as_text, member
from installer.operations.recovery.proof_record import STAGE
from installer.operations.status.model import Line, Question, Way
from installer.preflight.moments import DAY, moment_of, shown_moment
from installer.preflight.reads import resource
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.operations.status.observed import Observed

_VERSION: Final = "2025-04-01"
_OLD_DAYS: Final = 100
"""Chosen: a proof each quarter, and some days for it."""


def _lines(observed: Observed) -> Iterator[Line]:
    it, now = observed.it, observed.subject.now()
    requests = {
        name: resource(_record(observed, name), f"the record of a restore in {name}") for name in it.environments
    }
    observed.subject.arm.ahead(requests.values())
    for server in map(name_of, server_ids(it)):
        users = [site.name for site in it.sites if it.postgres(site) == server]
        if not users:
            continue
        proofs = [observed.subject.arm.find(requests[name]) for name in users]
        found = [one for one in proofs if as_text(_value(one, "server")) == server and _succeeded(one)]
        environment = users[0] if len(users) == 1 else ""
        way = Way(
            "restore it to a new server that is compared and deleted",
            command=typed(f"restore postgres --env {users[0]} --proof --run {observed.run}"),
        )
        at = max((moment_of(as_text(_value(one, "when"))) for one in found), default=0.0)
        if not at:
            yield Line(f"restore/{server}", server, "not read", "no restore of it was proved", environment, (way,))
            continue
        days = max(int((now - at) // DAY), 0)
        old, text = days > _OLD_DAYS, f"proved {shown_moment(at)}, {counted(days, 'day')} ago"
        yield Line(f"restore/{server}", server, "attention" if old else "ok", text, environment, (way,) if old else ())


def _record(observed: Observed, environment: str) -> str:
    name = observed.it.names.deployment(STAGE, environment)
    where = f"/subscriptions/{observed.it.subscription}/providers/Microsoft.Resources/deployments/{name}"
    return f"{where}?api-version={_VERSION}"


def _value(record: Json, name: str) -> Json:
    return member(record, "properties", "parameters", name, "value")


def _succeeded(record: Json) -> bool:
    return member(record, "properties", "provisioningState") == "Succeeded"


RESTORE: Final = Question("restore", "Proved restore", _lines)
