"""The customer's flows in the plan: what their files describe, and what is not known about Prefect.

A run does not deploy them, `flows deploy` does. What of them exists is known by Prefect alone: its server is reached from inside
the network by a job, which needs rights that are given for its time, and a plan writes nothing. So they are no changes of the
plan: it lists them, and names the command that compares them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from installer.conventions.counts import counted
from installer.errors import UsageError
from installer.flow_project.project import read_project
from installer.flow_project.target import Target
from installer.invocation import command
from installer.prefect_setup.desired import QUEUE, pool_name
from installer.sanitize import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers


@dataclass(frozen=True)
class OwnFlows:
    """Flows of one environment.

    Attributes:
        environment: Its name.
        source: Folder or archive, as answered.
        objects: Kind and name of each object that the files describe.
        mark: Short hash of the files.
        problem: Why the files cannot be read, "" if they can.

    """

    environment: str
    source: str
    objects: tuple[str, ...] = ()
    mark: str = ""
    problem: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def numbers(self) -> str:
        """The objects by number."""
        return ", ".join(counted(number, kind) for kind, number in Counter(self.kinds).items()) or "no objects"

    @property
    def sentence(self) -> str:
        """The objects by number, and what is not known, in one line."""
        if self.problem:
            return printable(f"{self.environment}: {self.source} cannot be read: {self.problem}")
        return printable(
            f"{self.environment}: {self.numbers} in {self.source} (files {self.mark}); whether Prefect has them is not known "
            f"here: {command(f'flows diff --env {self.environment}')} compares them"
        )


def own_flows(answers: Answers) -> Iterator[OwnFlows]:
    """The flows of each environment, if the answers name some. Reads their files."""
    source = answers.flows.source
    if not source:
        return
    for environment in answers.subscription.environments:
        try:
            project = read_project(str(Path(source).expanduser().absolute()))
            found = project.objects(Target(environment, pool_name(environment), QUEUE))
        except UsageError as error:
            yield OwnFlows(environment, source, problem=str(error).splitlines()[0])
            continue
        keys, kinds = tuple(one.key for one in found), tuple(one.kind for one in found)
        yield OwnFlows(environment, source, keys, project.mark, kinds=kinds)
