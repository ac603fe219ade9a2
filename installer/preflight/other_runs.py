"""Runs of other installers that are deploying this installation now, from another state directory or machine.

Deployments carry the name of their run and host. A run that was killed leaves its deployments running, so that this is a warning:
a new run follows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cloud.models import deployment_of
from installer.conventions.naming import INSTALLATION_TAG
from installer.invocation import command
from installer.json_access import as_text
from installer.preflight.model import Finding, NotChecked, WayOut
from installer.preflight.reads import NotVisible
from installer.preflight.subscription_reads import deployments
from installer.steps.deployment import RUN_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject


def other_runs(subject: Subject) -> Iterator[Entry]:
    """Runs, other than that of the subject, whose deployments are running."""
    prefix = subject.answers.subscription.prefix
    try:
        listed = subject.arm.every(deployments(subject.it.subscription))
    except NotVisible as unseen:
        yield NotChecked(f"whether another run is deploying: {unseen.what}", unseen.why)
        return
    found = [deployment_of(as_text(one.get("name")), one) for one in listed]
    active = [one for one in found if one.active and one.tags.get(INSTALLATION_TAG) == prefix]
    for run in sorted({one.tags.get(RUN_TAG, "") for one in active} - {"", subject.run}):
        names = [one.name for one in active if one.tags.get(RUN_TAG) == run]
        name, _, host = run.partition("@")
        yield Finding(
            "warns",
            f"run {name} on {host or 'another machine'} is deploying this installation: {', '.join(sorted(names)[:3])} "
            f"{'is' if len(names) == 1 else 'are'} running",
            f"/subscriptions/{subject.it.subscription}",
            "two installers at once repeat each other's steps outside deployments; one that was killed leaves its deployments "
            "running, and this run then follows them",
            (WayOut(f"watch it, or take it over: {command(f'attach {prefix}')}"), WayOut("wait until it ends")),
        )
