"""fleet.yaml: read with all its problems at once, each at its line.

Times of a schedule are those of Prefect: a cron expression and a name of the IANA time zone database (docs.prefect.io/v3/concepts/schedules).
Where Prefect is, and its key, are in no file: PREFECT_API_URL and PREFECT_API_KEY say so, as to Prefect itself.
"""

import re
import zoneinfo
from pathlib import Path
from typing import Final

from installer.answers.files import file_bytes, text_of
from installer.answers.questions import all_questions
from installer.answers.yamltree import Mapping, Scalar, Tree, printable, read
from installer.conventions.counts import counted
from installer.errors import InvalidAnswers, Problem
from installer.fleet.fields import Fields
from installer.fleet.model import KIND, VERSION, Fleet, Limits, Member, Override, Retries, Schedule, StopRule, Wave
from installer.flow_project.cron import cron_problem

MAX_BYTES: Final = 4_000_000
MAX_MEMBERS: Final = 10_000
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
NAME_WORDS: Final = "1 to 63 lower-case letters, digits and hyphens, starting with a letter or digit"
_KEYS: Final = (
    *("kind", "version", "name", "members", "waves", "max_failed"),
    *("concurrency", "retries", "schedule"),
)
_HOUR: Final = 3600
_WHOLE: Final = 100


def load(path: Path) -> Fleet:
    """Read a fleet file. Raises InvalidAnswers with all problems, or UsageError if it cannot be read."""
    raw = file_bytes(path, MAX_BYTES)
    if len(raw) > MAX_BYTES:
        raise InvalidAnswers([Problem("", f"larger than {MAX_BYTES} bytes, the limit for a fleet file")], str(path))
    tree, problems = read(text_of(raw, str(path)))
    if isinstance(tree, Mapping):
        top = Fields(tree, "", problems, _KEYS)
        if _is_fleet(top):
            fleet = _fleet(top, path.absolute(), problems)
            if not problems:
                return fleet
    elif not problems:
        problems = [Problem("", f"not a fleet file: it must start with kind: {KIND}", 1)]
    raise InvalidAnswers(sorted(problems, key=lambda one: (one.line, one.column)), str(path))


def _is_fleet(top: Fields) -> bool:
    kind, version = top.value("kind"), top.value("version")
    if kind != KIND:
        top.refuse("kind", f"not a fleet file; expected kind: {KIND}")
    elif version != VERSION or isinstance(version, bool):
        newer = isinstance(version, int) and version > VERSION
        hint = "; the file is from a newer flowforge-installer: update this one" if newer else ""
        top.refuse("version", f"this installer supports version: {VERSION}{hint}")
    else:
        return True
    return False


def _fleet(top: Fields, path: Path, problems: list[Problem]) -> Fleet:
    limits = top.mapping("concurrency", ("fleet", "tenant", "subscription"))
    retries = top.mapping("retries", ("count", "delay"))
    members = _members(top, path.parent, problems)
    usual = Limits()
    return Fleet(
        _name(top, "name"),
        path,
        members,
        _waves(top, [one.name for one in members], problems),
        _stop_rule(top),
        Limits(*(limits.whole(one, 1, 1000, getattr(usual, one)) for one in ("fleet", "tenant", "subscription")))
        if limits
        else usual,
        Retries(retries.whole("count", 0, 10, 0), retries.whole("delay", 0, 24 * _HOUR, 60)) if retries else Retries(),
        _schedule(top),
    )


def _name(fields: Fields, key: str) -> str:
    name = fields.text(key, NAME_WORDS, required=True)
    if name and not NAME.fullmatch(name):
        fields.refuse(key, f"{printable(name)} is not {NAME_WORDS}")
    return name


def _members(top: Fields, folder: Path, problems: list[Problem]) -> tuple[Member, ...]:
    found: list[Member] = []
    lines: dict[str, int] = {}
    for fields in top.mappings("members", ("name", "answers", "overrides")):
        name = _name(fields, "name")
        if name in lines:
            fields.refuse("name", f"{printable(name)} is the name of another member, on line {lines[name]}")
        elif name:
            lines[name] = fields.place("name")[0]
        answers = fields.text("answers", "the path of an answers file", required=True)
        entries = fields.entries("overrides", "keys of the answers file with values, such as subscription.region")
        overrides = []
        for one in entries:
            if one.key in all_questions():
                overrides.append(Override(one.key, one.value.plain(), (one.line, one.column)))
            else:
                words = "unknown key; it is one of the answers file with its page, such as subscription.region"
                problems.append(Problem(one.key, words, one.line, one.column))
        path = Path(answers).expanduser() if answers.startswith("~/") else Path(answers)
        found.append(Member(name, folder / path, tuple(overrides), fields.place(), fields.place("answers")))
    if not found and not problems:
        top.refuse("members", "missing; a fleet has at least one member with name and answers")
    if len(found) > MAX_MEMBERS:
        top.refuse("members", f"{counted(len(found), 'member')}; a fleet has at most {MAX_MEMBERS:,}")
    return tuple(found)


def _waves(top: Fields, members: list[str], problems: list[Problem]) -> tuple[Wave, ...]:
    found: list[Wave] = []
    known, taken, shares = set(members), dict[str, str](), 0
    for number, fields in enumerate(top.mappings("waves", ("name", "members", "percent")), 1):
        name = _name(fields, "name") if fields.has("name") else f"wave-{number}"
        if name in {one.name for one in found}:
            fields.refuse("name", f"{printable(name)} is the name of another wave")
        if fields.has("members") == fields.has("percent"):
            fields.refuse("", "a wave has either members, a list of names, or percent")
        names: list[str] = []
        for item in fields.items("members", "a list of names of members"):
            one = _text_of(item)
            if one not in known:
                words = f"{printable(one) or 'this'} is not the name of a member"
                problems.append(Problem("waves.members", words, item.line, item.column))
            elif one in taken:
                words = f"{one} is already in the wave {taken[one]}"
                problems.append(Problem("waves.members", words, item.line, item.column))
            else:
                taken[one] = name
                names.append(one)
        percent = fields.whole("percent", 1, _WHOLE, 0)
        shares += percent
        if percent and shares > _WHOLE:
            fields.refuse("percent", f"the waves have {shares} % of the members that none names; at most 100")
        found.append(Wave(name, tuple(names), percent))
    return tuple(found)


def _text_of(item: Tree) -> str:
    return str(item.value) if isinstance(item, Scalar) else ""


def _stop_rule(top: Fields) -> StopRule:
    value = top.value("max_failed")
    if value is None:
        return StopRule()
    match = re.fullmatch(r"(\d{1,5}) ?(%?)", str(value))
    if match is None or isinstance(value, bool) or (match[2] and int(match[1]) > _WHOLE):
        top.refuse("max_failed", f"{printable(str(value))} is not a number of members from 0, or a share such as 10%")
        return StopRule()
    return StopRule(int(match[1]), bool(match[2]))


def _schedule(top: Fields) -> Schedule | None:
    fields = top.mapping("schedule", ("cron", "timezone"))
    if fields is None:
        return None
    cron = fields.text("cron", 'a cron expression in quotation marks, such as "0 3 * * 6"', required=True)
    if cron and (problem := cron_problem(cron)):
        fields.refuse("cron", problem)
    timezone = fields.text("timezone", "a name of the IANA time zone database, such as Europe/Berlin") or "UTC"
    if timezone not in zoneinfo.available_timezones():
        fields.refuse("timezone", f"{printable(timezone)} is not a time zone, such as Europe/Berlin or UTC")
    return Schedule(cron, timezone)
