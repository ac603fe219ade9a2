"""Rule for the customer's flows: their folder or archive is a project that can be deployed to every environment."""

from collections.abc import Iterator

from installer.answers.ask import View
from installer.errors import Problem


def flows_are_a_project(view: View) -> Iterator[Problem]:
    """All problems of the project at once, each once: environments differ in placeholders only."""
    source, environments = view.get("flows.source"), view.get("subscription.environments")
    if not isinstance(source, str) or not source:
        return
    # Reading projects loads a YAML parser, which the first page of the wizard does not wait for.
    from installer.flow_project.project import load_project
    from installer.flow_project.source import PROJECT_FILE
    from installer.flow_project.target import Target

    names = [str(one) for one in environments] if isinstance(environments, list) and environments else ["dev"]
    project, problems = load_project(source)
    keys: list[str] = []
    for name in dict.fromkeys(names) if PROJECT_FILE in project.documents else ():
        objects, found, _ = project.describe(Target(name, f"flowforge-{name}"))
        problems += found
        keys += [one.key for one in objects]
    if view.get("platform.prefect") == "cloud" and (shared := sorted({key for key in keys if keys.count(key) > 1})):
        words = (
            "its environments share a workspace of Prefect Cloud, so put {{ $FLOWFORGE_ENVIRONMENT }} into the names of"
        )
        problems.append(f"{words} {', '.join(shared)}")
    if problems:
        yield Problem("flows.source", "; ".join(dict.fromkeys(problems)))
