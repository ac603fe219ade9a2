"""The command kit: its options and help."""

import sys
from pathlib import Path
from typing import Any

import click

from installer.cli.options import currency_option, global_options


@click.command()
@global_options
@click.option(
    "-o",
    "out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="FILE.tar, FILE.tar.gz or FILE.tgz.",
)
@click.option(
    "--platform",
    "tags",
    multiple=True,
    metavar="TAG",
    help="Machine that the kit is for, by a platform tag of wheels; by default this machine. May be repeated.",
)
@click.option("--python", default="", metavar="VERSION", help="Version of Python there, such as 3.12; with --platform.")
@click.option(
    "--answers",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="F",
    help="Also include prices and images of these answers. May be repeated.",
)
@currency_option
@click.option(
    "--wheels",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Take the packages from this folder instead of the package index.",
)
@click.option(
    "--sign",
    "key",
    type=click.Path(path_type=Path),
    metavar="KEY.pem",
    help="Sign the checksums with this private key.",
)
@click.pass_obj
def kit(settings: dict[str, Any], /, **options: Any) -> None:
    """Pack the installer with all of its packages into one file, for a machine without a package index.

    With bill of materials, licences, checksums, and a signature if there is a key.

    Example: flowforge-install kit -o kit.tar.gz --platform manylinux_2_28_x86_64 --python 3.12
    """
    from installer.cli.commands.kit import kit as command

    sys.exit(command(settings, **options))
