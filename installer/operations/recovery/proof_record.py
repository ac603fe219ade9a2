"""The record of a proved restore: a deployment without resources, which another machine finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from installer.engine.step import Context
from installer.jsontypes import Json
from installer.preflight.moments import shown_moment
from installer.steps.value_record import ValueRecord, record_template

if TYPE_CHECKING:
    from installer.cloud.arm import Arm
    from installer.estate.parameters.context import Installation

Record: TypeAlias = Callable[[Context, dict[str, Json]], None]
"""Writes the values of a proof to Azure."""
STAGE: Final = "restore-proof"
"""Names the deployment, like a stage."""
TEMPLATE: Final = record_template(dict.fromkeys(("server", "at", "proved", "when"), "string"), outputs=False)


def recorder(arm: Arm, it: Installation, environment: str, now: Callable[[], float]) -> Record:
    """Writes the record of an environment; `now`: the current time."""
    name = it.names.deployment(STAGE, environment)
    record = ValueRecord(arm, name, it.location, it.names.prefix, TEMPLATE)

    def write(context: Context, values: dict[str, Json]) -> None:
        given: dict[str, Json] = {**values, "when": shown_moment(now()).removesuffix(" UTC")}
        record.settled(context)
        record.write(context, given, record.digest(given))

    return write
