"""Options of the command promote."""

import sys
from typing import Any

import click

from installer.cli.options import global_options, run_option, wait_option, yes_option
from installer.errors import UsageError
from installer.invocation import command as typed


@click.command()
@global_options
@click.option("--from", "source", default="", metavar="E", help="Environment that is promoted: dev, qa, uat or prod.")
@click.option("--to", "target", default="", metavar="E", help="Environment that gets its images.")
@click.option("--env", "environment", default="", metavar="E", help="With --back, --history, --prove: the environment.")
@click.option("--back", is_flag=True, help="Go back to the images before the last promotion to --env.")
@click.option("--history", "shows_history", is_flag=True, help="Show what was promoted to --env, and change nothing.")
@click.option("--prove", "proves", is_flag=True, help="Run the installation again, with the acceptance run of --env.")
@click.option("--source", "flows", metavar="PATH", help="Folder or archive of your flows; default: the one answered.")
@run_option
@wait_option
@yes_option
@click.pass_obj
def promote(
    settings: dict[str, Any],
    *,
    source: str,
    target: str,
    environment: str,
    back: bool,
    shows_history: bool,
    proves: bool,
    flows: str | None,
    name: str | None,
    wait: float,
    yes: bool,
) -> None:
    """Give an environment the images of another one, by digest: shows the difference and the plan first.

    Exit code 3: the environment is not proved by its newest acceptance run (--prove runs it again), or a check blocks; 6: the acceptance
    run failed afterwards. One that was interrupted continues with the same command.

    Example: flowforge-install promote --from dev --to qa
    """
    from installer.cli.commands.promote import Wanted, history, prove
    from installer.cli.commands.promote import promote as command

    others = sum((back, shows_history, proves))
    if others:
        if not environment or source or target or others > 1:
            words = typed("promote --back --env qa"), typed("promote --history --env qa")
            raise UsageError(f"promote: --back, --history and --prove go with --env alone: {words[0]}, or {words[1]}")
        if shows_history:
            sys.exit(history(settings, environment, name))
        if proves:
            sys.exit(prove(settings, environment, name, yes=yes))
        sys.exit(command(settings, Wanted("", environment, None, wait), name, yes=yes))
    if environment or not (source and target):
        raise UsageError(f"promote needs --from and --to: {typed('promote --from dev --to qa')}")
    sys.exit(command(settings, Wanted(source, target, flows, wait), name, yes=yes))
