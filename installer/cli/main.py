"""The command line. Commands import what they need when they are called, to keep the start fast."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

import click

from installer import __version__
from installer.cli.answers_commands import explain, export, picture, schema, validate
from installer.cli.command_groups import GroupedCommands
from installer.cli.completion import SHELLS, VARIABLE, script
from installer.cli.fleet_commands import fleet
from installer.cli.flow_commands import flows
from installer.cli.kit_command import kit
from installer.cli.operation_commands import doctor, environment, report, rotate, scale, status, uninstall, upgrade
from installer.cli.options import currency_option, global_options, replies_option
from installer.cli.pipeline_commands import pipelines
from installer.cli.promotion_command import promote
from installer.cli.recovery_commands import backup, migrate, restore
from installer.cli.rehearsal_commands import list_kept, plan_rehearsal, stop_kept
from installer.cli.run_commands import replay, runs, support_bundle
from installer.cli.standard_streams import keep_writing, lost_output, open_closed
from installer.engine.parent_process import follow_parent
from installer.errors import InstallerError, UsageError
from installer.invocation import command as typed_command
from installer.loopback import bypass_proxies


@click.group(
    cls=GroupedCommands,
    invoke_without_command=True,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="flowforge-install")
@global_options
@click.pass_context
def cli(context: click.Context) -> None:
    """Install FlowForge into your Azure subscription, or rehearse that first.

    Without a command the wizard starts; it offers to resume an unfinished run.

    Example: flowforge-install rehearse
    """
    if context.invoked_subcommand is None:
        from installer.cli.commands.run import wizard

        sys.exit(wizard(context.obj))


@cli.group(invoke_without_command=True)
@global_options
@click.option("--answers", "answers", type=click.Path(path_type=Path), metavar="F", help="Start from an answers file.")
@click.option("--yes", is_flag=True, help="Do not ask any questions; requires --answers.")
@click.option("--keep", is_flag=True, help="With --yes: keep Prefect running afterwards; rehearse stop ends it.")
@click.option("--speed", type=click.FloatRange(0.1, 100_000), metavar="N", help="Simulated seconds per real second.")
@click.option("--fault", "faults", multiple=True, metavar="NAME[:…]", help="Inject a fault; 'help' lists the faults.")
@click.option(
    "--survey",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Survey of a real subscription; if FILE does not exist, it is read from the subscription in --answers first.",
)
@click.option("--serve", is_flag=True, help="Only serve the embedded Azure and print its address.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Port of the embedded Azure with --serve.")
@click.option(
    "--script-outputs",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="With --serve: outputs of deployment scripts by name, which are not run (JSON).",
)
@replies_option
@click.pass_context
def rehearse(context: click.Context, /, **options: Any) -> None:
    """Run an installation on the embedded Azure: nothing is real, nothing is charged.

    Example: flowforge-install rehearse --answers answers.yaml --yes
    """
    from installer.cli.commands.run import rehearse as command

    if context.invoked_subcommand is None:
        sys.exit(command(context.obj, **options))


@cli.command()
@global_options
@click.argument("answers", type=click.Path(path_type=Path), metavar="F")
@click.option(
    "--survey",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="Check against a survey of the subscription, without a sign-in.",
)
@click.pass_obj
def check(settings: dict[str, Any], answers: Path, survey: Path | None) -> None:
    """Check what would fail before anything is written: rights, regions, quotas, names, networks, policies.

    Example: flowforge-install check answers.yaml
    """
    from installer.cli.commands.check import check as command

    sys.exit(command(settings, answers, survey))


@cli.command()
@global_options
@click.argument("answers", type=click.Path(path_type=Path), metavar="F")
@click.pass_obj
def roles(settings: dict[str, Any], answers: Path) -> None:
    """Print a custom role with exactly the actions that an installation of F needs, for az role definition create.

    Example: flowforge-install roles answers.yaml > role.json
    """
    from installer.cli.commands.roles import roles as command

    sys.exit(command(settings, answers))


@cli.command()
@global_options
@click.argument("answers", type=click.Path(path_type=Path), metavar="F")
@click.option(
    "-o", "out", type=click.Path(path_type=Path), metavar="FILE", help="Write the plan as .json, .md or .html."
)
@click.option(
    "--cost/--no-cost", default=True, help="With the cost per month, from the public price list (the default)."
)
@currency_option
@click.option("--compared-to", "other", type=click.Path(path_type=Path), metavar="G", help="Compare the cost with G.")
@click.pass_obj
def plan(settings: dict[str, Any], /, **options: Any) -> None:
    """Show what would change in Azure, without changing anything.

    Example: flowforge-install plan answers.yaml -o plan.html
    """
    from installer.cli.commands.plan import plan as command

    sys.exit(command(settings, **options))


@cli.command()
@global_options
@click.argument("answers", type=click.Path(path_type=Path), metavar="F")
@click.argument("other", type=click.Path(path_type=Path), metavar="[G]", required=False)
@currency_option
@click.pass_obj
def cost(settings: dict[str, Any], answers: Path, other: Path | None, currency: str) -> None:
    """Estimate the cost per month from the public price list, also as the difference from other answers G.

    Example: flowforge-install cost answers.yaml --currency EUR
    """
    from installer.cli.commands.plan import cost as command

    sys.exit(command(settings, answers, other, currency))


@cli.command()
@global_options
@click.argument("answers", type=click.Path(path_type=Path), metavar="[F]", required=False)
@click.option("--yes", is_flag=True, help="Confirm the installation.")
@click.option(
    "--plan",
    "sealed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Install exactly this plan (of plan F -o FILE.json); exit code 8 if reality has moved since.",
)
@replies_option
@click.pass_obj
def apply(settings: dict[str, Any], answers: Path | None, sealed: Path | None, *, yes: bool) -> None:
    """Install without questions, from an answers file or a plan that binds.

    Example: flowforge-install apply --plan plan.json --yes
    """
    from installer.cli.commands.run import apply as command

    sys.exit(command(settings, answers, sealed, yes=yes))


@cli.command()
@global_options
@click.argument("run", required=False)
@click.option("--only", metavar="STEP", help="Run only this step, once the cause of its failure is fixed.")
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change an answer of the run first, such as a size."
)
@replies_option
@click.pass_obj
def resume(settings: dict[str, Any], run: str | None, only: str | None, changes: tuple[str, ...]) -> None:
    """Resume a run: by default the newest one. A complete run is checked again.

    Example: flowforge-install resume --set sizing.node_size=Standard_D4s_v5
    """
    from installer.cli.commands.run import resume as command

    sys.exit(command(settings, run, only, changes))


@cli.command()
@global_options
@click.argument("run", required=False)
@click.option(
    "--subscription", metavar="ID", help="Subscription to search for an installation that is unknown on this machine."
)
@click.pass_obj
def attach(settings: dict[str, Any], run: str | None, subscription: str | None) -> None:
    """Watch a run from another terminal, or take over an installation from another machine.

    Example: flowforge-install attach contoso --subscription ID
    """
    from installer.cli.commands.attach import attach as command

    sys.exit(command(settings, run, subscription))


@cli.command()
@global_options
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print a script with which your shell completes commands and options.

    Example: flowforge-install completion bash > ~/.local/share/bash-completion/completions/flowforge-install
    """
    click.echo(script(cli, shell))


