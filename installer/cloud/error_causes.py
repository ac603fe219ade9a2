"""Innermost causes of an error of Azure Resource Manager."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from installer.json_access import objects_of
from installer.jsontypes import Json
from installer.sanitize import clean, one_line

MAX_DEPTH = 40
WRAPPERS = {
    "DeploymentFailed",
    "InvalidTemplateDeployment",
    "ResourceDeploymentFailure",
    "MultipleErrorsOccurred",
    "ValidationForResourceFailed",
}
"""Codes that only wrap an inner error; shown when nothing else is known."""
GENERIC = WRAPPERS | {
    "",
    "BadRequest",
    "Conflict",
    "Failed",
    "Error",
    "InvalidRequest",
    "Forbidden",
    "OperationNotAllowed",
    "Unknown",
}
"""Codes that do not name the cause."""
MAX_JSON_STARTS = 20
"""Number of opening braces in a message at which JSON is tried."""


@dataclass(frozen=True)
class Cause:
    """An innermost error: code, message and target as in the ARM error."""

    code: str
    message: str
    target: str = ""

    def __post_init__(self) -> None:
        """Each is one line: a line end in a text of a service would forge lines of this program."""
        for name in ("code", "message", "target"):
            object.__setattr__(self, name, one_line(clean(getattr(self, name))))

    def __str__(self) -> str:
        about = f" ({self.target.rpartition('/')[2]})" if self.target else ""
        said = f": {self.message}" if self.message else ""
        return f"{self.code}{about}{said}" if self.code else self.message


def causes(error: Json, target: str = "") -> list[Cause]:
    """Distinct innermost errors of an ARM error, from `details` and from JSON inside messages."""
    found = list(dict.fromkeys(_walk(error, target, MAX_DEPTH)))
    specific = [cause for cause in found if cause.code not in WRAPPERS]
    return specific or found


def _walk(error: Json, target: str, depth: int) -> Iterator[Cause]:
    if not isinstance(error, dict):
        return
    error = {name.lower(): value for name, value in error.items()}  # some services write Code and Message
    inner = error.get("error")
    if isinstance(inner, dict) and depth > 0:
        yield from _walk(inner, target, depth - 1)
        return
    about = str(error.get("target") or target)
    message = str(error.get("message") or "")
    details = error.get("details")
    inside = objects_of(details)
    unfolded = _json_in(message)
    if unfolded is not None:
        inside.append(unfolded)
    if not inside or depth <= 0:
        yield Cause(str(error.get("code") or ""), message, about)
        return
    for item in inside:
        yield from _walk(item, about, depth - 1)


def _json_in(message: str) -> dict[str, Json] | None:
    """The first error encoded as JSON inside a message, with any text around it."""
    decoder = json.JSONDecoder()
    start = message.find("{")
    for _ in range(MAX_JSON_STARTS):
        if start < 0:
            break
        try:
            value, _end = decoder.raw_decode(message, start)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and {"error", "code"} & {name.lower() for name in value}:
            return value
        start = message.find("{", start + 1)
    return None
