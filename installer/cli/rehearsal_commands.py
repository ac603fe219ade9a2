"""The commands below `rehearse`: rehearsals whose Prefect was kept after the installer had ended."""

import sys
from typing import Any

import click

from installer.cli.options import global_options


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
