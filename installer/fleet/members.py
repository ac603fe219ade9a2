"""Answers of each member: its file with its overrides, checked; one member at a time, so that memory does not grow with the fleet."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from installer.answers.draft import Draft, flatten
from installer.answers.files import Unchecked, load_unchecked
from installer.errors import InvalidAnswers, Problem, UsageError
from installer.fleet.model import Fleet, Member


@dataclass(frozen=True)
class Planned:
    """Facts of a member that are known without Azure.

    Attributes:
        member: The member.
        wave: Its wave.
        tenant: Tenant ID of its answers, "" if they are invalid.
        subscription: Subscription ID likewise.
        environments: Its environments.
        prefix: Prefix of its names.
        digest: Digest of its answers.
        problems: Problems of its answers, each a line with its place.

    """

    member: Member
    wave: str
    tenant: str = ""
    subscription: str = ""
    environments: tuple[str, ...] = ()
    prefix: str = ""
    digest: str = ""
    problems: tuple[str, ...] = ()


def planned_members(fleet: Fleet) -> Iterator[Planned]:
    """Each member with its answers checked. Two members with one installation are a problem of the second."""
    waves = fleet.wave_of()
    owners: dict[tuple[str, str], str] = {}
    for member in fleet.members:
        one = planned(fleet, member, waves[member.name])
        owner = owners.setdefault((one.subscription, one.prefix), member.name)
        if not one.problems and owner != member.name:
            words = f"subscription and prefix are those of the member {owner}: both are one installation"
            one = Planned(member, one.wave, problems=(_located(fleet, member, member.name, words),))
        yield one


def planned(fleet: Fleet, member: Member, wave: str) -> Planned:
    """One member with its answers checked."""
    try:
        draft = draft_of(fleet, member)
        answers = draft.answers()
    except InvalidAnswers as refused:
        return Planned(member, wave, problems=tuple(str(refused).splitlines()))
    except UsageError as unread:
        problem = Problem(f"{member.name}: answers", str(unread), *member.answers_place)
        return Planned(member, wave, problems=(problem.located(str(fleet.file)),))
    where = answers.subscription
    digest = hashlib.sha256(json.dumps(flatten(answers), sort_keys=True).encode()).hexdigest()[:16]
    return Planned(
        member, wave, where.tenant, where.subscription, tuple(where.environments), where.prefix, digest=digest
    )


def draft_of(fleet: Fleet, member: Member) -> Draft:
    """The answers of a member. Raises InvalidAnswers with all problems at their places, UsageError without a file."""
    read = _answers_file(member.answers)
    draft = Draft(read.draft.given())
    for one in member.overrides:
        draft.give(one.key, one.value, "file")
    problems = read.all_problems(draft)
    if problems:
        overridden = {one.key: one.place for one in member.overrides}
        lines = [_line(fleet, member, read, problem, overridden) for problem in problems]
        raise InvalidAnswers([Problem("", line) for line in lines])
    return draft


def _line(
    fleet: Fleet, member: Member, read: Unchecked, problem: Problem, overridden: dict[str, tuple[int, int]]
) -> str:
    """A problem where its answer was given: in the fleet file, in the answers file, or nowhere, which is the member's entry."""
    if problem.key in overridden:
        place = overridden[problem.key]
        return Problem(f"{member.name}: {problem.key}", problem.message, *place).located(str(fleet.file))
    if problem in read.problems or problem.key in read.lines:
        return problem.located(str(member.answers))
    return _located(fleet, member, f"{member.name}: {problem.key}", problem.message)


def _located(fleet: Fleet, member: Member, key: str, words: str) -> str:
    return Problem(key, words, *member.place).located(str(fleet.file))


@lru_cache(maxsize=8)
def _answers_file(path: Path) -> Unchecked:
    """An answers file; members of a fleet often share one."""
    return load_unchecked(path)
