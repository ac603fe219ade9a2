"""The plan of a restore of Prefect's objects: the difference between a backup in files and the server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from installer.errors import UsageError
from installer.json_access import as_list, as_object, as_text, objects_of, strings
from installer.operations.plan_sections import last_sections
from installer.planning.document import Section, listed
from installer.planning.document import as_text as document
from installer.planning.prefect_objects import registered_objects
from installer.prefect_setup.backup.order import BackupOrder
from installer.preflight.model import blocking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.estate.parameters.context import Installation
    from installer.jsontypes import Json
    from installer.operations.recovery.prefect_files import PrefectBackup
    from installer.prefect_setup.backup.order import Mode
    from installer.preflight.model import Finding, NotChecked

_TITLES: Final = {"create": "Created", "update": "Changed", "remove": "Deleted", "unchanged": "Kept as they are"}


@dataclass(frozen=True)
class PrefectRestore:
    """A restore of objects.

    Attributes:
        backup: The files.
        only: Patterns of "kind name" of the objects that are restored; empty for all.
        delete: Whether to delete what the server has and the backup has not.
        lines: Objects that differ: action, kind, name, text and secrets to be given again.
        numbers: Numbers of objects by action.
        findings: What is in the way.
        not_checked: What could not be read.

    """

    backup: PrefectBackup
    only: tuple[str, ...] = ()
    delete: bool = False
    lines: tuple[Mapping[str, Json], ...] = ()
    numbers: Mapping[str, Json] | None = None
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether something is in the way."""
        return blocking(self.findings)

    @property
    def changes(self) -> bool:
        """Whether the server differs in something that a restore changes."""
        return any(line.get("diff") != "unchanged" for line in self.lines)

    def order(self, it: Installation, mode: Mode) -> BackupOrder:
        """The order for the job. Raises UsageError if a pattern names nothing, or is combined with a deletion."""
        if self.only and self.delete:
            raise UsageError(
                "--only and --delete: name the objects to restore, or delete what the backup does not have"
            )
        for pattern in self.only:
            if not any(fnmatchcase(one.key, pattern) for one in self.backup.objects):
                raise UsageError(
                    f'--only {pattern!r}: the backup has no such object; write it as "KIND NAME", * is any text'
                )
        chosen = tuple(
            one
            for one in self.backup.objects
            if not self.only or any(fnmatchcase(one.key, pattern) for pattern in self.only)
        )
        return BackupOrder(mode, chosen, self.delete, registered_objects(it.answers, self.backup.environment))

    def as_json(self) -> dict[str, Json]:
        """The plan in JSON."""
        return {
            "environment": self.backup.environment,
            "from": str(self.backup.path),
            "at": self.backup.at,
            "only": strings(list(self.only)),
            "delete": self.delete,
            "numbers": None if self.numbers is None else {**self.numbers},
            "changes": [
                {
                    "action": line.get("diff"),
                    "kind": line.get("kind"),
                    "name": line.get("name"),
                    "text": line.get("text"),
                    "secretsToGiveAgain": line.get("secrets"),
                }
                for line in self.lines
            ],
            "findings": [one.as_json() for one in self.findings],
            "notChecked": [one.sentence for one in self.not_checked],
        }


def with_comparison(plan: PrefectRestore, found: Mapping[str, Json]) -> PrefectRestore:
    """The plan with the outputs of the comparison."""
    return replace(plan, lines=tuple(objects_of(found.get("lines"))), numbers=as_object(found.get("numbers")))


def rendered(plan: PrefectRestore) -> str:
    """The plan as plain text."""
    lead = [f"Prefect of {plan.backup.environment}, from {plan.backup.path}"]
    if plan.numbers is not None:
        rest = "what only the server has is deleted" if plan.delete else "what only the server has stays"
        lead.append(f"{plan.numbers.get('unchanged', 0)} objects are as in the backup; {rest}")
    return document("Restore of Prefect's objects", lead, list(_sections(plan)))


def _sections(plan: PrefectRestore) -> Iterator[Section]:
    for action, title in _TITLES.items():
        texts = [as_text(line.get("text")) for line in plan.lines if line.get("diff") == action]
        if texts:
            yield listed(title, [line for text in texts for line in text.splitlines()])
    blocks = [
        f"block {as_text(line.get('name'))}: {', '.join(as_text(one) for one in as_list(line.get('secrets')))}"
        for line in plan.lines
        if line.get("secrets")
    ]
    if blocks:
        yield listed("Secrets to give again", blocks)
    yield from last_sections(plan.findings, plan.not_checked)
