"""Rights for a removal: the actions that it sends, at their scopes, judged as those of an installation are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from installer.preflight.model import Finding, NotChecked
from installer.preflight.rights.check import judged
from installer.preflight.rights.needs import GROUP_ACTIONS, Need
from installer.resource_id import extended_id_of, group_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.operations.removal.model import Forecast, Item
    from installer.preflight.subject import Subject

_EXTENSIONS = ("microsoft.authorization/roleassignments", "microsoft.authorization/locks")


def needs_of(forecast: Forecast) -> tuple[Need, ...]:
    """Every action once for each scope: a group that goes as a whole needs the deletion of each type in it, too."""
    found: dict[Need, None] = {}
    for item in (*forecast.locks, *forecast.backups, *forecast.outside, *forecast.deployments):
        found[_deletion(item)] = None
    for group in forecast.groups:
        if group.whole:
            why = "remove resource groups"
            found[Need(f"{GROUP_ACTIONS}/delete", group.id, why, place=group.id, target=group.id)] = None
        for item in group.items:
            found[_deletion(item)] = None
    return tuple(found)


def _deletion(item: Item) -> Need:
    """The deletion of a resource at its group, of an extension at its scope, of what is in no group at the subscription."""
    subscription, group = f"/subscriptions/{subscription_of(item.id)}", group_of(item.id)
    scope = f"{subscription}/resourceGroups/{group}" if group else subscription
    target = extended_id_of(item.id) if item.type.lower() in _EXTENSIONS else item.id
    return Need(f"{item.type}/delete", scope, "remove its resources", place=scope, target=target)


def with_rights(subject: Subject, forecast: Forecast) -> Forecast:
    """The forecast with findings for missing rights. Queries Azure; read-only."""
    entries = list(_once(judged(subject, needs_of(forecast))))
    findings = tuple(replace(one, why=_WHY) for one in entries if isinstance(one, Finding))
    unseen = tuple(one for one in entries if isinstance(one, NotChecked))
    return replace(forecast, findings=(*forecast.findings, *findings), not_checked=(*forecast.not_checked, *unseen))


_WHY = "Azure refuses the deletion"


def _once(entries: Iterator[object]) -> Iterator[object]:
    return iter(dict.fromkeys(entries))
