"""Usual durations of Azure operations with their spread, in seconds; for progress only.

The figures are shared with the embedded Azure (durations.json, integrations.json). Recorded figures are more reliable
than documented ones, and those more than estimates.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from installer.jsontypes import Json
from installer.shipped_files import durations, integrations

SPREADS: Final[Mapping[str, tuple[float, float]]] = {
    "recorded": (0.75, 1.4),
    "documented": (0.6, 1.7),
    "estimated": (0.45, 2.2),
}
"""Low and high factor of the usual time by source, which cover most cases. The factors are estimates."""
ESTIMATED: Final = "estimated"
MAX_SECONDS: Final = 1e7
"""Upper limit for durations in events, which may come from an untrusted file."""


@dataclass(frozen=True)
class Duration:
    """Seconds: rarely less than `low`, usually `usual`, rarely more than `high`."""

    low: float
    usual: float
    high: float

    @classmethod
    def of(cls, usual: float, source: str = ESTIMATED) -> "Duration":
        """A usual duration with the spread of its source."""
        low, high = SPREADS.get(source, SPREADS[ESTIMATED])
        return cls(low * usual, usual, high * usual)

    def then(self, other: "Duration") -> "Duration":
        """Sum of two consecutive durations; their spreads are independent, so they add as a root of squares."""
        usual = self.usual + other.usual
        below = math.hypot(self.usual - self.low, other.usual - other.low)
        above = math.hypot(self.high - self.usual, other.high - other.usual)
        return Duration(usual - below, usual, usual + above)


NO_TIME: Final = Duration(0.0, 0.0, 0.0)


@cache
def _figures() -> tuple[dict[str, Duration], Duration]:
    raw = json.loads(durations())
    by_type = {name.lower(): Duration.of(float(str(it["seconds"])), str(it["source"])) for name, it in types().items()}
    return by_type, Duration.of(float(raw["default"]["seconds"]))


@cache
def types() -> dict[str, dict[str, Json]]:
    """Seconds and source by resource type, those of the optional services (integrations.json) included."""
    found: dict[str, dict[str, Json]] = json.loads(durations())["types"]
    for service in json.loads(integrations())["services"].values():
        found |= service["durations"]
    return found


def expected(resource_type: str) -> Duration:
    """Duration of the creation of a resource of this type."""
    by_type, otherwise = _figures()
    return by_type.get(resource_type.lower(), otherwise)


def usual_seconds(resource_type: str) -> float:
    """Usual seconds for the creation of a resource of this type."""
    return expected(resource_type).usual


def duration_of_event(data: Mapping[str, Json], kind: str = "") -> Duration:
    """The expected duration in the data of an event; the spread is in the data too, or that of the resource type."""
    usual, low, high = (_seconds(data.get(name)) for name in ("usual", "low", "high"))
    if usual is None:
        return NO_TIME
    if low is not None and high is not None:
        return Duration(min(low, usual), usual, max(high, usual))
    known = expected(kind)
    return Duration(usual * known.low / known.usual, usual, usual * known.high / known.usual)


def _seconds(value: Json) -> float | None:
    return float(value) if isinstance(value, (int, float)) and 0 <= value < MAX_SECONDS else None


def clock(seconds: float) -> str:
    """Whole minutes and seconds, m:ss; a fraction of a second is dropped."""
    minutes, rest = divmod(max(int(seconds), 0), 60)
    return f"{minutes}:{rest:02}"


def remaining_text(left: Duration, *, to: str = "–") -> str:  # noqa: RUF001  a range
    """The likely remaining time as a range, rounded to its accuracy, with `to` between low and high."""
    low, high = left.low, max(left.high, left.low)
    if high < 100:
        step = 5 if high > 20 else 1
        least, most, unit = math.floor(low / step) * step, math.ceil(high / step) * step, "s"
    else:
        least, most, unit = math.floor(low / 60), math.ceil(high / 60), "min"
    if least == 0:
        return f"up to {max(most, 1)} {unit} left"
    return f"{least}{to}{most} {unit} left" if most > least else f"about {most} {unit} left"
