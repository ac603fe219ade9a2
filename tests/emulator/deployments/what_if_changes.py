"""Changes that a what-if reports, without its noise: values that Azure adds, which no deployment changes."""

from installer.json_access import as_list, as_text, member
from installer.jsontypes import Json
from installer.planning.property_changes import property_changes


def without_noise(result: Json, *ignored: str) -> list[Json]:
    """The changes of a what-if other than NoChange, the kinds to ignore, and Modify with nothing but noise."""
    return [
        change
        for change in as_list(member(result, "properties", "changes"))
        if member(change, "changeType") not in ("NoChange", "Modify", *ignored)
        or property_changes(member(change, "delta"), as_text(member(change, "after", "type")))[0]
    ]
