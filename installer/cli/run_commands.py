"""The commands for what runs have left on this machine: their list, support bundles and replays."""

import sys
from pathlib import Path
from typing import Any

import click

from installer.cli.options import global_options


@click.group(invoke_without_command=True)
@global_options
@click.pass_context
def runs(context: click.Context) -> None:
    """List the runs on this machine.

    Example: flowforge-install runs --output json
    """
    if context.invoked_subcommand is None:
        from installer.cli.commands.stored_runs import runs as command

        sys.exit(command(context.obj))


@runs.command("unlock")
@global_options
@click.argument("run")
@click.pass_obj
def runs_unlock(settings: dict[str, Any], run: str) -> None:
    """Release the lock of a run whose installer no longer runs.

    Example: flowforge-install runs unlock contoso-1
    """
    from installer.cli.commands.stored_runs import unlock as command

    sys.exit(command(settings, run))


@runs.command("delete")
@global_options
@click.argument("names", nargs=-1, required=True, metavar="RUN…")
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.pass_obj
def runs_delete(settings: dict[str, Any], names: tuple[str, ...], *, yes: bool) -> None:
    """Delete runs from this machine; deployed resources stay in Azure.

    Example: flowforge-install runs delete contoso-1
    """
    from installer.cli.commands.stored_runs import delete as command

    sys.exit(command(settings, names, yes=yes))


@runs.command("prune")
@global_options
@click.option(
    "--days", type=click.IntRange(min=0), default=30, show_default=True, metavar="N", help="At least this old."
)
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.pass_obj
def runs_prune(settings: dict[str, Any], days: int, *, yes: bool) -> None:
    """Delete old rehearsals, and old successful runs but the newest of each installation, from this machine.

    Example: flowforge-install runs prune --days 7
    """
    from installer.cli.commands.stored_runs import prune as command

    sys.exit(command(settings, days, yes=yes))


@runs.command("report")
@global_options
@click.argument("run", required=False)
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="File to write.")
@click.pass_obj
def runs_report(settings: dict[str, Any], run: str | None, out: Path | None) -> None:
    """Write the report of a run with its timeline and topology (FILE.html), or its timeline alone (FILE.svg).

    Example: flowforge-install runs report contoso-1 -o report.html
    """
    from installer.cli.commands.run_report import report as command

    sys.exit(command(settings, run, out))


@click.command("support-bundle")
@global_options
@click.argument("run", required=False)
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="File to write.")
@click.option("--pseudonymise", is_flag=True, help="Replace IDs, names, addresses, hosts and users by pseudonyms.")
@click.option("--yes", is_flag=True, help="Write it without asking.")
@click.pass_obj
def support_bundle(
    settings: dict[str, Any], run: str | None, out: Path | None, *, pseudonymise: bool, yes: bool
) -> None:
    """Pack the files of a run, without secrets, into one file for support; lists them first.

    Example: flowforge-install support-bundle --pseudonymise
    """
    from installer.cli.commands.support_bundle import support_bundle as command

    sys.exit(command(settings, run, out, pseudonymise=pseudonymise, yes=yes))


@click.command()
@global_options
@click.argument("bundle", type=click.Path(path_type=Path), metavar="BUNDLE|FILE")
@click.option("--speed", type=click.FloatRange(0.125, 65_536), default=1.0, metavar="N", help="Playback speed.")
@click.pass_obj
def replay(settings: dict[str, Any], bundle: Path, speed: float) -> None:
    """Replay a run from a support bundle or an --events file, on the live page or as plain lines.

    Example: flowforge-install replay bundle.zip --speed 10
    """
    from installer.cli.commands.support_bundle import replay as command

    sys.exit(command(settings, bundle, speed))
