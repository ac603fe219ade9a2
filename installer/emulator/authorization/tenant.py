"""The seeded tenant: its subscriptions, and their initial provider registrations."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from installer.emulator.providers.clouds import PUBLIC
from installer.emulator.providers.data_files import load
from installer.json_access import JsonObject, as_list, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from installer.emulator.state.database import Database


_READ_ONLY = frozenset({"disabled", "expired", "deleted"})


@dataclass(frozen=True)
class Subscription:
    """A subscription as ARM lists it.

    Attributes:
        state: Enabled, Warned, PastDue, Disabled or Deleted.
        facts: Further members of its body, those of a survey.

    """

    id: str
    name: str
    state: str
    facts: JsonObject = field(default_factory=dict)

    @property
    def read_only(self) -> bool:
        """Whether Azure refuses writes (azure-docs, cost-management-billing/manage/subscription-states.md)."""
        return self.state.lower() in _READ_ONLY


@dataclass(frozen=True)
class Directory:
    """One tenant and its subscriptions; the first subscription is the default. `cloud` is the name of its cloud."""

    tenant_id: str
    tenant_name: str
    domain: str
    country: str
    subscriptions: tuple[Subscription, ...]
    cloud: str = PUBLIC

    @cached_property
    def _by_id(self) -> dict[str, Subscription]:
        return {item.id.lower(): item for item in self.subscriptions}

    def subscription(self, subscription_id: str) -> Subscription | None:
        """One subscription by id, ignoring case."""
        return self._by_id.get(subscription_id.lower())

    def surveyed(self, bodies: Mapping[str, JsonObject]) -> Directory:
        """The directory with the subscriptions of a survey, by ID in lower case."""
        own = tuple(
            _described(one, bodies[one.id.lower()]) if one.id.lower() in bodies else one for one in self.subscriptions
        )
        more = tuple(
            _described(Subscription(key, key, "Enabled"), body)
            for key, body in bodies.items()
            if key not in self._by_id
        )
        return replace(self, subscriptions=(*own, *more))


def open_directory(database: Database, tenant: str | None, given: Iterable[str], cloud: str | None = None) -> Directory:
    """The directory of a state: the seed, the arguments of earlier starts, and those of this one.

    `given` holds `ID` or `ID=name`; the newest come first, and the first is the default.
    """
    seed = load("seed")
    remembered = database.fact("directory")
    known = json.loads(remembered) if remembered else {}
    tenant_id = tenant or as_text(member(known, "tenant")) or as_text(member(seed, "tenant", "tenantId"))
    chosen = cloud or as_text(member(known, "cloud")) or PUBLIC
    added: dict[str, str] = {}
    for text in given:
        identifier, _, name = text.partition("=")
        added[identifier.strip().lower()] = name.strip()
    for earlier, label in as_object(member(known, "subscriptions")).items():
        added.setdefault(earlier, as_text(label))
    database.remember("directory", json.dumps({"tenant": tenant_id, "subscriptions": added, "cloud": chosen}))
    seeded = [_seeded(as_object(item)) for item in as_list(member(seed, "subscriptions"))]
    names = {item.id: item.name for item in seeded}
    own = [
        Subscription(key, name or names.get(key) or f"Rehearsal {key[:8]}", "Enabled") for key, name in added.items()
    ]
    return Directory(
        tenant_id=tenant_id,
        tenant_name=as_text(member(seed, "tenant", "displayName")),
        domain=as_text(member(seed, "tenant", "defaultDomain")),
        country=as_text(member(seed, "tenant", "countryCode")),
        subscriptions=(*own, *(item for item in seeded if item.id not in added)),
        cloud=chosen,
    )


def _described(known: Subscription, body: JsonObject) -> Subscription:
    name, state = as_text(body.get("displayName")) or known.name, as_text(body.get("state")) or known.state
    facts = {key: value for key, value in body.items() if key not in {"id", "subscriptionId", "properties"}}
    return Subscription(known.id, name, state, facts)


def registered_namespaces() -> frozenset[str]:
    """The namespaces, in lower case, that every subscription is registered for initially."""
    return frozenset(as_text(name).lower() for name in as_list(member(load("seed"), "registered")))


def _seeded(item: JsonObject) -> Subscription:
    return Subscription(as_text(item["subscriptionId"]), as_text(item["displayName"]), as_text(item["state"]))
