"""Options of the commands that back up and restore."""

import sys
from typing import Any

import click

from installer.cli.options import global_options, run_option, yes_option


@click.group(invoke_without_command=True)
@global_options
@click.option("--env", "environment", default="", metavar="E", help="Only of this environment: dev, qa, uat or prod.")
@run_option
@yes_option
@click.pass_context
def backup(context: click.Context, environment: str, name: str | None, *, yes: bool) -> None:
    """Take backups on demand of PostgreSQL and data lakes: shows the plan first, and what could be restored already.

    Exit code 3: something is in the way. One that was interrupted continues with the same command.

    Example: flowforge-install backup --env prod
    """
    if context.invoked_subcommand is not None:
        return
    from installer.cli.commands.backup import back_up as command

    sys.exit(command(context.obj, environment, name, yes=yes))


@backup.command("list")
@global_options
@click.option("--env", "environment", default="", metavar="E", help="Only of this environment: dev, qa, uat or prod.")
@run_option
@click.pass_obj
def backup_list(settings: dict[str, Any], environment: str, name: str | None) -> None:
    """Show what could be restored, from when until when. Writes nothing.

    Example: flowforge-install backup list --env prod --output json
    """
    from installer.cli.commands.backup import list_backups as command

    sys.exit(command(settings, environment, name))


@click.group()
@global_options
def restore() -> None:
    """Restore from a backup, beside what is running.

    Example: flowforge-install restore postgres --env dev
    """


@restore.command("postgres")
@global_options
@click.option("--env", "environment", required=True, metavar="E", help="Environment: dev, qa, uat or prod.")
@click.option(
    "--at", default="", metavar="TIME", help="Point in time, such as 2026-12-01T14:30:00Z; by default the latest."
)
@click.option(
    "--proof", is_flag=True, help="Delete the new server once it was compared, and record the result for status."
)
@run_option
@yes_option
@click.pass_obj
def restore_postgres(
    settings: dict[str, Any], environment: str, at: str, name: str | None, *, proof: bool, yes: bool
) -> None:
    """Restore the PostgreSQL server of an environment to a point in time, on a new server: shows the plan first.

    The running server is not changed. The new one gets its network, administrators and private endpoint. Exit code 3: something is in
    the way; 6: the new server differs. One that was interrupted continues with the same command.

    Example: flowforge-install restore postgres --env prod --at 2026-12-01T14:30:00Z
    """
    from installer.cli.commands.restore import restore_postgres as command

    sys.exit(command(settings, environment, at, name, proof=proof, yes=yes))
