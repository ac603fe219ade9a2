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
    from installer.cli.commands.fleet_plan import plan as command

    sys.exit(command(settings, file, azure=azure, rehearse=rehearse))


@fleet.command("apply")
@global_options
@_FILE
@click.option("--yes", is_flag=True, help="Confirm the installations.")
@click.option("--rehearse", is_flag=True, help="Run each member on an embedded Azure: nothing is real.")
@click.option("--all", "again", is_flag=True, help="Also run members that are done with the same answers and version.")
@click.option("--serve", is_flag=True, help="Stay, and apply at the times of the schedule in F.")
@click.option("--schedule", "cron", metavar="CRON", help='Stay, and apply at these times, such as "0 3 * * 6".')
@click.option("--speed", type=click.FloatRange(0.1, 100_000), metavar="N", help="Simulated seconds per real second.")
@click.option(
    "--fault", "faults", multiple=True, metavar="MEMBER=NAME[:…]", help="Inject a fault into the rehearsal of a member."
)
@click.pass_obj
def fleet_apply(settings: dict[str, Any], /, **options: Any) -> None:
    """Apply every member through your own Prefect: wave after wave, with limits, retries and a stop rule.

    PREFECT_API_URL and PREFECT_API_KEY (or PREFECT_API_AUTH_STRING) name that Prefect. Members that are done are not repeated.

    Example: flowforge-install fleet apply fleet.yaml --yes
    """
    from installer.cli.commands.fleet_apply import apply as command

    sys.exit(command(settings, **options))


@fleet.command("status")
@global_options
@_FILE
@click.option("--rehearse", is_flag=True, help="Of the rehearsals of the fleet.")
@click.pass_obj
def fleet_status(settings: dict[str, Any], file: Path, *, rehearse: bool) -> None:
    """Show the last run of every member, from the history in your Prefect. Exit code 6: one is not done.

    Example: flowforge-install fleet status fleet.yaml --output json
    """
    from installer.cli.commands.fleet_status import status as command

    sys.exit(command(settings, file, rehearse=rehearse))
