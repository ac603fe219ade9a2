"""Options of the commands for life after the first day."""

import sys
from pathlib import Path
from typing import Any

import click

from installer.cli.options import (
    currency_option,
    global_options,
    recorded_answers_option,
    replies_option,
    run_option,
    wait_option,
    yes_option,
)


@click.command()
@global_options
@click.argument("run", required=False)
@click.option("--env", "environment", default="", metavar="E", help="Only this environment: dev, qa, uat or prod.")
@click.pass_obj
def status(settings: dict[str, Any], run: str | None, environment: str) -> None:
    """Show whether everything of an installation is as it should be: workloads, drift, proofs, expiry, versions, quotas, cost.

    Writes nothing. Exit code 0: no problem, though some facts may not have been read; 6: something is broken or needs attention; 4:
    Azure showed nothing.

    Example: flowforge-install status --env prod --output json
    """
    from installer.cli.commands.status import status as command

    sys.exit(command(settings, run, environment))


@click.command()
@global_options
@click.argument("run", required=False)
@click.option("--env", "environment", default="", metavar="E", help="Only this environment: dev, qa, uat or prod.")
@click.option(
    "--fix",
    "fixes",
    multiple=True,
    metavar="KEY[=N]",
    help="Carry out a resolution of this problem without asking: the first that the installer can do, or number N.",
)
@click.pass_obj
def doctor(settings: dict[str, Any], run: str | None, environment: str, fixes: tuple[str, ...]) -> None:
    """Show the problems of an installation with their resolutions; on a terminal, ask which to carry out.

    Without a choice nothing is written. Exit code 6 while there is a problem, else that of what was carried out.

    Example: flowforge-install doctor --fix drift/runtime-dev
    """
    from installer.cli.commands.doctor import doctor as command

    sys.exit(command(settings, run, environment, fixes))


@click.command()
@global_options
@click.argument("secret", metavar="prefect-auth|sign-on|prefect-cloud")
@click.option("--env", "environment", required=True, metavar="E", help="Environment: dev, qa, uat or prod.")
@run_option
@wait_option
@yes_option
@click.pass_obj
def rotate(
    settings: dict[str, Any], /, secret: str, environment: str, name: str | None, wait: float, *, yes: bool
) -> None:
    """Give a secret a new value, without losing a flow run: shows the plan first. One that was interrupted is continued.

    Example: flowforge-install rotate prefect-auth --env dev
    """
    from installer.cli.commands.rotate import rotate as command

    sys.exit(command(settings, secret, environment, name, wait, yes=yes))


@click.command()
@global_options
@click.argument("run", required=False)
@click.option(
    "-o",
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write FILE.html, or the timeline as FILE.svg.",
)
@click.option(
    "--runbooks",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write runbooks instead: commands with the names of this installation.",
)
@currency_option
@click.option("--no-cost", "cost", flag_value=False, default=True, help="Do not read the price list.")
@click.pass_obj
def report(
    settings: dict[str, Any], run: str | None, out: Path | None, runbooks: Path | None, currency: str, *, cost: bool
) -> None:
    """Write the hand-over report of an installation: one page without outside links, for those who run, review and pay for it.

    With --runbooks it writes Markdown and HTML for those who operate it without this program.

    Example: flowforge-install report -o report.html
    """
    if runbooks is not None:
        from installer.cli.commands.report import write_runbooks

        sys.exit(write_runbooks(settings, run, runbooks, out))
    from installer.cli.commands.report import report as command

    sys.exit(command(settings, run, out, currency, cost=cost))


@click.command()
@global_options
@click.argument("sizes", nargs=-1, required=True, metavar="KEY=VALUE...")
@click.option("--env", "environment", default="", metavar="E", help="Only of this environment: dev, qa, uat or prod.")
@run_option
@yes_option
@replies_option
@click.pass_obj
def scale(settings: dict[str, Any], sizes: tuple[str, ...], environment: str, name: str | None, *, yes: bool) -> None:
    """Change sizes of an installation: shows the plan first. Keys are those of the page Sizing in the answers file.

    Example: flowforge-install scale worker_nodes_most=8 --env prod
    """
    from installer.cli.commands.change import scale as command

    sys.exit(command(settings, sizes, environment, name, yes=yes))


