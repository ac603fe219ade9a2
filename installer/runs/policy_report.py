"""Policies of a survey that a rehearsal does not judge, as lines for the user."""

from collections.abc import Iterator, Mapping

from installer.json_access import as_text, objects_of
from installer.jsontypes import Json


def not_judged(report: Mapping[str, Json]) -> Iterator[str]:
    """A line for each assignment and reason, from the report of the embedded Azure at `/rehearsal/policies`."""
    found: dict[tuple[str, str], list[str]] = {}
    for item in objects_of(report.get("notJudged")):
        reason = as_text(item.get("reason"))
        definition = as_text(item.get("definition"))
        unknown = reason.startswith("the definition ")
        key = as_text(item.get("assignment")), "its definition is not in the survey" if unknown else reason
        found.setdefault(key, []).append(definition)
    for (assignment, reason), definitions in found.items():
        named = ", ".join(sorted({name for name in definitions if name}))
        yield f"policy assignment {assignment}: {reason}" + (f" ({named})" if named else "")
