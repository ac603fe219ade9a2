"""The plan of an upgrade as text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.planning.document import as_text, listed
from installer.planning.model import SIGNS
from installer.preflight.gate import sentence

if TYPE_CHECKING:
    from installer.operations.upgrade.model import UpgradePlan

TITLES: Final = {
    "kubernetes": "Kubernetes",
    "prefect": "Prefect",
    "images": "the web app image",
    "templates": "the templates",
}
"""Titles by the name on the command line."""


def rendered(plan: UpgradePlan) -> str:
    """The plan as plain text."""
    title = f"Upgrade of {TITLES.get(plan.what, plan.what)} · installation {plan.installation}"
    if not (plan.changes or plan.findings):
        return as_text(title, ["nothing to do"], [listed("Not checked", _unseen(plan))] if plan.not_checked else [])
    changes = [f"{SIGNS['change']} {one.environment}: {one.shown} {one.before} → {one.after}" for one in plan.changes]
    parts = (
        ("Changes, in this order", changes),
        ("Around them", plan.order if changes else ()),
        ("Interrupted meanwhile", plan.interrupts if changes else ()),
        ("Going back", plan.back if changes else ()),
        ("Not checked", _unseen(plan)),
        ("In the way", [sentence(one) for one in plan.findings if one.severity == "blocks"]),
        ("To be known", [sentence(one) for one in plan.findings if one.severity == "warns"]),
    )
    return as_text(title, [], [listed(heading, lines) for heading, lines in parts if lines])


def _unseen(plan: UpgradePlan) -> list[str]:
    return [one.sentence for one in plan.not_checked]
