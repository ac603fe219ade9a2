"""Options of the commands for many installations."""

import sys
from pathlib import Path
from typing import Any

import click

from installer.cli.options import global_options

_FILE = click.argument("file", type=click.Path(path_type=Path), metavar="F")


@click.group()
@global_options
def fleet() -> None:
    """Plan, apply and watch many installations as one, through your own Prefect.

    Example: flowforge-install fleet plan fleet.yaml
    """


@fleet.command("plan")
@global_options
@_FILE
@click.option("--azure", is_flag=True, help="Also count what the plan of each member would change; only reads.")
@click.option("--rehearse", is_flag=True, help="Count that in an embedded Azure for each member, without a sign-in.")
@click.pass_obj
def fleet_plan(settings: dict[str, Any], file: Path, *, azure: bool, rehearse: bool) -> None:
    """Check the answers of every member, and show in which wave it would run.

    Example: flowforge-install fleet plan fleet.yaml --azure
    """
    from installer.cli.commands.fleet import plan as command

    sys.exit(command(settings, file, azure=azure, rehearse=rehearse))