for _command in (
    validate,
    schema,
    export,
    picture,
    explain,
    runs,
    support_bundle,
    replay,
    flows,
    kit,
    status,
    doctor,
    rotate,
    promote,
    upgrade,
    migrate,
    scale,
    environment,
    report,
    backup,
    restore,
    uninstall,
    fleet,
    pipelines,
):
    cli.add_command(_command)
for _command in (plan_rehearsal, list_kept, stop_kept):
    rehearse.add_command(_command)


def main() -> None:
    """Entry point: reports every error as one clear text on standard error, and exits with the code of its kind."""
    open_closed()
    follow_parent()
    bypass_proxies()
    os.environ.setdefault("AZURE_CORE_COLLECT_TELEMETRY", "false")
    logging.getLogger().addHandler(logging.NullHandler())  # libraries warn of what our errors say better
    logging.raiseExceptions = False  # else a log on a full disk prints a traceback
    keep_writing()
    code = _run()
    if lost := lost_output():
        click.echo("\n".join(lost), err=True)
        code = code or UsageError.exit_code
    sys.exit(code)


def _run() -> str | int | None:
    """Run the command, report its error, and return its exit code as `sys.exit` takes it."""
    try:
        cli.main(prog_name=typed_command("").strip(), complete_var=VARIABLE, standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.exceptions.NoArgsIsHelpError as error:  # a group without its command: the message is the help
        click.echo(error.format_message(), err=True)
        return UsageError.exit_code
    except click.ClickException as error:
        context = getattr(error, "ctx", None)  # of the command that was misused
        more = f"{context.command_path} --help" if context is not None else typed_command("--help")
        click.echo(f"{' '.join(error.format_message().split())} (see {more})", err=True)
        return UsageError.exit_code
    except SystemExit as ended:
        return ended.code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return 130
    except InstallerError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    except Exception as error:  # noqa: BLE001  users never see a traceback
        from installer.cli.crash import save_traceback

        click.echo(save_traceback(error), err=True)
        return 1
    return 0


if __name__ == "__main__":
    main()
