"""How long things usually take in Azure, in seconds, and how far that may be off; for progress only.

The figures and their sources are those of the embedded Azure: rehearsal/providers/data/durations.json. What was recorded
says more than what is documented, and that more than what was estimated.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

SPREADS: Final[Mapping[str, tuple[float, float]]] = {
    "recorded": (0.75, 1.4),
    "documented": (0.6, 1.7),
    "estimated": (0.45, 2.2),
}
"""By source: from which to which multiple of the usual time most cases lie. These factors are themselves estimates."""
ESTIMATED: Final = "estimated"


@dataclass(frozen=True)
class Duration:
    """Seconds: rarely less than `low`, usually `usual`, rarely more than `high`."""

    low: float
    usual: float
    high: float

    @classmethod
    def of(cls, usual: float, source: str = ESTIMATED) -> "Duration":
        """A usual time with the spread of its source."""
        low, high = SPREADS.get(source, SPREADS[ESTIMATED])
        return cls(low * usual, usual, high * usual)

    def then(self, other: "Duration") -> "Duration":
        """One after the other: what is unsure of the one is not unsure of the other, so the spreads do not simply add."""
        usual = self.usual + other.usual
        below = math.hypot(self.usual - self.low, other.usual - other.low)
        above = math.hypot(self.high - self.usual, other.high - other.usual)
        return Duration(usual - below, usual, usual + above)


NOTHING: Final = Duration(0.0, 0.0, 0.0)


@cache
def _figures() -> tuple[dict[str, Duration], Duration]:
    data = files("installer.rehearsal.providers") / "data" / "durations.json"
    raw = json.loads(data.read_text(encoding="utf-8"))
    by_type = {name.lower(): Duration.of(float(it["seconds"]), str(it["source"])) for name, it in raw["types"].items()}
    return by_type, Duration.of(float(raw["default"]["seconds"]))


def expected(resource_type: str) -> Duration:
    """How long creating a resource of this type takes."""
    by_type, otherwise = _figures()
    return by_type.get(resource_type.lower(), otherwise)


def usual_seconds(resource_type: str) -> float:
    """Seconds that creating a resource of this type usually takes."""
    return expected(resource_type).usual
