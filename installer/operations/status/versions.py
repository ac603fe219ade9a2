"""Question: which versions are behind: FlowForge's, the images, Kubernetes, PostgreSQL.

Source: learn.microsoft.com, aks/supported-kubernetes-versions and training/modules/aks-cluster-upgrades-patches (N-2): the newest minor
version and two before it are supported, and the oldest leaves support when the next one is released; a version whose only support plan is AKSLongTermSupport has left community
support (REST API Managed Clusters - List Kubernetes Versions, capabilities.supportPlan). No read has the date of that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from installer import __version__
from installer.estate.parameters.images import answered_image, image_uses
from installer.images.context import prefect_version
from installer.invocation import command as typed
from installer.json_access import as_list, as_text, member, objects_of
from installer.operations.status.model import Line, Question, State, Way
from installer.operations.status.observed import CLUSTERS
from installer.preflight.commands import in_group
from installer.preflight.live import Live
from installer.preflight.offer_facts import postgres_versions
from installer.preflight.offer_reads import kubernetes_versions, postgres_offer
from installer.preflight.reads import NotVisible
from installer.resource_id import subscription_of
from installer.steps.answers_record import STAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.resources import Planned
    from installer.jsontypes import Json
    from installer.operations.status.observed import Observed

_SERVERS: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
_VERSION: Final = re.compile(r"\d+(\.\d+)+")
_OFFICIAL: Final = "KubernetesOfficial"
_UPGRADE: Final = Way("bring the installation to this version: a plan, then a run of this plan", "apply")


def _lines(observed: Observed) -> Iterator[Line]:
    observed.ahead(CLUSTERS, _SERVERS)
    yield from _flowforge(observed)
    yield from _prefect(observed)
    yield from _images(observed)
    for one in observed.planned(CLUSTERS):
        yield from _kubernetes(observed, one)
    for one in observed.planned(_SERVERS):
        yield from _postgresql(observed, one)


def _flowforge(observed: Observed) -> Iterator[Line]:
    """The version of the installer that has recorded its answers in Azure."""
    live = Live(observed.subject.arm, observed.it.subscription)
    record = live.deployment(observed.it.names.deployment(STAGE))
    found = as_text(record.sent.get("installer")) if record is not None else ""
    key, subject = "versions/flowforge", "FlowForge"
    if not found:
        yield Line(key, subject, "not read", "no record of the answers is in Azure")
    elif found == __version__:
        yield Line(key, subject, "ok", found)
    elif _parts(found) < _parts(__version__):
        text = f"installed by {found}, this is {__version__}"
        yield Line(key, subject, "attention", text, ways=(_UPGRADE,))
    else:
        text = f"installed by {found}, newer than this installer, {__version__}"
        yield Line(key, subject, "attention", text, ways=(Way(f"use flowforge-installer {found}"),))


def _prefect(observed: Observed) -> Iterator[Line]:
    """The version in the tag of the Prefect image, which the answers name, against that of this installer."""
    for use in image_uses(observed.it):
        if use.kind == "prefect" and use.environment:
            image = answered_image(observed.it, "prefect", use.environment)
            text = f"the image {image} does not name its version"
            yield Line(f"versions/prefect-{use.environment}", "Prefect", "not read", text, use.environment)
    answered = observed.subject.answers.platform.prefect_image
    tag, ours = answered.partition("@")[0].rpartition(":")[2], prefect_version()
    key, subject = "versions/prefect", "Prefect"
    if not _VERSION.fullmatch(tag) or not ours:
        yield Line(key, subject, "not read", f"the image {answered} does not name its version")
    elif _parts(tag) < _parts(ours):
        way = Way("upgrade it: a plan first", command=typed("upgrade prefect"))
        yield Line(key, subject, "attention", f"{tag}; this installer brings {ours}", ways=(way,))
    else:
        yield Line(key, subject, "ok", tag)


def _images(observed: Observed) -> Iterator[Line]:
    """Whether an image is of the files or the tag that a run would deploy now."""
    live = Live(observed.subject.arm, observed.it.subscription)
    for use, wanted in observed.image_sources.items():
        record = live.deployment(observed.it.names.deployment(use.key))
        source = as_text(record.outputs.get("source")) if record is not None else ""
        subject, key, shown = use.title, f"versions/{use.key}", source.partition(":")[2] or source
        if not source:
            yield Line(key, subject, "not read", "no record of the image is in Azure", use.environment)
        elif source == wanted:
            yield Line(key, subject, "ok", shown, use.environment)
        else:
            text = f"{shown}; a run would deploy {wanted.partition(':')[2]}"
            yield Line(key, subject, "attention", text, use.environment, (_UPGRADE,))


def _kubernetes(observed: Observed, one: Planned) -> Iterator[Line]:
    key, environment = f"versions/{one.name}", observed.environment_of(one.id)
    found = observed.read(one)
    if found is None:
        return  # the question about workloads names it
    properties = member(found, "properties")
    version = as_text(member(properties, "currentKubernetesVersion")) or as_text(
        member(properties, "kubernetesVersion")
    )
    region = as_text(found.get("location"))
    try:
        listed = observed.subject.arm.find(kubernetes_versions(subscription_of(one.id), region)) or {}
    except NotVisible as unseen:
        yield Line(key, one.shown, "not read", f"Kubernetes {version}; {unseen.what}: {unseen.why}", environment)
        return
    offered = sorted(_official(listed), key=_parts)
    minor = ".".join(version.split(".")[:2])
    way = Way("upgrade it: a plan first", command=typed(f"upgrade kubernetes --env {environment}"))
    state: State = "ok"
    if not version or not offered:
        yield Line(key, one.shown, "not read", "Azure shows no version of Kubernetes", environment)
        return
    if minor not in offered and _parts(minor) < _parts(offered[-1]):
        state, text = "attention", f"Kubernetes {version} has left support in {region}; newest {offered[-1]}"
    elif minor == offered[0] and len(offered) > 1:
        state, text = "attention", f"Kubernetes {version} leaves support with the next version; newest {offered[-1]}"
    else:
        text = f"Kubernetes {version}; newest {offered[-1]}"
    yield Line(key, one.shown, state, text, environment, (way,) if state != "ok" else ())


def _official(listed: dict[str, Json]) -> list[str]:
    """Minor versions in community support, without previews."""
    return [
        as_text(one.get("version"))
        for one in objects_of(listed.get("values"))
        if one.get("isPreview") is not True
        and _OFFICIAL in (as_list(member(one, "capabilities", "supportPlan")) or [_OFFICIAL])
    ]


def _postgresql(observed: Observed, one: Planned) -> Iterator[Line]:
    key, environment = f"versions/{one.name}", observed.environment_of(one.id)
    found = observed.read(one)
    if found is None:
        return
    version, region = as_text(member(found, "properties", "version")), as_text(found.get("location"))
    try:
        offered = postgres_versions(observed.subject.arm.every(postgres_offer(subscription_of(one.id), region)))
    except NotVisible as unseen:
        yield Line(key, one.shown, "not read", f"PostgreSQL {version}; {unseen.what}: {unseen.why}", environment)
        return
    if not version or not offered:
        yield Line(key, one.shown, "not read", "Azure shows no version of PostgreSQL", environment)
    elif version.partition(".")[0] in offered:
        yield Line(key, one.shown, "ok", f"PostgreSQL {version}; newest {offered[0]}", environment)
    else:
        way = Way(
            "upgrade it, after a backup",
            command=f"az postgres flexible-server upgrade {in_group(one.id)} -n {one.name} --version {offered[0]}",
        )
        text = f"PostgreSQL {version} is no longer offered in {region}; newest {offered[0]}"
        yield Line(key, one.shown, "attention", text, environment, (way,))


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(one) if one.isdecimal() else 0 for one in version.split("."))


VERSIONS: Final = Question("versions", "Versions", _lines)
