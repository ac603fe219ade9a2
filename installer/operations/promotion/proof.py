"""Findings about the environment that is promoted: its newest acceptance run has to have proved what it runs now."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from installer.estate import keys
from installer.estate.parameters import stages
from installer.estate.parameters.images import IMAGE_KINDS, image_use
from installer.invocation import command as typed
from installer.preflight.model import Finding, WayOut
from installer.preflight.moments import shown_moment
from installer.steps.deployment import RUN_TAG

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from installer.cloud.models import Deployment
    from installer.estate.parameters.context import Installation


@dataclass(frozen=True)
class Proved:
    """Facts about the newest run of this machine.

    Attributes:
        run: Its name.
        accepted: Seconds since the epoch at which the acceptance run of an environment has passed, None if its result is not known; no
            entry without one that has passed.
        recorded: The last run that recorded its answers in Azure, from any machine; "" if none did.
        succeeded: Whether it has succeeded.
        recorded_at: Time of that record, in seconds since the epoch: a run with the same answers does not write it again.

    """

    run: str
    accepted: Mapping[str, float | None]
    recorded: str
    succeeded: bool = True
    recorded_at: float = inf


def unproved(
    it: Installation, environment: str, proved: Proved, deployed: Mapping[str, Deployment], behind: Collection[str]
) -> Iterator[Finding]:
    """Findings that stop a promotion.

    Args:
        it: The installation.
        environment: The environment that is promoted.
        proved: The newest run.
        deployed: Last deployment of each stage and of the record of each image, by key.
        behind: Keys of the stages that this version of the installer would deploy again.

    """
    again = WayOut(f"prove it by a new run of its answers: {typed(f'promote --prove --env {environment} --yes')}")
    what = f"{environment} is not proved by its newest acceptance run"
    if not proved.succeeded:
        resumed = WayOut(f"continue it: {typed(f'resume {proved.run}')}")
        yield Finding("blocks", what, environment, f"run {proved.run} has not succeeded", (resumed,))
        return
    if proved.recorded not in ("", proved.run) and proved.recorded_at > (proved.accepted.get(environment) or 0.0):
        take = WayOut(f"promote on the machine of run {proved.recorded}, or prove it here: {again.text}")
        yield Finding("blocks", what, environment, f"run {proved.recorded} has changed the installation since", (take,))
        return
    if environment not in proved.accepted:
        yield Finding("blocks", what, environment, f"no acceptance run that passed is in run {proved.run}", (again,))
        return
    at = proved.accepted[environment]
    if at is None:
        yield Finding("blocks", what, environment, f"run {proved.run} has no result of its flow run", (again,))
        return
    for title, moment in _later(it, environment, proved, deployed, at):
        why = f"it passed {shown_moment(at)}, but {title} was deployed {shown_moment(moment)} by another run"
        yield Finding("blocks", what, environment, why, (again,))
        return
    old = [spec.title for spec in stages(it.answers) if spec.key in behind and spec.environment in (None, environment)]
    if old:
        why = f"this version would deploy other templates or parameters than it has proved: {', '.join(old)}"
        yield Finding("blocks", what, environment, why, (again,))


def image_records(it: Installation, environment: str) -> dict[str, str]:
    """Titles of the images of an environment, those of the flows among them, by the key of their record in Azure."""
    uses = (image_use(it, kind, environment) for kind in IMAGE_KINDS)
    return {**{use.key: use.title for use in uses}, keys.flow_image(environment): "the image of the flows"}


def _later(
    it: Installation, environment: str, proved: Proved, deployed: Mapping[str, Deployment], at: float
) -> Iterator[tuple[str, float]]:
    """Title and time of each deployment by another run after the acceptance run, during which a run may still deploy stages itself."""
    titles = {spec.key: spec.title for spec in stages(it.answers) if spec.environment in (None, environment)}
    for key, title in (titles | image_records(it, environment)).items():
        found = deployed.get(key)
        if found is None or found.ended is None or found.tags.get(RUN_TAG, "").partition("@")[0] == proved.run:
            continue
        if (moment := found.ended.timestamp()) > at:
            yield title, moment
