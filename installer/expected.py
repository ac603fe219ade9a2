"""How long things usually take in Azure, in seconds; for progress only.

The figures and their sources are those of the embedded Azure: rehearsal/providers/data/durations.json.
"""

import json
from functools import cache
from importlib.resources import files


@cache
def _figures() -> tuple[dict[str, float], float]:
    data = files("installer.rehearsal.providers") / "data" / "durations.json"
    raw = json.loads(data.read_text(encoding="utf-8"))
    return (
        {name.lower(): float(entry["seconds"]) for name, entry in raw["types"].items()},
        float(raw["default"]["seconds"]),
    )


def usual_seconds(resource_type: str) -> float:
    """Seconds that creating a resource of this type usually takes."""
    by_type, otherwise = _figures()
    return by_type.get(resource_type.lower(), otherwise)
