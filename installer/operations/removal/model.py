"""The forecast of a removal: what goes, what stays and why, which data is lost, which names stay blocked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.estate.resource_type_names import type_name
from installer.preflight.model import blocking
from installer.resource_id import group_of, name_of, parse_id

if TYPE_CHECKING:
    from installer.jsontypes import Json
    from installer.preflight.model import Finding, NotChecked


@dataclass(frozen=True)
class Item:
    """A resource that is deleted by a single request.

    Attributes:
        id: Its resource ID.
        type: Its resource type.
        version: API version of the request, "" if no template has the type: the provider is asked then.
        title: Title for people, "" if its name is one.

    """

    id: str
    type: str
    version: str
    title: str = ""

    @property
    def shown(self) -> str:
        """Name and type, for people."""
        parsed = parse_id(self.id)
        return f"{self.title or (parsed.name if parsed else name_of(self.id))} ({type_name(self.type)})"

    @property
    def kind(self) -> str:
        """The portal's name of its type."""
        return type_name(self.type)

    @property
    def depth(self) -> int:
        """Levels of its type: nested resources go before their parents."""
        parsed = parse_id(self.id)
        return len(parsed.types) if parsed else 0

    def as_json(self) -> dict[str, Json]:
        """The resource in JSON."""
        return {"id": self.id, "type": self.type, "title": self.shown}


@dataclass(frozen=True)
class GroupPlan:
    """A resource group with resources of the installation.

    Attributes:
        id: Its ID.
        whole: Whether the group itself is deleted, with everything in it.
        items: Resources of the installation in it.
        shared: Whether it serves all environments: it goes after theirs.

    """

    id: str
    whole: bool
    items: tuple[Item, ...]
    shared: bool

    @property
    def name(self) -> str:
        """Name of the group."""
        return group_of(self.id)

    def as_json(self) -> dict[str, Json]:
        """The group in JSON."""
        return {"id": self.id, "whole": self.whole, "resources": [one.as_json() for one in self.items]}


@dataclass(frozen=True)
class Kept:
    """Something that stays.

    Attributes:
        id: Its ID, "" if it is nothing in Azure.
        what: Name and type, for people.
        why: The reason.
        until: Date after which it can go, "" without one.
        own: Whether it belongs to the installation.

    """

    id: str
    what: str
    why: str
    until: str = ""
    own: bool = False

    @property
    def sentence(self) -> str:
        """The whole, for people."""
        return f"{self.what}: {self.why}{f', until {self.until}' if self.until else ''}"

    def as_json(self) -> dict[str, Json]:
        """The same in JSON."""
        return {"id": self.id, "what": self.what, "why": self.why, "until": self.until, "own": self.own}


@dataclass(frozen=True)
class BlockedName:
    """A name that cannot be used again at once, or only in the same place.

    Attributes:
        id: ID of the resource that has it until the removal.
        what: Name and type, for people.
        until: Date until which Azure keeps it.
        way: How it can be used earlier.

    """

    id: str
    what: str
    until: str
    way: str

    @property
    def sentence(self) -> str:
        """The whole, for people."""
        return f"the name of {self.what} stays blocked until {self.until}: {self.way}"

    def as_json(self) -> dict[str, Json]:
        """The same in JSON."""
        return {"id": self.id, "what": self.what, "until": self.until, "way": self.way}


@dataclass(frozen=True)
class Application:
    """An app registration that the installer has created: object ID and display name."""

    id: str
    title: str


@dataclass(frozen=True)
class Forecast:
    """The effect of a removal.

    Attributes:
        prefix: Prefix of the installation.
        environment: The environment that is removed, "" for the whole installation.
        groups: Resource groups, those of the environments first.
        outside: Resources in groups of others, and what is in no group.
        locks: Locks of the installation, which go first.
        backups: Backups that are deleted before their vaults.
        applications: App registrations.
        deployments: Records of deployments, nested ones before those that have sent them.
        kept: What stays.
        lost: Data that is lost, a sentence for each.
        names: Names that stay blocked.
        findings: What is in the way: nothing is deleted while a finding blocks.
        not_checked: What could not be read.

    """

    prefix: str
    groups: tuple[GroupPlan, ...]
    outside: tuple[Item, ...]
    locks: tuple[Item, ...]
    backups: tuple[Item, ...]
    applications: tuple[Application, ...]
    deployments: tuple[Item, ...]
    kept: tuple[Kept, ...]
    lost: tuple[str, ...]
    names: tuple[BlockedName, ...]
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    environment: str = ""

    @property
    def subject(self) -> str:
        """The installation or environment, for people."""
        return (
            f"{self.environment} of installation {self.prefix}" if self.environment else f"installation {self.prefix}"
        )

    @property
    def blocks(self) -> bool:
        """Whether something is in the way."""
        return blocking(self.findings)

    @property
    def going(self) -> tuple[str, ...]:
        """IDs of everything that goes: a whole group counts once."""
        parts = (*self.locks, *self.backups, *self.outside, *self.deployments)
        within = (one.id for group in self.groups for one in (() if group.whole else group.items))
        whole = (group.id for group in self.groups if group.whole)
        return (*(one.id for one in parts), *within, *whole, *(one.id for one in self.applications))

    def as_json(self) -> dict[str, Json]:
        """The forecast in JSON."""
        return {
            "installation": self.prefix,
            **({"environment": self.environment} if self.environment else {}),
            "groups": [one.as_json() for one in self.groups],
            "outside": [one.as_json() for one in self.outside],
            "locks": [one.as_json() for one in self.locks],
            "backups": [one.as_json() for one in self.backups],
            "applications": [{"id": one.id, "title": one.title} for one in self.applications],
            "deployments": [one.as_json() for one in self.deployments],
            "kept": [one.as_json() for one in self.kept],
            "lost": list(self.lost),
            "names": [one.as_json() for one in self.names],
            "findings": [one.as_json() for one in self.findings],
            "notChecked": [one.sentence for one in self.not_checked],
        }
