"""The group `flows` of the command line: the customer's own flows."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from installer.cli.options import global_options


def _chosen(*, source: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds the environment, the installation, and the source of the flows where a command needs one."""

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        options = [
            click.option("--env", "environment", required=True, metavar="E", help="Environment: dev, qa, uat or prod."),
            click.argument("run", required=False),
            click.option(
                "-f",
                "answers",
                type=click.Path(path_type=Path),
                metavar="F",
                help="Answers file of the installation, instead of a run on this machine.",
            ),
        ]
        if source:
            text = "Folder or archive with prefect.yaml, instead of the answer flows.source."
            options.append(click.option("--source", metavar="PATH", help=text))
        for option in reversed(options):
            command = option(command)
        return command

    return decorated


def _take(command: Callable[..., Any]) -> Callable[..., Any]:
    text = "Overwrite this object although another user has made or changed it, such as 'variable region'."
    return click.option("--take", "take", multiple=True, metavar="'KIND NAME'", help=text)(command)


def _other_image(command: Callable[..., Any]) -> Callable[..., Any]:
    promoted = "Promote the image that this environment runs, by its digest."
    imported = "Import this image: registry/repository@sha256:digest."
    command = click.option("--image", "imported", metavar="IMAGE", help=imported)(command)
    return click.option("--from", "promoted", metavar="E", help=promoted)(command)


@click.group()
@global_options
def flows() -> None:
    """Deploy your own flows, and see and run what is deployed.

    Example: flowforge-install flows deploy --env dev --source ./flows
    """


@flows.command("deploy")
@global_options
@_chosen(source=True)
@_take
@_other_image
@click.option("--yes", is_flag=True, help="Do not ask before anything is changed.")
@click.pass_obj
def flows_deploy(settings: dict[str, Any], /, **given: Any) -> None:
    """Show what would change, build the image of the flows, and apply them to Prefect.

    What other users have made or changed in Prefect is left as it is and reported.

    Example: flowforge-install flows deploy --env prod --from dev --yes
    """
    from installer.cli.commands.flows import Chosen, OtherImage, deploy

    yes, take = given.pop("yes"), given.pop("take")
    other = OtherImage(given.pop("promoted"), given.pop("imported"))
    sys.exit(deploy(settings, Chosen(**given), other, yes=yes, take=take))


@flows.command("diff")
@global_options
@_chosen(source=True)
@_take
@_other_image
@click.pass_obj
def flows_diff(settings: dict[str, Any], /, **given: Any) -> None:
    """Show what flows deploy with the same options would change, without changing anything; exits with 3 if that is anything.

    Example: flowforge-install flows diff --env dev --source flows.tar.gz
    """
    from installer.cli.commands.flows import Chosen, OtherImage, diff

    take, other = given.pop("take"), OtherImage(given.pop("promoted"), given.pop("imported"))
    sys.exit(diff(settings, Chosen(**given), other, take=take))


@flows.command("list")
@global_options
@_chosen(source=False)
@click.pass_obj
def flows_list(settings: dict[str, Any], /, **given: Any) -> None:
    """List the deployments of an environment with their last run.

    Example: flowforge-install flows list --env dev
    """
    from installer.cli.commands.flows import Chosen, list_deployments

    sys.exit(list_deployments(settings, Chosen(**given)))


@flows.command("run")
@global_options
@click.argument("deployment", metavar="FLOW/DEPLOYMENT")
@_chosen(source=False)
@click.option(
    "--param", "parameters", multiple=True, metavar="KEY=VALUE", help="Parameter of the run, as JSON or text."
)
@click.pass_obj
def flows_run(settings: dict[str, Any], /, **given: Any) -> None:
    """Run a deployment once, follow the run to its end, and show its log.

    Example: flowforge-install flows run medallion/medallion-dev --env dev
    """
    from installer.cli.commands.flows import Chosen, run_deployment

    deployment, parameters = given.pop("deployment"), given.pop("parameters")
    sys.exit(run_deployment(settings, Chosen(**given), deployment, parameters))


@flows.command("init")
@global_options
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIR")
def flows_init(directory: Path) -> None:
    """Write an example project to a folder: ingest to landing, clean to bronze, join to silver, publish to gold.

    Example: flowforge-install flows init flows
    """
    from installer.cli.commands.flows import init

    sys.exit(init(directory))
