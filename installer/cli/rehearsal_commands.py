"""The commands below `rehearse`: a plan without a sign-in, and rehearsals that were kept after the installer had ended."""

import sys
from pathlib import Path
from typing import Any

import click

from installer.cli.options import currency_option, global_options


@click.command("list")
@global_options
@click.pass_obj
def list_kept(settings: dict[str, Any]) -> None:
    """List the rehearsals that were kept running.

    Example: flowforge-install rehearse list
    """
    from installer.cli.commands.kept_rehearsals import list_kept as command

    sys.exit(command(settings))


@click.command("stop")
@global_options
@click.argument("runs", nargs=-1, metavar="[RUN]…")
@click.pass_obj
def stop_kept(settings: dict[str, Any], runs: tuple[str, ...]) -> None:
    """Stop the rehearsals of these runs, or all of them, with their Prefect; resume starts one again.

    Example: flowforge-install rehearse stop
    """
    from installer.cli.commands.kept_rehearsals import stop as command

    sys.exit(command(settings, runs))


@click.command("plan")
@global_options
@click.argument("answers", type=click.Path(path_type=Path), metavar="F")
@click.option(
    "-o", "out", type=click.Path(path_type=Path), metavar="FILE", help="Write the plan as .json, .md or .html."
)
@click.option(
    "--survey",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="Plan against a survey of a real subscription.",
)
@click.option("--cost/--no-cost", default=False, help="With figures of a rehearsal; left out by default.")
@currency_option
@click.pass_obj
def plan_rehearsal(settings: dict[str, Any], /, **options: Any) -> None:
    """Show what would change in the embedded Azure, without a sign-in: an empty subscription, or that of a survey.

    Example: flowforge-install rehearse plan answers.yaml --survey survey.json -o plan.html
    """
    from installer.cli.commands.plan import plan as command

    sys.exit(command(settings, **options, other=None, rehearsal=True))
