"""External conditions of a step: read when it has failed, and again to decide whether a retry can succeed.

Only hashes and numbers are stored: one hash of the rights, one for each obstacle (names that are taken, sizes that are
not offered to the subscription), and the remaining quotas. A change counts if it may help: an obstacle is gone, more
quota remains than before, rights or policies differ. Quota and names that the run itself uses do not count.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from installer.cloud.rest import Service, quoted
from installer.cloud.survey.offers import NAME_CHECKS, USAGES
from installer.errors import InstallerError
from installer.jsontypes import Json

QUOTAS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "compute quota": ("Microsoft.Compute", frozenset({"microsoft.compute", "microsoft.containerservice"})),
    "network quota": ("Microsoft.Network", frozenset({"microsoft.network"})),
    "storage quota": ("Microsoft.Storage", frozenset({"microsoft.storage"})),
    "Container Apps quota": ("Microsoft.App", frozenset({"microsoft.app"})),
}
"""Quotas: the provider that reports each, and the namespaces of the resources that use it."""


@dataclass(frozen=True)
class StepScope:
    """Scope of a step: its subscriptions and regions, and type (or namespace) and name of all that it creates."""

    service: Service
    subscriptions: tuple[str, ...]
    regions: tuple[str, ...]
    created: tuple[tuple[str, str], ...]

    def read(self, names: Iterable[str]) -> dict[str, str]:
        """Current values of these conditions; those that cannot be read or do not concern the step are left out."""
        found: dict[str, str] = {}
        for name in names:
            try:
                value = self._remaining_quota(name) if name in QUOTAS else READERS[name](self)
            except InstallerError:
                continue
            if value is not None:
                found[name] = value
        return found

    def changed(self, before: Mapping[str, str]) -> list[str]:
        """Names of the conditions that have improved, or may have."""
        now = self.read(name for name in before if name in KINDS)
        return [name for name, value in now.items() if _improved(name, before[name], value)]

    @property
    def namespaces(self) -> frozenset[str]:
        """Provider namespaces of the created resources, in lower case."""
        return frozenset(kind.partition("/")[0].lower() for kind, _name in self.created)

    def every(self, path: str) -> Iterator[dict[str, Json]]:
        """The items of a list in every subscription."""
        for subscription in self.subscriptions:
            yield from self.service.every(f"/subscriptions/{subscription}/{path}")

    def _remaining_quota(self, name: str) -> str | None:
        """Remaining amount of every quota; None if the step uses none of them."""
        provider, users = QUOTAS[name]
        if not users & self.namespaces:
            return None
        room: dict[str, int] = {}
        for subscription, region in product(self.subscriptions, self.regions):
            where = f"/subscriptions/{subscription}/providers/{provider}/locations/{quoted(region)}"
            for one in self.service.every(f"{where}/{USAGES[provider]}"):
                limit, used, label = one.get("limit"), one.get("currentValue"), one.get("name")
                if isinstance(limit, (int, float)) and isinstance(used, (int, float)) and limit >= 0:
                    key = label.get("value") if isinstance(label, dict) else label
                    room[_hash(subscription, region, key)] = int(limit - used)
        return " ".join(f"{key}={left}" for key, left in sorted(room.items()))


class HasRetryConditions:
    """Mixin for steps that depend on external conditions."""

    scope: StepScope | None

    def conditions(self, error: InstallerError) -> Mapping[str, str]:
        """Conditions that may have caused the error, such as rights, quotas and names, with their current values."""
        return self.scope.read(error.depends_on) if self.scope else {}

    def changed_conditions(self, before: Mapping[str, str]) -> Sequence[str]:
        """Names of the conditions that have improved."""
        return self.scope.changed(before) if self.scope else ()


def _hash(*parts: Json) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:10]


def _hashes(values: Iterable[Json]) -> str:
    return " ".join(sorted(_hash(value) for value in values))


def _improved(name: str, before: str, now: str) -> bool:
    if name in QUOTAS:
        had = _quotas(before)
        return any(left > had[key] for key, left in _quotas(now).items() if key in had)
    if name in ANY_CHANGE_COUNTS:
        return before != now
    return bool(set(before.split()) - set(now.split()))


def _quotas(text: str) -> dict[str, int]:
    pairs = (pair.partition("=") for pair in text.split())
    return {key: int(left) for key, _, left in pairs if left.lstrip("-").isdecimal()}


# -- conditions other than quotas: whole lists, or obstacles ---------------------------------------------------------------


def _list(path: str, *members: str) -> Callable[[StepScope], str]:
    """Reader of a list, or of these members of its items."""

    def read(it: StepScope) -> str:
        return _hashes({name: one.get(name) for name in members} if members else one for one in it.every(path))

    return read


def _subscription(it: StepScope) -> str:
    found = [it.service.find(f"/subscriptions/{one}?api-version=2022-12-01") for one in it.subscriptions]
    return _hashes([one.get("state") if one else None for one in found])


def _policies(it: StepScope) -> str:
    kinds = (("policyAssignments", "2023-04-01"), ("policyExemptions", "2022-07-01-preview"))
    return " ".join(_list(f"providers/Microsoft.Authorization/{kind}?api-version={of}")(it) for kind, of in kinds)


def _groups(it: StepScope) -> str:
    ours = {name.lower() for kind, name in it.created if kind.lower() == "microsoft.resources/resourcegroups"}
    found = it.every("resourcegroups?api-version=2021-04-01")
    return _hashes(
        [one.get("location"), one.get("properties")] for one in found if str(one.get("name")).lower() in ours
    )


def _unregistered(it: StepScope) -> str:
    """Required namespaces that are not registered."""
    return _hashes(
        [one.get("id"), "registered"]
        for one in it.every("providers?api-version=2021-04-01")
        if str(one.get("namespace")).lower() in it.namespaces
        and str(one.get("registrationState")).lower() != "registered"
    )


def _taken(it: StepScope) -> str:
    """Names that are already taken. The check is a POST, but read-only."""
    taken: list[Json] = []
    for kind, name in it.created:
        if (version := NAME_CHECKS.get(kind)) is not None:
            where = f"/subscriptions/{it.subscriptions[0]}/providers/{kind.partition('/')[0]}/checkNameAvailability"
            answer = it.service.ask("POST", f"{where}?api-version={version}", {"name": name, "type": kind})
            if answer.body.get("nameAvailable") is False:
                taken.append([kind, name])
    return _hashes(taken)


def _deleted(it: StepScope) -> str:
    """Vaults of the step that are soft-deleted."""
    ours = {name.lower() for kind, name in it.created if kind.lower() == "microsoft.keyvault/vaults"}
    found = it.every("providers/Microsoft.KeyVault/deletedVaults?api-version=2024-11-01")
    return _hashes(one.get("id") for one in found if str(one.get("name")).lower() in ours)


def _restricted_sizes(it: StepScope) -> str:
    """VM sizes that are restricted for the subscription, in a region or zone."""
    sizes: list[Json] = []
    for region in it.regions:
        wanted = quoted(f"location eq '{region}'")
        for one in it.every(f"providers/Microsoft.Compute/skus?api-version=2021-07-01&$filter={wanted}"):
            restrictions = one.get("restrictions")
            if one.get("resourceType") == "virtualMachines" and isinstance(restrictions, list):
                sizes += [[region, one.get("name"), restriction] for restriction in restrictions]
    return _hashes(sizes)


def _restricted_databases(it: StepScope) -> str:
    """Regions that do not offer a database to the subscription, with the reason."""
    regions: list[Json] = []
    for region in it.regions:
        where = f"providers/Microsoft.DBforPostgreSQL/locations/{quoted(region)}/capabilities?api-version=2025-08-01"
        found = it.every(where)
        regions += [[region, one.get("reason")] for one in found if one.get("restricted") == "Enabled"]
    return _hashes(regions)


_AUTHORIZATION: Final = "providers/Microsoft.Authorization"
READERS: Final[Mapping[str, Callable[[StepScope], str]]] = {
    "rights": _list(f"{_AUTHORIZATION}/permissions?api-version=2022-04-01"),
    "policies": _policies,
    "subscription": _subscription,
    "resource groups": _groups,
    "role assignments": _list(f"{_AUTHORIZATION}/roleAssignments?api-version=2022-04-01", "id"),
    "deny assignments": _list(f"{_AUTHORIZATION}/denyAssignments?api-version=2022-04-01", "id"),
    "locks": _list(f"{_AUTHORIZATION}/locks?api-version=2020-05-01", "id"),
    "registrations": _unregistered,
    "names": _taken,
    "deleted vaults": _deleted,
    "sizes on offer": _restricted_sizes,
    "database offer": _restricted_databases,
}
ANY_CHANGE_COUNTS: Final = frozenset({"rights", "policies", "subscription", "resource groups"})
"""Conditions of which any change counts; of the others, only the removal of an obstacle."""
KINDS: Final[Collection[str]] = frozenset({*READERS, *QUOTAS})
