"""Deleted items of a data lake that can be restored: the plan, and the steps in the network of an environment.

The lakes have a hierarchical namespace, with soft delete of blobs and of containers (bicep/modules/lake.bicep). Versioning and
point-in-time restore do not exist for such accounts, and what is overwritten is not kept
(azure-docs, articles/storage/blobs/soft-delete-blob-overview.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from installer.conventions.counts import counted
from installer.errors import InstallerError, VerificationFailed
from installer.json_access import as_object, as_text, objects_of
from installer.operations.plan_sections import last_sections
from installer.planning.document import Section, listed
from installer.planning.document import as_text as document
from installer.prefect_setup.environment_variable import STORAGE_AUDIENCE
from installer.prefect_setup.lake.order import LakeOrder
from installer.prefect_setup.payload import lake_settings
from installer.preflight.model import blocking
from installer.preflight.moments import shown_moment
from installer.steps.flows import result_of
from installer.steps.job_program import ProgramStep, run_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from installer.engine.step import Context, Outputs, Step
    from installer.estate.parameters.context import Installation
    from installer.jsontypes import Json
    from installer.prefect_setup.lake.order import Mode
    from installer.preflight.model import Finding, NotChecked
    from installer.steps.flow_programs import FlowPrograms
    from installer.steps.job_program import Line

READ: Final = "deleted-in-lake"
RESTORE: Final = "restore-lake"
MAX_SHOWN: Final = 40
"""Items in the text of a plan; JSON has those that the job lists."""
_DAY: Final = 86_400.0


@dataclass(frozen=True)
class LakeRestore:
    """A restore of what was deleted.

    Attributes:
        environment: The environment.
        container: Name of the container, "" for all.
        prefix: Begin of the paths.
        after: Earliest time of a deletion.
        before: Latest time of a deletion.
        items: Those that were found: kind, name, time and days that are left, size.
        found: Number of all of them.
        findings: What is in the way.
        not_checked: What could not be read.

    """

    environment: str
    container: str
    prefix: str
    after: float
    before: float
    items: tuple[Mapping[str, Json], ...] = ()
    found: int = 0
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether something is in the way."""
        return blocking(self.findings)

    def order(self, it: Installation, mode: Mode) -> LakeOrder:
        """The order for the job."""
        account = it.names.blob_endpoint(self.environment).rstrip("/")
        return LakeOrder(mode, account, STORAGE_AUDIENCE, self.container, self.prefix, self.after, self.before)

    def as_json(self) -> dict[str, Json]:
        """The plan in JSON."""
        return {
            "environment": self.environment,
            "container": self.container,
            "prefix": self.prefix,
            "after": shown_moment(self.after) if self.after else None,
            "before": shown_moment(self.before),
            "found": self.found,
            "items": [
                {
                    "kind": one.get("deleted"),
                    "name": one.get("name"),
                    "deletedAt": shown_moment(_number(one.get("at"))),
                    "restorableUntil": shown_moment(_until(one)),
                    "size": one.get("size"),
                }
                for one in self.items
            ],
            "findings": [one.as_json() for one in self.findings],
            "notChecked": [one.sentence for one in self.not_checked],
        }


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _until(one: Mapping[str, Json]) -> float:
    """The time until which Azure keeps an item: it names the whole days that are left, so that it may be a little more."""
    return _number(one.get("seen")) + _number(one.get("days")) * _DAY


def rendered(plan: LakeRestore) -> str:
    """The plan as plain text."""
    where = f"{plan.container or 'all containers'}{f', paths that begin with {plan.prefix}' if plan.prefix else ''}"
    since = f"deleted from {shown_moment(plan.after)} to" if plan.after else "deleted until"
    lead = [f"Data lake of {plan.environment}: {where}, {since} {shown_moment(plan.before)}"]
    lead.append("Overwritten content is not kept, and nothing is restored over what exists")
    return document("Restore of the data lake", lead, list(_sections(plan)))


def _sections(plan: LakeRestore) -> Iterator[Section]:
    lines = [
        f"{as_text(one.get('deleted'))} {as_text(one.get('name'))}, deleted {shown_moment(_number(one.get('at')))}, kept until "
        f"{shown_moment(_until(one))} at least"
        for one in plan.items[:MAX_SHOWN]
    ]
    if plan.found > len(lines):
        lines.append(f"and {plan.found - len(lines)} more")
    if lines:
        yield listed(f"Restored: {counted(plan.found, 'item')}", lines)
    yield from last_sections(plan.findings, plan.not_checked)


@dataclass(frozen=True)
class ReadLake(ProgramStep):
    """Lists what was deleted in the lake of an environment."""

    failure: ClassVar[type[InstallerError]] = VerificationFailed

    def apply(self, context: Context) -> Outputs:
        """List it. Raises VerificationFailed."""
        lines = run_program(context, self.job, self.failure)
        items: list[Json] = [{**line} for line in lines if "deleted" in line]
        return {**result_of(lines), "items": items}


@dataclass(frozen=True)
class RestoreLake(ProgramStep):
    """Restores what was deleted; what the lake refuses, such as a path that exists, is reported and left."""

    failure: ClassVar[type[InstallerError]] = VerificationFailed

    def emit_lines(self, context: Context, lines: Sequence[Line]) -> None:
        """Emit an event for each container and directory, and for each refusal."""
        result = as_object(result_of(lines))
        for line in lines:
            text, name = as_text(line.get("text")), as_text(line.get("name"))
            if line.get("event") == "created":
                context.emit("resource.finished", text, resource=name, change="created")
            if line.get("event") == "kept":
                context.emit("warning", f"not restored: {text}", left=f"Not restored: {text}")
        context.emit("log", f"{result.get('restored')} items were restored, {result.get('refused')} were refused")

    def outputs(self, lines: Sequence[Line]) -> Outputs:
        """Numbers of items."""
        return result_of(lines)


def with_items(plan: LakeRestore, found: Mapping[str, Json], now: float) -> LakeRestore:
    """The plan with the outputs of the list; `now`: its time."""
    items = tuple({**one, "seen": now} for one in objects_of(found.get("items")))
    return replace(plan, items=items, found=int(_number(found.get("found"))))


def lake_steps(programs: FlowPrograms, order: LakeOrder) -> tuple[Step, ...]:
    """The steps that list or restore."""
    name = programs.site.name
    reads = order.mode == "read"
    key, title = (READ, "Deleted in the data lake") if reads else (RESTORE, "Data lake restored")
    job = programs.job(f"{key}-{name}", f"{title} · {name}", lambda _context: lake_settings(order))
    return programs.completed([ReadLake(job, name) if reads else RestoreLake(job, name)])
