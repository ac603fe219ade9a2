"""The catalogue: every fault by name, its effect, and whether a second attempt may succeed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from installer.json_access import as_list, as_object, as_text

if TYPE_CHECKING:
    from installer.jsontypes import Json


@dataclass(frozen=True)
class FaultKind:
    """One entry; `at` holds the default patterns, none meaning everything."""

    name: str
    place: str
    effect: str
    transient: bool
    about: str
    status: int
    code: str
    message: str
    at: tuple[str, ...]
    seconds: float
    times: int

    @property
    def count(self) -> int | None:
        """The default number of occurrences; None is unlimited."""
        return self.times if self.transient or self.effect == "exits" else None


@cache
def catalogue() -> dict[str, FaultKind]:
    """Every kind of fault by its lower-case name."""
    data: Json = json.loads(resources.files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))
    kinds = [_kind(item) for item in as_list(as_object(data)["faults"])]
    return {kind.name.lower(): kind for kind in kinds}


def _kind(item: Json) -> FaultKind:
    entry = as_object(item)
    status, seconds, times = entry.get("status"), entry.get("seconds"), entry.get("count")
    name = as_text(entry["name"])
    return FaultKind(
        name=name,
        place=as_text(entry["place"]),
        effect=as_text(entry["effect"]),
        transient=entry["transient"] is True,
        about=as_text(entry["about"]),
        status=status if isinstance(status, int) else 0,
        code=as_text(entry.get("code"), name),
        message=as_text(entry.get("message")),
        at=tuple(as_text(pattern) for pattern in as_list(entry.get("at"))),
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
        times=times if isinstance(times, int) else 1,
    )


def described() -> str:
    """The catalogue as `--fault help` prints it: a line for each fault."""
    width = max(len(kind.name) for kind in catalogue().values())
    lines = [
        f"{kind.name:<{width}}  {'transient' if kind.transient else 'permanent'}  {kind.about}"
        for kind in catalogue().values()
    ]
    return "\n".join([*lines, "", USAGE])


USAGE = (
    "--fault NAME[:probability=0..1,count=N,at=PATTERN,seed=N,seconds=N], as often as needed. PATTERN (with * and ?) is "
    "compared with the type, name, id and location of a resource, or with METHOD and path of a request. Without a "
    "probability it occurs at every match, a transient one once; count=0 means unlimited. Counts are part of the state "
    "and survive a restart."
)
