"""Jobs and steps that several workflows have: their environment, their rights, the installer, and the sign-in."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from installer.handover.pipelines.commands import Commands
from installer.handover.pipelines.content import Content
from installer.handover.pipelines.yaml_text import action

HOSTED: Final = "ubuntu-latest"
Step = dict[str, Any]
_SHOWN: Final = 60_000
"""Bytes of a file in a comment."""
SIGN_IN: Final = {"contents": "read", "id-token": "write"}
"""Rights of a job that signs in by OpenID Connect: docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-azure."""


def job(
    content: Content,
    environment: str,
    steps: Sequence[Step],
    *,
    needs: Sequence[str] = (),
    when: str = "",
    inside: bool = False,
    rights: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A job that signs in to Azure with the identity of its environment.

    Args:
        content: The installation.
        environment: Name of the environment, which in GitHub has the client ID of its identity as variable; or an expression.
        steps: Steps after those that set up the installer.
        needs: Jobs before it.
        when: Condition.
        inside: Whether it needs a runner inside the network.
        rights: Further rights of its token.
        env: Further environment variables.

    """
    return {
        **({"needs": [*needs]} if needs else {}),
        **({"if": when} if when else {}),
        # The label of a self-hosted runner, or the name of one that GitHub hosts in a private network.
        "runs-on": content.runner if inside else HOSTED,
        "environment": environment if environment.startswith("$") else content.environment(environment),
        "permissions": {**SIGN_IN, **(rights or {})},
        "env": {
            "AZURE_CLIENT_ID": "${{ vars.AZURE_CLIENT_ID }}",
            "AZURE_TENANT_ID": content.answers.subscription.tenant,
            **{name: f"${{{{ secrets.{name} }}}}" for name in content.secrets},
            **(env or {}),
        },
        "steps": [checkout(), {"name": "Set up the installer", "uses": f"./{content.folder}/setup"}, *steps],
    }


def checkout() -> Step:
    """The files of the repository, without its token in them."""
    return {"name": "Check out", "uses": action("actions/checkout"), "with": {"persist-credentials": False}}


def run(name: str, script: str, **more: Any) -> Step:
    """A step that runs a script."""
    return {"name": name, **more, "run": script}


def workflow(content: Content, title: str, begun: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """A workflow.

    With the shell named, a failure in a pipe fails the step: docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
    (exit codes and error action preference).
    """
    return {
        "name": f"FlowForge {content.prefix}: {title}",
        "on": begun,
        "permissions": {},
        "defaults": {"run": {"shell": "bash"}},
        "jobs": found,
    }


def setup(content: Content) -> dict[str, Any]:
    """The composite action that installs the installer."""
    folder = "$RUNNER_TEMP/flowforge"
    script = f'{Commands(content).install(folder)}\necho "{folder}/bin" >> "$GITHUB_PATH"'
    return {
        "name": "FlowForge Installer",
        "description": "Installs the installer from its wheel, with the hash of every package",
        "runs": {
            "using": "composite",
            "steps": [
                {"name": "Set up Python", "uses": action("actions/setup-python"), "with": {"python-version": "3.12"}},
                {"name": "Install", "shell": "bash", "run": script},
            ],
        },
    }


def approval(environment: str, text: str, after: str) -> dict[str, Any]:
    """A job that only waits for the protection rules of an environment; `environment`: its name in GitHub, or an expression."""
    return {
        "needs": [after],
        "runs-on": HOSTED,
        "environment": environment,
        "permissions": {},
        "steps": [run("Approved", f"echo '{text}'")],
    }


def on_page(name: str, file: str, **more: Any) -> Step:
    """A step that shows a file on the page of the run."""
    return run(f"{name} on this page", f'cat {file} >> "$GITHUB_STEP_SUMMARY"', **more)


def on_changes(content: Content, workflow: str, *paths: str) -> dict[str, Any]:
    """Triggers: pull requests, the deployed branch, and by hand."""
    watched = [*dict.fromkeys((content.file, *paths, f"{content.folder}/**", workflow))]
    changed = {"branches": [content.branch], "paths": watched}
    return {"pull_request": changed, "push": dict(changed), "workflow_dispatch": {}}


def own_pull_request() -> str:
    """Condition: a pull request from this repository.

    One from a fork gets no token of OpenID Connect: docs.github.com/actions/reference/security/oidc.
    """
    return "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository"


def on_branch(content: Content) -> str:
    """Condition: the deployed branch."""
    return f"github.event_name != 'pull_request' && github.ref == 'refs/heads/{content.branch}'"


def comment(content: Content, name: str, file: str) -> list[Step]:
    """Steps that show a file on the page of the run and as a comment on the pull request, which the next run replaces.

    A comment has at most 65,536 characters: github.com/orgs/community/discussions/41331. Each workflow finds its own by its first line.
    """
    exists = {"if": f"${{{{ !cancelled() && hashFiles('{file}') != '' }}}}"}
    mark = f"<!-- flowforge {content.prefix} {name.lower()} -->"
    select = f'.[] | select(.body | startswith(\\"{mark}\\")) | .id'
    environment = {
        "GH_TOKEN": "${{ github.token }}",
        "GH_REPO": "${{ github.repository }}",
        "PULL_REQUEST": "${{ github.event.pull_request.number }}",
    }
    script = (
        f"echo '{mark}' > comment.md\n"
        f"head -c {_SHOWN} {file} | iconv -c -f utf-8 -t utf-8 >> comment.md\n"
        f"[ \"$(wc -c < {file})\" -le {_SHOWN} ] || printf '\\n\\nThe rest is on the page of the run.\\n' >> comment.md\n"
        f'id="$(gh api --paginate "repos/$GH_REPO/issues/$PULL_REQUEST/comments" --jq "{select}" | sed -n 1p)"\n'
        'if [ -n "$id" ]; then\n'
        '  gh api --silent --method PATCH "repos/$GH_REPO/issues/comments/$id" --field body=@comment.md\n'
        "else\n"
        '  gh pr comment "$PULL_REQUEST" --body-file comment.md\n'
        "fi"
    )
    return [
        on_page(name, file, **exists),
        run(f"{name} as a comment", script, **exists, env=environment),
    ]
