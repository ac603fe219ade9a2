"""Options of the commands for life after the first day."""

import sys
from typing import Any

import click

from installer.cli.options import global_options


@click.command()
@global_options
@click.argument("secret", metavar="prefect-auth|sign-on|prefect-cloud")
@click.option("--env", "environment", required=True, metavar="E", help="Environment: dev, qa, uat or prod.")
@click.option("--run", "name", metavar="RUN", help="Run of the installation; by default the newest one.")
@click.option(
    "--wait", type=click.FloatRange(1, 86_400), default=1800.0, metavar="N", help="Seconds to wait for flow runs."
)
@click.pass_obj
def rotate(settings: dict[str, Any], secret: str, environment: str, name: str | None, wait: float) -> None:
    """Give a secret a new value, without losing a flow run. One that was interrupted is continued.

    Example: flowforge-install rotate prefect-auth --env dev
    """
    from installer.cli.commands.rotate import rotate as command

    sys.exit(command(settings, secret, environment, name, wait))
