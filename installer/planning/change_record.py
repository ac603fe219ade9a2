"""Change record of a plan, for those who approve it and for the teams that have to act. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.estate.resource_titles import labelled
from installer.planning.branch import in_full
from installer.planning.document import Section, listed
from installer.planning.network_requests import network_requests
from installer.preflight.rights.needs import needs_of
from installer.resource_id import GROUP_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers
    from installer.planning.model import Change, Plan

_EXEMPTION = "RequestDisallowedByPolicy"
_GROUPS: Final = GROUP_TYPE.lower()
_IMAGES: Final = (("prefect_source", "Prefect"), ("web_source", "the web app"))
_SIGNED_BY: Final = ("change board", "network team", "security", "owner of the subscription")
_BESIDE: Final = (
    ("directory", "app registration", "in Microsoft Entra ID"),
    ("dns", "DNS record", "of the public names"),
    ("prefect", "object", "in Prefect"),
)
"""Objects outside of resource groups: family, noun and place."""
_DATABASE: Final = "microsoft.dbforpostgresql/flexibleservers/databases"
_HEAVY = frozenset({"replace", "delete", "blocked", "left over"})


def change_record(plan: Plan, answers: Answers) -> Iterator[Section]:
    """The sections that follow the changes: reasons, account, rights, risk, work of others, rollback, requests, signatures."""
    yield _why(plan)
    yield _account(plan)
    yield _rights(answers)
    yield listed("Risk", list(_risk(plan)))
    if work := list(_by_people(plan, answers)):
        yield listed("By people during the run, which waits for them", work)
    yield listed("Rollback", list(_rollback(plan, answers)))
    exemptions = [
        way.text for one in plan.findings if one.code == _EXEMPTION for way in one.ways if "exemption" in way.text
    ]
    if exemptions:
        yield listed("Policy exemptions to ask for", exemptions)
    yield from network_requests(plan, answers)
    rows = tuple((one, "", "", "") for one in _SIGNED_BY)
    yield Section(f"Signatures for the plan with the digest {plan.digest}", ("for", "name", "date", "signature"), rows)


def _why(plan: Plan) -> Section:
    """The answers that someone has given; presets and defaults follow from them."""
    flat = {
        f"{page}.{name}": value
        for page, fields in plan.answers.items()
        if isinstance(fields, dict)
        for name, value in fields.items()
    }
    rows = tuple(
        (key, in_full(value), plan.sources.get(key, "file"))
        for key, value in flat.items()
        if plan.sources.get(key, "file") not in ("default", "preset") and value not in (None, [])
    )
    return Section("Why: the answers with their sources", ("answer", "value", "source"), rows)


def _account(plan: Plan) -> Section:
    who = plan.account or "the signed-in account (its name is not known)"
    return listed("Account", [who, f"flowforge-install {plan.installer}, plan made {plan.made}, digest {plan.digest}"])


def _rights(answers: Answers) -> Section:
    """Actions by scope, as the custom role of the command roles has them."""
    scopes: dict[str, dict[str, None]] = defaultdict(dict)
    for need in needs_of(answers):
        scopes[need.scope][need.action] = None
    rows = tuple((scope, ", ".join(sorted(actions))) for scope, actions in scopes.items())
    return Section("Rights used", ("scope", "actions"), rows)


def _risk(plan: Plan) -> Iterator[str]:
    blocking = [one for one in plan.findings if one.severity == "blocks"]
    blocked = counted(len(blocking) + len(plan.blocked), "finding blocks a run", "findings block a run")
    yield f"{blocked}, {counted(len(plan.findings) - len(blocking), 'warning')}"
    for change in plan.changes:
        if change.change in _HEAVY:
            yield f"{change.change}: {labelled(change.title, change.name, change.type)}" + (
                f": {change.why}" if change.why else ""
            )
    if not any(change.change in _HEAVY for change in plan.changes):
        yield "nothing is deleted or replaced"
    if plan.not_checked:
        yield f"{counted(len(plan.not_checked), 'fact')} could not be checked, or only in part"


def _by_people(plan: Plan, answers: Answers) -> Iterator[str]:
    """Work that no run does, and that its duration in Azure does not count."""
    for name, what in _IMAGES:
        if getattr(answers.images, name) == "push":
            yield f"push the image of {what} into the registry, from a machine that reaches it; the run asks for its digest"
    for change in plan.changes:
        if change.change == "wait":
            yield f"{change.shown}: {change.why or 'approved by its owner'}"


def _beside(plan: Plan, own: set[str], created: list[Change], answers: Answers) -> Iterator[str]:
    """Objects outside of resource groups. Those of a Prefect server are in its database, and go with one that the run creates."""
    databases = {one.name.rpartition("/")[2] for one in created if one.type.lower() == _DATABASE}
    inside = set() if answers.platform.prefect == "cloud" else {one.removeprefix("prefect_") for one in databases}
    for family, noun, where in _BESIDE:
        count = sum(
            one.change == "create"
            and one.family == family
            and one.group.lower() not in own
            and not (family == "prefect" and one.environment in inside)
            for one in plan.changes
        )
        if count:
            yield f"delete by hand {counted(count, noun)} {where}"


def _rollback(plan: Plan, answers: Answers) -> Iterator[str]:
    """A run has no undo: what leads back, and what does not."""
    if any(change.change == "change" for change in plan.changes):
        yield "changed properties: apply the former answers again; the values before are in this plan"
    created = [change for change in plan.changes if change.change == "create" and change.family in ("azure", "secret")]
    own = {change.name.lower() for change in created if change.type.lower() == _GROUPS}
    if own:
        groups = ", ".join(change.name for change in created if change.type.lower() == _GROUPS)
        yield f"delete the resource groups that the run creates, with everything in them: {groups}"
    elsewhere = [one for one in created if one.type.lower() != _GROUPS and one.group.lower() not in own]
    places: dict[str, list[str]] = defaultdict(list)
    for one in elsewhere:
        places[one.group].append(labelled(one.title, one.name, one.type))
    for group, names in places.items():
        where = f"in the existing resource group {group}" if group else "in no resource group"
        yield f"delete one by one, {where}: {', '.join(names)}"
    yield from _beside(plan, own, created, answers)
    if any(one.type.lower() == "microsoft.keyvault/vaults" for one in created):
        yield "deleted key vaults keep their names until their soft-delete period is over; the next run recovers them"
    if plan.blocked:
        yield "blocked changes are not made, so there is nothing to take back"
    yield "a run that is interrupted continues with resume; completed stages are kept"
