"""Rules about names and tags that are given one by one."""

import difflib
import re
from collections.abc import Iterator

from installer.answers.ask import View
from installer.conventions.naming import LAWS, OWN_TAGS
from installer.errors import Problem


def names_are_lawful(view: View) -> Iterator[Problem]:
    """A name of one's own names something that is built, and is one that Azure takes."""
    for entry in _entries(view, "governance.names"):
        what, _, name = entry.partition("=")
        if reason := _refusal(what, name):
            yield Problem("governance.names", reason)
            return  # one at a time stands beside one question


def _refusal(what: str, name: str) -> str:
    kind, _, where = what.partition(".")
    law = LAWS.get(kind)
    if law is None:
        near = difflib.get_close_matches(kind, LAWS, n=1)
        return f"{kind} names nothing that is built; " + (f"did you mean {near[0]}?" if near else "see bicep/README.md")
    if law.each and not where:
        return f"there are several of {kind}: say which, for example {kind}.{'prod' if law.which else 'web'}={name}"
    if where and not law.each:
        return f"{what}: there is one {kind} for all: {kind}={name}"
    if where and law.which and where not in law.which:
        return f"{what}: it is one of {', '.join(law.which)}"
    if len(name) > law.longest:
        return f"{name} has {len(name)} characters; Azure takes {law.longest} here: {name[: law.longest].rstrip('-')}"
    if not re.fullmatch(law.pattern, name):
        return f"{name} will not do for {kind}: {law.said}"
    return ""


def tags_are_given_once(view: View) -> Iterator[Problem]:
    """A tag has one value, and is none of the installer's own; Azure does not tell upper case from lower in its name."""
    seen: set[str] = set()
    for entry in _entries(view, "governance.tags"):
        name = entry.partition("=")[0]
        if name.lower() in OWN_TAGS:
            yield Problem("governance.tags", f"{name} is a tag that the installer sets itself; leave it out")
            return
        if name.lower() in seen:
            yield Problem("governance.tags", f"{name} is given twice; Azure takes it for one tag, in whatever case")
            return
        seen.add(name.lower())


def _entries(view: View, key: str) -> list[str]:
    given = view.get(key)
    return [str(entry) for entry in given] if isinstance(given, list) else []
