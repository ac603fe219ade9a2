"""Upgrades that a new run makes: the answers that they change, what they interrupt, and which way leads back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from installer.errors import UsageError
from installer.estate.parameters.context import Installation
from installer.estate.parameters.data import server_ids, server_of
from installer.estate.parameters.images import (
    IMAGE_KINDS,
    ImageKind,
    answered_image,
    image_source,
    image_use,
    repository_of,
)
from installer.estate.parameters.resource_ids import registry_id
from installer.images.context import prefect_version
from installer.invocation import command as typed
from installer.planning.model import Change, counts
from installer.preflight.model import sorted_out
from installer.preflight.rights.check import judged
from installer.preflight.rights.needs import Need
from installer.resource_id import name_of
from installer.steps.cluster_upgrade import numbers
from installer.steps.database_backup import BACKUPS, has_backups, restore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.planning.model import Plan
    from installer.preflight.subject import Subject

_DIGEST: Final = "sha256:"
MOMENT: Final = "TIME"
"""In place of the time of a backup, which the run reports."""


def changed_answers(
    it: Installation, what: str, to: str, more: Mapping[str, str], environment: str = ""
) -> dict[str, str]:
    """Answers to change by key, as a user would type them. Raises UsageError.

    Args:
        it: The installation.
        what: The part: prefect, images or templates.
        to: The version, "" for the default.
        more: Further answers of the user.
        environment: The environment that gets its own image, "" for the common one.

    """
    if environment:
        return {**_own_image(it, what, to, environment), **more}
    if what == "templates":
        if to or more:
            raise UsageError("upgrade templates: it deploys the templates of this version; --to and --set do not apply")
        return {}
    return {**(_prefect(it, to, more) if what == "prefect" else _web(it, to, more)), **more}


def _own_image(it: Installation, what: str, to: str, environment: str) -> dict[str, str]:
    kind: ImageKind = "prefect" if what == "prefect" else "web"
    if what == "templates":
        raise UsageError("upgrade templates: --env does not apply, all environments have the same")
    if not to.startswith(_DIGEST):
        words = typed(f"upgrade {what} --env {environment} --to sha256:DIGEST")
        raise UsageError(
            f"upgrade {what} --env {environment}: an image of one environment is named by its digest: {words}"
        )
    differ = [name for name in it.environments if name in {*it.answers.subscription.differ, environment}]
    image = f"{repository_of(answered_image(it, kind, environment))}@{to}"
    return {"subscription.differ": ", ".join(differ), f"{environment}.{kind}_image": image}


def _prefect(it: Installation, to: str, more: Mapping[str, str]) -> dict[str, str]:
    ours, answered = prefect_version(), it.answers.platform.prefect_image
    tag, source = answered.partition("@")[0].rpartition(":")[2], image_source(it, "prefect")
    if source == "build" and to not in ("", ours):
        raise UsageError(f"upgrade prefect --to {to}: this installer builds Prefect {ours}, and no other version")
    if source == "import" and "images.prefect_from" not in more:
        words = typed("upgrade prefect --to VERSION --set images.prefect_from=REGISTRY/REPOSITORY@sha256:DIGEST")
        raise UsageError(f"upgrade prefect: the image is imported, so its new source is needed: {words}")
    wanted = to or ours
    if numbers(wanted) < numbers(tag):
        text = f"the installation has Prefect {tag}, whose tables an older version does not know"
        raise UsageError(f"upgrade prefect to {wanted}: {text}; restore the database from before its upgrade instead")
    return {"platform.prefect_image": f"{repository_of(answered)}:{wanted}"}


def _web(it: Installation, to: str, more: Mapping[str, str]) -> dict[str, str]:
    if not (to or more):
        words = typed("upgrade images --to 1.1.0")
        raise UsageError(f"upgrade images needs the tag or digest of the web app image: {words}")
    if image_source(it, "web") == "import" and "images.web_from" not in more:
        words = typed(f"upgrade images --to {to} --set images.web_from=REGISTRY/REPOSITORY@sha256:DIGEST")
        raise UsageError(f"upgrade images: the image is imported, so its new source is needed: {words}")
    separator = "@" if to.startswith(_DIGEST) else ":"
    repository = repository_of(it.answers.platform.web_image)
    return {"platform.web_image": f"{repository}{separator}{to}"} if to else {}


def with_images(plan: Plan, before: Installation, after: Installation) -> Plan:
    """The plan with the images that become others: what-if does not know their digests, nor what changes by them."""
    others = dict.fromkeys(
        (image_use(after, kind, name), old, new)
        for kind in IMAGE_KINDS
        for name in after.environments
        if (old := answered_image(before, kind, name)) != (new := answered_image(after, kind, name))
    )
    changes = [
        Change(
            f"{registry_id(after)}/{new}",
            "Microsoft.ContainerRegistry/registries",
            new,
            after.names.platform_group,
            use.key,
            "change",
            title=f"{use.title} {old} → {new}"
            + ("" if "@" in new else "; what runs it changes once its digest is known"),
        )
        for use, old, new in others
    ]
    every = (*plan.changes, *changes)
    return replace(plan, changes=every, counts=counts(every)) if changes else plan


def backup_needs(it: Installation, environment: str = "") -> tuple[Need, ...]:
    """Actions for the backups of one environment or all; none for a server whose tier has no on-demand backups."""
    sizes = {server_of(it, site): site.postgres_size for site in it.sites if environment in ("", site.name)}
    return tuple(
        Need(BACKUPS, group, f"back up {name_of(server)}", place=group, target=server)
        for server, size in sizes.items()
        if has_backups(size) and (group := server.partition("/providers/")[0])
    )


def with_rights(subject: Subject, plan: Plan, environment: str = "") -> Plan:
    """The plan with findings for rights that the backups lack; those of the installation it has. Queries Azure; read-only."""
    findings, unseen = sorted_out(judged(subject, backup_needs(Installation(subject.answers), environment)))
    not_checked = (*plan.not_checked, *(one.sentence for one in unseen))
    return replace(plan, findings=(*plan.findings, *findings), not_checked=not_checked)


def interrupts(it: Installation, what: str) -> tuple[str, ...]:
    """Sentences about what is interrupted meanwhile."""
    if what == "images":
        slot = it.answers.platform.control_plane == "app_service" and it.answers.platform.slot
        return ("the web app starts again with its new version" + (", first in its staging slot" if slot else ""),)
    wait = (
        "flow runs that are created meanwhile wait: work pools are paused first, and flow runs that are under way end"
    )
    server = "the Prefect server and the workers start again"
    return (wait, server if it.answers.platform.prefect == "server" else "the workers start again")


def way_back(it: Installation, what: str, environment: str = "") -> tuple[str, ...]:
    """Sentences about the way back."""
    restores = tuple(
        f"to restore a server as it was before, beside it: {restore(one, MOMENT)}" for one in server_ids(it)
    )
    backup = (
        "before tables are migrated, the run makes a backup of each PostgreSQL server, or names the time to restore to"
    )
    if what == "images":
        again = typed(f"upgrade images{_former(it, environment)}")
        return (backup, f"to go back, if that version works with the tables: {again}", *restores)
    if what == "prefect":
        tables = "an older Prefect does not know migrated tables: going back needs the restored database and the former image"
        return (backup, tables, *restores)
    return (backup, "the templates of the version before: its installer plans and applies them again", *restores)


def _former(it: Installation, environment: str) -> str:
    """Options that name the image before."""
    image = answered_image(it, "web", environment)
    if environment and "@" not in image:
        return f" --env {environment} --to DIGEST, with the digest that the image {image} had"
    tag = image.partition("@")[2] or image.rpartition(":")[2]
    return (f" --env {environment}" if environment else "") + f" --to {tag}"
