"""Options of the commands that back up and restore, and that migrate tables."""

import sys
from pathlib import Path
from typing import Any

import click

from installer.cli.options import global_options, run_option, wait_option, yes_option
from installer.errors import UsageError

_only_option = click.option(
    "--only",
    "kinds",
    multiple=True,
    type=click.Choice(["postgres", "lake", "prefect"]),
    help="Only this part; can be repeated.",
)
_folder_option = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the files with objects of Prefect; by default one of this machine.",
)


@click.group(invoke_without_command=True)
@global_options
@click.option("--env", "environment", default="", metavar="E", help="Only of this environment: dev, qa, uat or prod.")
@_only_option
@_folder_option
@run_option
@yes_option
@click.pass_context
def backup(
    context: click.Context,
    environment: str,
    kinds: tuple[str, ...],
    folder: Path | None,
    name: str | None,
    *,
    yes: bool,
) -> None:
    """Take backups on demand of PostgreSQL, data lakes and Prefect's objects: shows the plan first, and what exists already.

    Objects of Prefect are written as files without secret values. Exit code 3: something is in the way. One that was interrupted
    continues with the same command.

    Example: flowforge-install backup --env prod --only prefect --folder backups
    """
    if context.invoked_subcommand is not None:
        return
    from installer.cli.commands.backup import Wanted
    from installer.cli.commands.backup import back_up as command

    sys.exit(command(context.obj, Wanted(environment, kinds, folder), name, yes=yes))


@backup.command("list")
@global_options
@click.option("--env", "environment", default="", metavar="E", help="Only of this environment: dev, qa, uat or prod.")
@_only_option
@_folder_option
@run_option
@click.pass_obj
def backup_list(
    settings: dict[str, Any], environment: str, kinds: tuple[str, ...], folder: Path | None, name: str | None
) -> None:
    """Show what could be restored, from when until when. Writes nothing.

    Example: flowforge-install backup list --env prod --output json
    """
    from installer.cli.commands.backup import Wanted
    from installer.cli.commands.backup import list_backups as command

    sys.exit(command(settings, Wanted(environment, kinds, folder), name))


@click.group()
@global_options
def restore() -> None:
    """Restore from a backup: a database server, objects of Prefect, or what was deleted in a data lake.

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
@click.option(
    "--switch", is_flag=True, help="Use the restored server in place of the running one, which is kept until --remove."
)
@click.option("--to", default="", metavar="SERVER", help="With --switch: its name; by default the newest restore.")
@click.option("--remove", default="", metavar="SERVER", help="Delete a restored or former server that is not in use.")
@run_option
@wait_option
@yes_option
@click.pass_obj
def restore_postgres(
    settings: dict[str, Any],
    environment: str,
    *,
    at: str,
    proof: bool,
    switch: bool,
    to: str,
    remove: str,
    name: str | None,
    wait: float,
    yes: bool,
) -> None:
    """Restore the PostgreSQL server of an environment to a point in time, on a new server: shows the plan first.

    The running server is not changed. The new one gets its network, administrators and private endpoint. With --switch the environment
    then uses it. Exit code 3: something is in the way; 6: the new server differs. One that was interrupted continues with the same
    command.

    Example: flowforge-install restore postgres --env prod --at 2026-12-01T14:30:00Z
    """
    if sum((bool(at or proof), switch, bool(remove))) > 1 or (to and not switch):
        raise UsageError("restore postgres: --at and --proof, --switch with --to, and --remove are different commands")
    if remove:
        from installer.cli.commands.switch import remove_server

        sys.exit(remove_server(settings, environment, remove, name, yes=yes))
    if switch:
        from installer.cli.commands.switch import Switch, switch_server

        sys.exit(switch_server(settings, Switch(environment, to, wait), name, yes=yes))
    from installer.cli.commands.restore import restore_postgres as command

    sys.exit(command(settings, environment, at, name, proof=proof, yes=yes))


@restore.command("prefect")
@global_options
@click.option("--env", "environment", required=True, metavar="E", help="Environment: dev, qa, uat or prod.")
@click.option(
    "--from",
    "source",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    metavar="DIR",
    help="Folder of a backup, or with backups of which the newest is meant; by default that of this machine.",
)
@click.option(
    "--only",
    "patterns",
    multiple=True,
    metavar="'KIND NAME'",
    help="Only these objects, such as 'deployment load/*'; can be repeated.",
)
@click.option("--delete", is_flag=True, help="Also delete what the server has and the backup does not have.")
@run_option
@yes_option
@click.pass_obj
def restore_prefect(
    settings: dict[str, Any],
    environment: str,
    source: Path | None,
    patterns: tuple[str, ...],
    name: str | None,
    *,
    delete: bool,
    yes: bool,
) -> None:
    """Restore objects of Prefect from the files of a backup: shows first what differs from the server.

    Secrets that the server has stay; others have to be given again, and are named. Without --delete nothing is deleted. Exit code 3:
    something is in the way. One that was interrupted continues with the same command.

    Example: flowforge-install restore prefect --env prod --only 'deployment load/*'
    """
    from installer.cli.commands.restore_prefect import Chosen
    from installer.cli.commands.restore_prefect import restore_prefect as command

    sys.exit(command(settings, Chosen(environment, source, patterns, delete=delete), name, yes=yes))


@restore.command("lake")
@global_options
@click.argument("path", required=False, default="", metavar="[CONTAINER[/PREFIX]]")
@click.option("--env", "environment", required=True, metavar="E", help="Environment: dev, qa, uat or prod.")
@click.option(
    "--after", default="", metavar="TIME", help="Only what was deleted since then, such as 2026-12-01T14:30:00Z."
)
@click.option("--before", default="", metavar="TIME", help="Only what was deleted until then; by default until now.")
@run_option
@yes_option
@click.pass_obj
def restore_lake(
    settings: dict[str, Any], path: str, *, environment: str, after: str, before: str, name: str | None, yes: bool
) -> None:
    """Restore files, directories and containers that were deleted in a data lake: lists them first, with until when they are kept.

    Nothing is restored over what exists; what was overwritten is not kept. Exit code 3: something is in the way. One that was
    interrupted continues with the same command.

    Example: flowforge-install restore lake gold/orders --env prod --after 2026-12-01T14:30:00Z
    """
    from installer.cli.commands.restore_lake import Chosen
    from installer.cli.commands.restore_lake import restore_lake as command

    sys.exit(command(settings, Chosen(environment, path, after, before), name, yes=yes))


@click.command()
@global_options
@click.option("--env", "environment", default="", metavar="E", help="Only of this environment: dev, qa, uat or prod.")
@click.option(
    "--again",
    is_flag=True,
    help="Run the migration of FlowForge's tables again, such as after their server was restored.",
)
@run_option
@yes_option
@click.pass_obj
def migrate(settings: dict[str, Any], environment: str, name: str | None, *, again: bool, yes: bool) -> None:
    """Show which migrations of the tables of FlowForge and Prefect are pending; apply them after a backup.

    Exit code 3: something is in the way, such as tables of a newer Prefect. One that was interrupted continues with the same command.

    Example: flowforge-install migrate --env dev
    """
    from installer.cli.commands.migrate import Wanted
    from installer.cli.commands.migrate import migrate as command

    sys.exit(command(settings, Wanted(environment, again), name, yes=yes))