@click.group()
@global_options
def environment() -> None:
    """Add an environment to an installation, or remove one.

    Example: flowforge-install environment add qa
    """


@environment.command("add")
@global_options
@click.argument("added", metavar="E")
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help="A further answer, such as prod.region=northeurope."
)
@run_option
@yes_option
@replies_option
@click.pass_obj
def environment_add(
    settings: dict[str, Any], added: str, changes: tuple[str, ...], name: str | None, *, yes: bool
) -> None:
    """Add an environment: shows the plan first. Nothing of the other environments changes.

    Example: flowforge-install environment add qa
    """
    from installer.cli.commands.change import add_environment as command

    sys.exit(command(settings, added, changes, name, yes=yes))


@environment.command("remove")
@global_options
@click.argument("removed", metavar="E")
@run_option
@recorded_answers_option
@click.option("--confirm", metavar="PREFIX-E", help="Remove it without asking: prefix and environment.")
@replies_option
@click.pass_obj
def environment_remove(
    settings: dict[str, Any], removed: str, name: str | None, answers: Path | None, confirm: str | None
) -> None:
    """Remove an environment: shows first what goes and which data is lost, and what then changes for the others.

    What only this environment uses is deleted, also in shared places; then a run brings the others up to date.
    The same command continues it.

    Example: flowforge-install environment remove qa --confirm contoso-qa
    """
    from installer.cli.commands.remove_environment import remove_environment as command
    from installer.cli.commands.uninstall import Meant

    sys.exit(command(settings, removed, Meant(name, answers), confirm))


@click.command()
@global_options
@run_option
@recorded_answers_option
@click.option("--env", "environment", metavar="E", help="Only this environment, as environment remove does.")
@click.option("--confirm", metavar="PREFIX", help="Remove it without asking: the prefix; with --env E, PREFIX-E.")
@click.option("--keep-pipelines", is_flag=True, help="Leave the identities of its pipelines, with their roles.")
@click.pass_obj
def uninstall(
    settings: dict[str, Any],
    *,
    name: str | None,
    answers: Path | None,
    environment: str | None,
    confirm: str | None,
    keep_pipelines: bool,
) -> None:
    """Remove an installation: shows first what goes, what stays and why, and which data is lost.

    Example: flowforge-install uninstall --confirm contoso
    """
    from installer.cli.commands.uninstall import Meant
    from installer.cli.commands.uninstall import uninstall as command

    if environment is not None:
        from installer.cli.commands.remove_environment import remove_environment

        sys.exit(remove_environment(settings, environment, Meant(name, answers), confirm))
    sys.exit(command(settings, Meant(name, answers), confirm, keep_pipelines=keep_pipelines))


@click.command()
@global_options
@click.argument("what", required=False, default="", metavar="[PART]")
@click.option("--env", "environment", default="", metavar="E", help="Only this environment: dev, qa, uat or prod.")
@click.option(
    "--to", default="", metavar="VERSION", help="The version; by default the newest one. For images the tag or digest."
)
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help="A further answer, such as images.web_from=IMAGE."
)
@run_option
@wait_option
@yes_option
@click.pass_obj
def upgrade(
    settings: dict[str, Any],
    what: str,
    *,
    environment: str,
    to: str,
    changes: tuple[str, ...],
    name: str | None,
    wait: float,
    yes: bool,
) -> None:
    """Show what is behind, or upgrade it: a plan first, then paused work pools, the upgrade, an acceptance run.

    PART is kubernetes, prefect, images or templates. Without it the command only reads. One that was interrupted is continued by the same command.

    Example: flowforge-install upgrade kubernetes --env dev --to 1.35
    """
    from installer.cli.commands.upgrade import Wanted
    from installer.cli.commands.upgrade import upgrade as command

    sys.exit(command(settings, what, Wanted(environment, to, wait, changes), name, yes=yes))
