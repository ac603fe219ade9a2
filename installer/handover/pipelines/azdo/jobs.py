"""Steps, stages and templates that several pipelines have."""

import re
from collections.abc import Sequence
from typing import Any, Final

from installer.handover.pipelines.commands import IMAGE, Commands
from installer.handover.pipelines.content import Content

HOSTED: Final = {"vmImage": "ubuntu-latest"}
INSTALL: Final = "install.yml"
RUN: Final = "run.yml"
COMMENT: Final = "comment.yml"
_NOT_IN_FILTERS: Final = re.compile(r"[~^: \[\]\\]")
"""As in the published schema of azure-pipelines, "includeExcludeFilters"."""
NO_PULL_REQUEST: Final = "ne(variables['Build.Reason'], 'PullRequest')"
Step = dict[str, Any]


def template(name: str, **parameters: str) -> Step:
    """A step that calls a template of the installation.

    Its path is relative to the file that calls it: learn.microsoft.com/azure/devops/pipelines/process/templates.
    """
    found: Step = {"template": f"templates/{name}"}
    return {**found, "parameters": parameters} if parameters else found


def run(content: Content, identity: str, title: str, script: str, **more: str) -> Step:
    """A step that runs a script with the identity of the plan or of an environment."""
    return template(RUN, connection=content.environment(identity), title=title, script=script, **more)


def stage(name: str, needs: Sequence[str], condition: str, jobs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A stage, after the stages that it needs."""
    return {
        "stage": name,
        "dependsOn": [*needs],
        **({"condition": condition} if condition else {}),
        "jobs": [*jobs],
    }


def job(name: str, steps: Sequence[Step]) -> dict[str, Any]:
    """A job without approval; its identity cannot be used from another branch where checks of the connection forbid it."""
    return {"job": name, "steps": [{"checkout": "self"}, template(INSTALL), *steps]}


def deployment(content: Content, name: str, environment: str, steps: Sequence[Step]) -> dict[str, Any]:
    """A job that waits for the approvals and checks of an environment."""
    return {
        "deployment": name,
        "environment": content.environment(environment),
        "strategy": {"runOnce": {"deploy": {"steps": [*steps]}}},
    }


def approval(content: Content, name: str, environment: str, text: str) -> dict[str, Any]:
    """A job that only waits for the approvals and checks of an environment."""
    return deployment(content, name, environment, [{"bash": f"echo '{text}'", "displayName": "Approved"}])


def deploying(content: Content, name: str, environment: str, steps: Sequence[Step]) -> dict[str, Any]:
    """The same with the installer."""
    return deployment(content, name, environment, [{"checkout": "self"}, template(INSTALL), *steps])


def pipeline(
    content: Content, *paths: str, stages: Sequence[dict[str, Any]], automatic: bool = True, inside: bool = False
) -> dict[str, Any]:
    """A pipeline: its triggers, its pool and its stages."""
    # A filter cannot contain some characters of paths; ? is any one.
    filters = dict.fromkeys(_NOT_IN_FILTERS.sub("?", path) for path in paths)
    watched = {"branches": {"include": [content.branch]}, "paths": {"include": [*filters]}}
    return {
        "trigger": watched if automatic else "none",
        "pr": dict(watched) if automatic else "none",
        "pool": {"name": content.runner} if inside else HOSTED,
        **({"variables": [{"group": f"flowforge-{content.prefix}"}]} if content.secrets else {}),
        "stages": [*stages],
    }


def on_branch(content: Content) -> str:
    """Condition: the deployed branch."""
    return f"and(succeeded(), {NO_PULL_REQUEST}, eq(variables['Build.SourceBranch'], 'refs/heads/{content.branch}'))"


def templates(content: Content) -> dict[str, dict[str, Any]]:
    """The templates by name."""
    folder = "$(Agent.TempDirectory)/flowforge"
    script = f'{Commands(content).install(folder)}\necho "##vso[task.prependpath]{folder}/bin"'
    python = {"task": "UsePythonVersion@0", "displayName": "Set up Python", "inputs": {"versionSpec": "3.12"}}
    sign_in = {
        "task": "AzureCLI@2",
        "displayName": "${{ parameters.title }}",
        "condition": "${{ parameters.condition }}",
        "inputs": {
            "azureSubscription": "${{ parameters.connection }}",
            "scriptType": "bash",
            "scriptLocation": "inlineScript",
            "inlineScript": "set -eo pipefail\n${{ parameters.script }}",
        },
        # With this token the installer asks for a new assertion whenever a token of Azure ends; the others are secrets of the answers.
        "env": {
            "SYSTEM_ACCESSTOKEN": "$(System.AccessToken)",
            **{name: f"$({name})" for name in content.secrets},
            # As a variable and not in the script: what is typed into a form would be run.
            IMAGE: "${{ parameters.image }}",
        },
    }
    return {
        INSTALL: {"steps": [python, {"bash": script, "displayName": "Install the installer"}]},
        RUN: {
            "parameters": [
                *({"name": name, "type": "string"} for name in ("connection", "title", "script")),
                {"name": "condition", "type": "string", "default": "succeeded()"},
                {"name": "image", "type": "string", "default": ""},
            ],
            "steps": [sign_in],
        },
        COMMENT: {"parameters": [{"name": "file", "type": "string"}], "steps": _comment()},
    }


def _comment() -> list[Step]:
    """Steps that show a file on the page of the run, and as a comment on a pull request in Azure Repos.

    A comment has at most 150,000 characters: learn.microsoft.com/azure/devops/organizations/settings/work/object-limits.
    """
    file, limit = "${{ parameters.file }}", 100_000
    threads = (
        "$(System.CollectionUri)$(System.TeamProjectId)/_apis/git/repositories/$(Build.Repository.ID)"
        "/pullRequests/$(System.PullRequest.PullRequestId)/threads?api-version=7.1"
    )
    body = "{comments: [{parentCommentId: 0, content: $text, commentType: 1}], status: 1}"
    return [
        {
            "bash": f'[ ! -s "{file}" ] || echo "##vso[task.uploadsummary]$PWD/{file}"',
            "displayName": "On the page of the run",
            "condition": "succeededOrFailed()",
        },
        {
            "bash": (
                f'[ -s "{file}" ] || exit 0\n'
                f'head -c {limit} "{file}" | iconv -c -f utf-8 -t utf-8 > comment.md\n'
                f"jq -n --rawfile text comment.md '{body}' > thread.json\n"
                'curl --fail --silent --show-error --request POST --header "Authorization: Bearer $SYSTEM_ACCESSTOKEN" \\\n'
                f"  --header 'Content-Type: application/json' --data @thread.json --output /dev/null \\\n  \"{threads}\""
            ),
            "displayName": "As a comment on the pull request",
            "condition": "and(succeededOrFailed(), eq(variables['Build.Reason'], 'PullRequest'), "
            "eq(variables['Build.Repository.Provider'], 'TfsGit'))",
            "env": {"SYSTEM_ACCESSTOKEN": "$(System.AccessToken)"},
        },
    ]
