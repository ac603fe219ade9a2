"""Migrations that the tables of an environment wait for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.conventions.counts import counted
from installer.json_access import as_list, as_object, as_text, strings
from installer.operations.plan_sections import last_sections
from installer.planning.document import Section, listed
from installer.planning.document import as_text as document
from installer.preflight.model import blocking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.jsontypes import Json
    from installer.preflight.model import Finding, NotChecked

MAX_SHOWN: Final = 20
"""Pending migrations in the text; JSON has all of them."""


@dataclass(frozen=True)
class Tables:
    """Tables of an environment.

    Attributes:
        environment: The environment.
        web_image: Image of the web app, whose command migrates the tables of FlowForge.
        web_done: Whether that command of this image has succeeded.
        prefect: Whether a server of Prefect has tables here.
        current: Revisions that the database of Prefect has.
        pending: Revision and title of each migration that the image of Prefect has and its database not, in their order.
        unknown: Revisions of the database that the image does not know: a newer Prefect has made them.
        backup: The backup that a migration begins with, in words.

    """

    environment: str
    web_image: str
    web_done: bool
    prefect: bool = False
    current: tuple[str, ...] = ()
    pending: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    backup: str = ""

    @classmethod
    def of(cls, environment: str, web_image: str, found: Mapping[str, Json], backup: str) -> Tables:
        """From the outputs of the step that reads them."""
        prefect = as_object(found.get("prefect"))
        pairs = (one for one in as_list(prefect.get("pending")) if isinstance(one, list))
        return cls(
            environment,
            web_image,
            found.get("web") is True,
            bool(prefect),
            tuple(map(as_text, as_list(prefect.get("current")))),
            tuple((as_text(revision), as_text(title)) for revision, title in pairs),
            tuple(map(as_text, as_list(prefect.get("unknown")))),
            backup,
        )

    @property
    def waits(self) -> bool:
        """Whether a migration is pending."""
        return not self.web_done or bool(self.pending)

    def as_json(self) -> dict[str, Json]:
        """The tables in JSON."""
        prefect: Json = {
            "current": strings(list(self.current)),
            "pending": [{"revision": revision, "title": title} for revision, title in self.pending],
            "unknown": strings(list(self.unknown)),
        }
        return {
            "environment": self.environment,
            "flowforge": {"image": self.web_image, "migrated": self.web_done},
            "prefect": prefect if self.prefect else None,
            "backup": self.backup,
        }


@dataclass(frozen=True)
class MigrationPlan:
    """Migrations of an installation.

    Attributes:
        tables: Those of each environment.
        again: Whether the command of the web app runs again although it has succeeded.
        findings: What is in the way.
        not_checked: What could not be read.

    """

    tables: tuple[Tables, ...]
    again: bool = False
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether something is in the way."""
        return blocking(self.findings) or any(one.unknown for one in self.tables)

    @property
    def wanted(self) -> tuple[Tables, ...]:
        """Those that are migrated."""
        return tuple(one for one in self.tables if one.waits or self.again)

    def as_json(self) -> dict[str, Json]:
        """The plan in JSON."""
        return {
            "kind": "migrations",
            "again": self.again,
            "environments": [one.as_json() for one in self.tables],
            "findings": [one.as_json() for one in self.findings],
            "notChecked": [one.sentence for one in self.not_checked],
        }


def rendered(plan: MigrationPlan) -> str:
    """The plan as plain text."""
    return document("Migrations of tables", [], list(_sections(plan)))


def _sections(plan: MigrationPlan) -> Iterator[Section]:
    for one in plan.tables:
        yield listed(one.environment, list(_lines(one, again=plan.again)))
    yield from last_sections(plan.findings, plan.not_checked)


def _lines(one: Tables, *, again: bool) -> Iterator[str]:
    state = "migrated; it runs again" if one.web_done and again else "migrated" if one.web_done else "pending"
    yield f"Tables of FlowForge: {state}, by {one.web_image}, which alone knows its migrations"
    if one.unknown:
        yield f"Tables of Prefect: {', '.join(one.unknown)} is of a newer Prefect than the image: nothing is migrated back"
    elif one.prefect:
        yield (
            f"Tables of Prefect: {counted(len(one.pending), 'migration')} pending"
            if one.pending
            else (f"Tables of Prefect: up to date ({', '.join(one.current)})")
        )
        yield from (f"  {revision}  {title}" for revision, title in one.pending[:MAX_SHOWN])
        if len(one.pending) > MAX_SHOWN:
            yield f"  and {len(one.pending) - MAX_SHOWN} more"
    if one.waits or again:
        yield one.backup
