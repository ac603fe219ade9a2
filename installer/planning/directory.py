"""App registrations of the plan, compared with the directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cloud.errors import AzureRefused
from installer.cloud.graph import Graph
from installer.cloud.rest import ACCESS_DENIED
from installer.estate import keys
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.app_registration import registration
from installer.estate.parameters.context import Installation
from installer.planning.model import Change, PropertyChange
from installer.steps.app_registration import EnsureAppRegistration
from installer.steps.app_registration_check import differences, lacking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.estate.parameters.app_registration import Registration
    from installer.jsontypes import Json
    from installer.planning.model import Word

_KIND = "app registration"


def directory_changes(
    answers: Answers, arm: Arm, outputs: Mapping[str, Mapping[str, Json]], not_checked: list[str]
) -> Iterator[Change]:
    """One change for the app registration of each environment. Queries Microsoft Graph.

    Args:
        answers: The answers.
        arm: Azure Resource Manager; its target has the directory.
        outputs: Outputs of deployed stages by key; a missing one differs from every registration.
        not_checked: Gets a sentence about each registration that this account may not read.

    """
    if answers.sign_on.method == "later":
        return
    it = Installation(answers)
    graph = Graph(arm.graph)
    for environment in it.environments:
        expected = registration(it, {**PLACEHOLDER_OUTPUTS, **outputs}, environment)
        try:
            if it.registers:
                yield _own(EnsureAppRegistration(graph, it, environment, (), arm.target.speed), expected)
            else:
                yield _existing(graph, answers.sign_on.client_id, expected, environment)
        except AzureRefused as refused:
            if refused.status not in ACCESS_DENIED:
                raise
            not_checked.append(f"{expected.title}: this account has no rights in the directory")
            yield _change(expected, "unknown", environment, why="this account has no rights in the directory")


def _own(step: EnsureAppRegistration, expected: Registration) -> Change:
    app = step.graph.by_name(expected.unique_name)
    if app is None:
        return _change(expected, "create", step.environment)
    lacks = [*differences(app, expected), *step.missing(app, expected)]
    return _change(expected, "change" if lacks else "same", step.environment, lacks)


def _existing(graph: Graph, client_id: str, expected: Registration, environment: str) -> Change:
    app = graph.by_client(client_id)
    if app is None:
        return _change(expected, "unknown", environment, why=f"the directory does not show {client_id}")
    credentials = graph.credentials(str(app["id"])) if expected.subject else []
    lacks = lacking(app, credentials, expected)
    return _change(expected, "wait" if lacks else "same", environment, lacks, "its owner adds it" if lacks else "")


def _change(
    expected: Registration, word: Word, environment: str, lacks: list[str] | None = None, why: str = ""
) -> Change:
    paths = tuple(lacks or ())
    return Change(
        f"directory:{expected.unique_name}",
        _KIND,
        expected.title,
        "",
        keys.app_registration(environment),
        word,
        paths,
        tuple(PropertyChange(path, None, "added") for path in paths),
        environment,
        "directory",
        why,
    )
