"""Prices that are easy to add up: each node costs 100, a standby of PostgreSQL 50, and one resource has no price."""

from installer.answers.model import Answers
from installer.cost.model import Estimate, Line, Meter, Usage

DAY = "2026-11-30"


def cost_of(answers: Answers, *, rehearsal: bool = False) -> Estimate:
    """The estimate of these answers."""
    figure = 100.0 * answers.sizing.worker_nodes + 50.0 * answers.sizing.postgres_ha
    usage = Usage("node", "agentPools", "dev", Meter("Virtual Machines", "", 1.0, "hour", "assumed"))
    return Estimate("EUR", DAY, rehearsal, lines=(Line(usage, figure), Line(usage, None, "no price")))
