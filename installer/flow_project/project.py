"""A project as a whole: its files with their hash, and its objects in an environment, or all problems at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from installer.errors import UsageError
from installer.flow_project.companion import COMPANION_FILE, describe_companion
from installer.flow_project.objects import KINDS, FlowObject
from installer.flow_project.prefect_file import describe_deployments
from installer.flow_project.source import PROJECT_FILE, decoded, read_source
from installer.flow_project.target import Target
from installer.flow_project.templates import parsed
from installer.images.file_mark import mark_of
from installer.jsontypes import Json

_MAX_TEXT: Final = 1_000_000


@dataclass(frozen=True)
class Project:
    """A project whose files could be read.

    Attributes:
        files: Content by path.
        documents: The parsed prefect.yaml and its companion by name.
        left_out: Files of the source that are not taken, because they hold settings of a machine.

    """

    files: Mapping[str, bytes]
    documents: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """Short hash of all files: the same files have the same mark wherever they came from."""
        return mark_of(self.files)

    def describe(self, target: Target) -> tuple[list[FlowObject], list[str], list[str]]:
        """Objects of an environment in the order of their kinds, all problems, and notes."""
        target = replace(target, mark=self.mark)
        others = describe_companion(self.documents.get(COMPANION_FILE, {}), target)
        variables = {one.name: one.fields["value"] for one in others.objects if one.kind == "variable"}
        target = replace(target, variables=variables)
        deployments = describe_deployments(self.documents[PROJECT_FILE], self.files, target)
        every = [*deployments.objects, *others.objects]
        problems = [*deployments.problems, *others.problems, *_unknown_deployments(every)]
        objects = [*sorted(every, key=lambda one: KINDS.index(one.kind)), *_queues(every)]
        return objects, problems, [*map(_left_out, self.left_out), *deployments.notes, *others.notes]

    def objects(self, target: Target) -> list[FlowObject]:
        """Objects of an environment. Raises UsageError with all problems."""
        objects, problems, _ = self.describe(target)
        if problems:
            raise UsageError("\n".join(problems))
        return sorted(objects, key=lambda one: KINDS.index(one.kind))


def _left_out(name: str) -> str:
    return f"{name} is left out: its secrets would be in the image; write other settings as job_variables.env"


def _queues(every: Sequence[FlowObject]) -> list[FlowObject]:
    """Queues that deployments name and no section describes."""
    described = {one.name for one in every if one.kind == "work queue"}
    named = {
        f"{one.fields['work_pool_name']}/{one.fields['work_queue_name']}" for one in every if one.kind == "deployment"
    }
    return [FlowObject("work queue", name, {}) for name in sorted(named - described)]


def _unknown_deployments(every: Sequence[FlowObject]) -> list[str]:
    known = {one.name for one in every if one.kind == "deployment"}
    problems = []
    for automation in (one for one in every if one.kind == "automation"):
        for part in ("actions", "actions_on_trigger", "actions_on_resolve"):
            actions = automation.fields[part]
            for action in actions if isinstance(actions, list) else ():
                wanted = action.get("deployment") if isinstance(action, dict) else None
                if wanted is not None and wanted not in known:
                    words = f"known are {', '.join(sorted(known)) or 'none'}"
                    problems.append(f"{COMPANION_FILE}: {automation.key}: there is no deployment {wanted}; {words}")
    return problems


def load_project(given: str) -> tuple[Project, list[str]]:
    """The project of a folder or an archive, and the problems of its files."""
    source = read_source(given)
    problems: list[str] = list(source.problems)
    documents: dict[str, dict[str, Json]] = {}
    for name in (PROJECT_FILE, COMPANION_FILE):
        if name not in source.files:
            continue
        text = decoded(source.files, name) if len(source.files[name]) <= _MAX_TEXT else None
        try:
            if text is None:
                raise UsageError(f"{name} is not UTF-8 text of at most {_MAX_TEXT // 1_000_000} MB")
            documents[name] = parsed(text, name)
        except UsageError as error:
            problems.append(str(error))
    return Project(source.files, documents, tuple(source.left_out)), problems


def read_project(given: str) -> Project:
    """The project of a folder or an archive. Raises UsageError with all problems of its files."""
    project, problems = load_project(given)
    if problems:
        raise UsageError("\n".join(problems))
    return project
