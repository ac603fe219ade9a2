"""The commands that read or write answers files, the one that draws them, and the one that explains errors."""

import sys
from pathlib import Path
from typing import Any

import click

from installer.cli.options import global_options


@click.command()
@global_options
@click.argument("answers", type=click.Path(path_type=Path), metavar="F")
@click.pass_obj
def validate(settings: dict[str, Any], answers: Path) -> None:
    """Check an answers file offline, and list all problems with their line numbers.

    Example: flowforge-install validate answers.yaml
    """
    from installer.cli.commands.answers_file import validate as command

    sys.exit(command(settings, answers))


@click.command()
@global_options
@click.option("--starter", is_flag=True, help="Print a starter answers file instead.")
def schema(*, starter: bool) -> None:
    """Print the JSON Schema of the answers file.

    Example: flowforge-install schema --starter
    """
    from installer.cli.commands.answers_file import schema as command

    sys.exit(command(starter=starter))


@click.command()
@global_options
@click.argument("answers", type=click.Path(path_type=Path), metavar="F")
@click.option("-o", "out", type=click.Path(path_type=Path), metavar="FILE", help="Write the picture as .svg or .txt.")
@click.pass_obj
def picture(settings: dict[str, Any], answers: Path, out: Path | None) -> None:
    """Draw the topology offline: networks, private endpoints, ingress, identities and their roles.

    Example: flowforge-install picture answers.yaml -o topology.svg
    """
    from installer.cli.commands.picture import picture as command

    sys.exit(command(settings, answers, out))


@click.command()
@global_options
@click.argument("run", required=False)
@click.option("-o", "out", type=click.Path(path_type=Path), metavar="F", help="Write to a file.")
@click.option("--explicit", is_flag=True, help="Include presets and defaults.")
@click.option(
    "--parameters",
    "parameters",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write parameter files of every deployment to DIR, with instructions for az.",
)
@click.pass_obj
def export(
    settings: dict[str, Any], run: str | None, out: Path | None, parameters: Path | None, *, explicit: bool
) -> None:
    """Export the answers of a run as a file for non-interactive runs, or its deployments as parameter files.

    Example: flowforge-install export -o answers.yaml
    """
    from installer.cli.commands.answers_file import export as command

    sys.exit(command(settings, run, out, parameters, explicit=explicit))


@click.command()
@global_options
@click.argument("what", metavar="CODE|FILE|-")
@click.pass_obj
def explain(settings: dict[str, Any], what: str) -> None:
    """Explain an error of Azure, Entra, Kubernetes or Prefect: its code, or what a tool printed, from a file or standard input.

    Understands the output of az, azd, Azure PowerShell, Terraform and the portal. Exit code 3: the error is not known.

    Example: flowforge-install explain QuotaExceeded
    """
    from installer.cli.commands.answers_file import explain as command

    sys.exit(command(settings, what))
