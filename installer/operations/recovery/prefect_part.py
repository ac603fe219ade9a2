"""The objects of Prefect as parts of the backups of an installation: files on the machine of the installer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from installer.operations.recovery.backup_model import Part, RestorePoint
from installer.operations.recovery.prefect_files import backups_in, folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.preflight.subject import Subject

NAME: Final = "%Y%m%dT%H%M%SZ"
"""Name of a backup in files: its time."""


def prefect_parts(subject: Subject, wanted: tuple[str, ...], mark: str, files: Path) -> Iterator[Part]:
    """A part for the Prefect server of each environment.

    Args:
        subject: The installation.
        wanted: The environments.
        mark: Name of a backup on demand, which ends with its time.
        files: Folder with a subfolder for each environment.

    """
    for site in subject.it.sites:
        if site.name not in wanted:
            continue
        points = tuple(RestorePoint(_moment(one.name), str(one)) for one in backups_in(files, site.name))
        yield Part(
            "prefect",
            str(files / site.name),
            f"Prefect of {site.name}",
            (site.name,),
            f"objects as files without secret values, in {files / site.name}",
            points=points,
            action=str(folder_of(files, site.name, mark.rpartition("-")[2])),
        )


def _moment(name: str) -> float:
    try:
        return datetime.strptime(name, NAME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
