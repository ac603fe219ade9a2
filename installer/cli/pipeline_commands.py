"""The group `pipelines` of the command line: pipelines for GitHub Actions and Azure Pipelines."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from installer.cli.options import global_options


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the answers file and the options of both platforms."""
    options = [
        click.argument("answers", type=click.Path(path_type=Path), metavar="F"),
        click.option(
            "-o",
            "directory",
            required=True,
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Root of the repository.",
        ),
        click.option(
            "--wheel",
            required=True,
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Wheel of the installer, which the pipelines install by its hash.",
        ),
        click.option("--branch", default="main", show_default=True, metavar="NAME", help="Branch that is deployed."),
        click.option(
            "--runner",
            default="flowforge",
            show_default=True,
            metavar="NAME",
            help="Label of your runners, or name of your agent pool, in the network of a private registry.",
        ),
        click.option("--replace", is_flag=True, help="Remove the pipelines of the other platform."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
@global_options
def pipelines() -> None:
    """Write pipelines that check, plan and deploy from a repository, signed in without secrets.

    Example: flowforge-install pipelines github answers.yaml -o . --wheel FILE --repository contoso/platform
    """


@pipelines.command("github")
@global_options
@_common
@click.option("--repository", required=True, metavar="OWNER/REPOSITORY", help="The repository in GitHub.")
@click.option(
    "--repository-ids",
    "ids",
    default="",
    metavar="ID/ID",
    help="IDs of owner and repository, where tokens have them: created, renamed or moved since 15 July 2026.",
)
@click.pass_obj
def pipelines_github(settings: dict[str, Any], /, **given: Any) -> None:
    """Write workflows for GitHub Actions; files that you have edited keep your changes.

    Example: flowforge-install pipelines github answers.yaml -o . --wheel FILE --repository contoso/platform
    """
    from installer.cli.commands.pipelines import pipelines as command
    from installer.handover.pipelines.export import Asked

    sys.exit(command(settings, Asked("github", **given)))


@pipelines.command("azdo")
@global_options
@_common
@click.pass_obj
def pipelines_azdo(settings: dict[str, Any], /, **given: Any) -> None:
    """Write pipelines for Azure DevOps; files that you have edited keep your changes.

    Example: flowforge-install pipelines azdo answers.yaml -o . --wheel FILE
    """
    from installer.cli.commands.pipelines import pipelines as command
    from installer.handover.pipelines.export import Asked

    sys.exit(command(settings, Asked("azdo", **given)))
