"""Schedules of a deployment in prefect.yaml, as fields of the Prefect API."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from installer.flow_project.cron import cron_problem
from installer.json_access import as_object
from installer.jsontypes import Json

_ONE_OF: Final = ("cron", "interval", "rrule")
_KNOWN: Final = frozenset(
    {*_ONE_OF, "timezone", "anchor_date", "active", "parameters", "slug", "day_or", "max_scheduled_runs"}
    | {"replaces"}  # the schedule of another slug is removed in any case: it is not in the file any more
)
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_INTERVAL: Final = TypeAdapter(timedelta)


def schedules_of(deployment: Mapping[str, Json], where: str, problems: list[str]) -> list[tuple[str, dict[str, Json]]]:
    """Slug and fields of each schedule; a schedule without a slug gets one of its position."""
    several = deployment.get("schedules")
    given = [
        *(several if isinstance(several, list) else []),
        *([deployment["schedule"]] if deployment.get("schedule") else []),
    ]
    if several is not None and not isinstance(several, list):
        problems.append(f"{where}: schedules is a list")
    if deployment.get("schedule") and "schedules" in deployment:
        # As `prefect deploy` (prefect 3.8.8, cli/deploy/_config.py): both together would run the flow twice.
        problems.append(f"{where}: it has schedule and schedules; keep schedules only")
    found: list[tuple[str, dict[str, Json]]] = []
    for number, one in enumerate(given, 1):
        place = f"{where}: schedule {number}"
        if not isinstance(one, dict):
            problems.append(f"{place}: a mapping with one of {', '.join(_ONE_OF)} is expected")
        elif one:
            # The schedule may be nested: DeploymentScheduleCreate of prefect 3.8.8 (client/schemas/actions.py).
            flat = {**as_object(one.get("schedule")), **{key: value for key, value in one.items() if key != "schedule"}}
            slug = str(flat.get("slug") or f"schedule-{number}")
            if not _SLUG.fullmatch(slug):
                problems.append(f"{place}: the slug {slug} has to be of lower-case letters, digits and dashes")
            found.append((slug, _fields(flat, place, problems)))
    return found


def _fields(given: Mapping[str, Json], where: str, problems: list[str]) -> dict[str, Json]:
    unknown, known = sorted(given.keys() - _KNOWN), ", ".join(sorted(_KNOWN))
    problems += [f"{where}: {key} is unknown; known are {known}" for key in unknown]
    kinds = [kind for kind in _ONE_OF if given.get(kind) is not None]
    if len(kinds) != 1:
        problems.append(f"{where}: exactly one of {', '.join(_ONE_OF)} is needed")
    schedule: dict[str, Json] = {
        key: given[key] for key in ("cron", "rrule", "timezone", "day_or", "anchor_date") if given.get(key) is not None
    }
    if isinstance(cron := given.get("cron"), str) and (wrong := cron_problem(cron)):
        problems.append(f"{where}: {wrong}")
    if isinstance(rule := given.get("rrule"), str) and (wrong := _rule_problem(rule)):
        problems.append(f"{where}: {wrong}")
    for key in ("active", "day_or"):
        if given.get(key) is not None and not isinstance(given[key], bool):
            problems.append(f"{where}: {key} is true or false")
    if (interval := given.get("interval")) is not None:
        schedule["interval"] = _seconds(interval, where, problems)
    if isinstance(zone := given.get("timezone"), str) and not _is_zone(zone):
        problems.append(f"{where}: the time zone {zone} is unknown; an example is Europe/Stockholm")
    limit = given.get("max_scheduled_runs")
    return {
        "schedule": schedule,
        "active": given.get("active") is not False,
        "parameters": as_object(given.get("parameters")),
        **({} if limit is None else {"max_scheduled_runs": limit}),
    }


def _seconds(given: Json, where: str, problems: list[str]) -> float:
    try:
        seconds = _INTERVAL.validate_python(given).total_seconds()
    except ValidationError:
        seconds = 0.0
    if seconds <= 0:
        problems.append(f"{where}: interval is a number of seconds above 0, hh:mm:ss, or an ISO 8601 duration")
    return seconds


def _rule_problem(rule: str) -> str:
    """The problem of a recurrence rule, "" if there is none; Prefect reads it with the same library."""
    from dateutil.rrule import rrulestr

    try:
        rrulestr(rule)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        return f'rrule "{rule}" is not valid: {error}'
    return ""


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True
