"""Rule for the customer's flows: their folder or archive is a project that can be deployed to every environment."""

from collections.abc import Iterator

from installer.answers.ask import View
from installer.errors import Problem
from installer.flow_project.project import problems_of
from installer.flow_project.target import Target


def flows_are_a_project(view: View) -> Iterator[Problem]:
    """All problems of the project at once, each once: environments differ in placeholders only."""
    source, environments = view.get("flows.source"), view.get("subscription.environments")
    if not isinstance(source, str) or not source:
        return
    names = [str(one) for one in environments] if isinstance(environments, list) and environments else ["dev"]
    found = (text for name in names for text in problems_of(source, Target(name, f"flowforge-{name}")))
    if problems := list(dict.fromkeys(found)):
        yield Problem("flows.source", "; ".join(problems))
