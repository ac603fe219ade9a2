"""Subject of the checks: one set of answers, what it would deploy, and the reads that it is compared with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from installer.estate.bodies import planned_bodies
from installer.estate.parameters.context import Installation
from installer.estate.parameters.prefect_api import CLOUD_API
from installer.estate.resources import estate
from installer.preflight.reads import NotVisible
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.answers.model import Answers
    from installer.cloud.target import Target
    from installer.estate.bodies import PlannedBody
    from installer.estate.resources import Planned, Stage
    from installer.jsontypes import Json
    from installer.preflight.reads import Reads
    from installer.secret_store import Secrets


def unseen_certificate(vault: str, name: str) -> dict[str, Json]:
    """The certificate where no key vault can be reached. Raises NotVisible."""
    raise NotVisible(f"the certificate {name} of {vault}", "a rehearsal reaches no key vault of others")


@dataclass(frozen=True)
class Subject:
    """Input of a check.

    Attributes:
        arm: Reads of Azure Resource Manager.
        graph: Reads of Microsoft Graph.
        target: The cloud.
        former: Answers before this run; None if Azure has them.
        surveyed: Whether the facts are those of a survey, without a sign-in.
        has_sign_in: Whether a survey describes the sign-in.
        secrets: Secrets behind the references of the answers; None if they are not known.
        prefect_cloud: URL of the API of Prefect Cloud.
        now: The current time, in seconds since the epoch.
        certificate: Reads a certificate of a key vault, by the names of both. Raises NotVisible.
        run: Tag of the run that is about to write; "" before there is one.
        tried: Whether the answers are those of a way out that is tried: findings then need no ways out.

    """

    answers: Answers
    arm: Reads
    graph: Reads
    target: Target
    former: Answers | None = None
    surveyed: bool = False
    has_sign_in: bool = False
    secrets: Secrets | None = None
    prefect_cloud: str = CLOUD_API
    now: Callable[[], float] = time.time
    certificate: Callable[[str, str], dict[str, Json]] = unseen_certificate
    run: str = ""
    tried: bool = False

    @cached_property
    def it(self) -> Installation:
        """The installation."""
        return Installation(self.answers)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Its stages."""
        return estate(self.answers)

    @cached_property
    def planned(self) -> tuple[Planned, ...]:
        """Its resources."""
        return tuple(resource for stage in self.stages for resource in stage.resources)

    @cached_property
    def bodies(self) -> tuple[PlannedBody, ...]:
        """Its resources as Azure would receive them."""
        return tuple(planned_bodies(self.answers))

    @cached_property
    def subscriptions(self) -> tuple[str, ...]:
        """Its subscriptions, the shared one first."""
        return tuple(dict.fromkeys((self.it.subscription, *(site.subscription for site in self.it.sites))))

    @cached_property
    def written_subscriptions(self) -> tuple[str, ...]:
        """Subscriptions in which it writes: its own, and those of existing networks and zones."""
        own = {one.lower() for one in self.subscriptions}
        others = (subscription_of(body.id) for body in self.bodies)
        return (*self.subscriptions, *dict.fromkeys(one for one in others if one and one.lower() not in own))

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Its regions, the shared one first."""
        return tuple(dict.fromkeys((self.it.location, *(site.location for site in self.it.sites))))
