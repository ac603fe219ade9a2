"""A backup of the objects of a Prefect server: a folder with a JSON file for each kind, which people read and may change.

FOLDER/ENVIRONMENT/TIME/ has backup.json (what it is a backup of, and which secrets have to be given again) and a file for each kind.
It is written under another name first: a folder with such a name is complete.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer import __version__
from installer.errors import UsageError
from installer.flow_project.objects import FlowObject
from installer.json_access import as_object, as_text, deeper_than, strings
from installer.prefect_setup.backup.read import secrets_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from installer.flow_project.objects import Kind
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

KIND: Final = "flowforge-prefect-backup"
VERSION: Final = 1
MAX_BYTES: Final = 20_000_000
MAX_LEVELS: Final = 60
_MANIFEST: Final = "backup.json"
_NAME: Final = re.compile(r"\d{8}T\d{6}Z")
_FILES: Final[Mapping[Kind, str]] = {
    "work pool": "work-pools.json",
    "work queue": "work-queues.json",
    "variable": "variables.json",
    "concurrency limit": "concurrency-limits.json",
    "block type": "block-types.json",
    "block": "blocks.json",
    "deployment": "deployments.json",
    "automation": "automations.json",
}
_SCHEDULES: Final = "schedules"
"""Member of a deployment with its schedules by slug."""


@dataclass(frozen=True)
class PrefectBackup:
    """A backup in files.

    Attributes:
        path: Its folder.
        environment: The environment whose server it was read from.
        installation: Prefix of the installation.
        at: When it was taken, as in the name of the folder.
        objects: The objects.

    """

    path: Path
    environment: str
    installation: str
    at: str
    objects: tuple[FlowObject, ...]

    @property
    def secrets(self) -> dict[str, tuple[str, ...]]:
        """Blocks with secrets, whose values no backup has, and the names of those."""
        return secrets_of(self.objects)


def write_backup(backup: PrefectBackup) -> None:
    """Write the files, private to the user. Raises UsageError if that is not possible."""
    aside = backup.path.with_name(f".{backup.path.name}.partial")
    secrets: Json = {name: strings(list(values)) for name, values in backup.secrets.items()}
    about: JsonObject = {
        "kind": KIND,
        "version": VERSION,
        "installer": __version__,
        "installation": backup.installation,
        "environment": backup.environment,
        "at": backup.at,
        "secretsToGiveAgain": secrets,
    }
    try:
        shutil.rmtree(aside, ignore_errors=True)  # of an attempt that was interrupted
        aside.mkdir(parents=True, mode=0o700)
        for name, content in {_MANIFEST: about, **dict(_contents(backup.objects))}.items():
            _write(aside / name, content)
        aside.rename(backup.path)
    except OSError as error:
        raise UsageError(f"{backup.path}: the backup cannot be written: {error.strerror}") from error


def _write(file: Path, content: Json) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _contents(objects: Sequence[FlowObject]) -> Iterator[tuple[str, Json]]:
    schedules: dict[str, dict[str, Json]] = {}
    for one in objects:
        if one.kind == "schedule":
            deployment, _, slug = one.name.rpartition("#")
            schedules.setdefault(deployment, {})[slug] = dict(one.fields)
    for kind, file in _FILES.items():
        found: dict[str, Json] = {one.name: dict(one.fields) for one in objects if one.kind == kind}
        if kind == "deployment":
            found = {name: {**as_object(of), _SCHEDULES: {**schedules.get(name, {})}} for name, of in found.items()}
        yield file, found


def read_backup(path: Path) -> PrefectBackup:
    """Read a backup; a missing file has no objects. Raises UsageError with the file that cannot be read."""
    about = _read(path / _MANIFEST)
    if about.get("kind") != KIND:
        raise UsageError(f"{path}: not a backup of Prefect: {_MANIFEST} has to have kind: {KIND}")
    if about.get("version") != VERSION:
        raise UsageError(f"{path}: this installer reads version {VERSION} of such backups; update it")
    found: list[FlowObject] = []
    for kind, file in _FILES.items():
        where = path / file
        for name, fields in (_read(where) if where.exists() else {}).items():
            if not isinstance(fields, dict):
                raise UsageError(f"{where}: {name} has no fields")
            if kind != "deployment":
                found.append(FlowObject(kind, name, fields))
                continue
            own = {key: value for key, value in fields.items() if key != _SCHEDULES}
            found.append(FlowObject(kind, name, own))
            for slug, schedule in as_object(fields.get(_SCHEDULES)).items():
                found.append(FlowObject("schedule", f"{name}#{slug}", as_object(schedule)))
    text = {name: as_text(about.get(name)) for name in ("environment", "installation", "at")}
    return PrefectBackup(path, text["environment"], text["installation"], text["at"], tuple(found))


def _read(file: Path) -> JsonObject:
    try:
        with file.open("rb") as content:
            raw = content.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise UsageError(f"{file}: larger than {MAX_BYTES:,} bytes, the limit for a file of a backup")
        found: Json = json.loads(raw)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    except RecursionError:
        raise UsageError(f"{file}: nested more than {MAX_LEVELS} levels deep") from None
    except ValueError as error:
        raise UsageError(f"{file}: not valid JSON: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{file}: has to be an object with the names of the objects as keys")
    if deeper_than(found, MAX_LEVELS):
        raise UsageError(f"{file}: nested more than {MAX_LEVELS} levels deep")
    return found


def folder_of(root: Path, environment: str, name: str) -> Path:
    """Folder of a backup."""
    return root / environment / name


def backups_in(root: Path, environment: str) -> list[Path]:
    """Folders of the complete backups of an environment, the newest first."""
    try:
        found = [one for one in (root / environment).iterdir() if _NAME.fullmatch(one.name) and one.is_dir()]
    except OSError:
        return []
    return sorted(found, key=lambda one: one.name, reverse=True)


def chosen_backup(root: Path, environment: str, given: Path | None) -> PrefectBackup:
    """The backup to restore: that folder, the newest one in it, or without one the newest in `root`. Raises UsageError."""
    if given is not None and (given / _MANIFEST).exists():
        return read_backup(given)
    found = backups_in(given or root, environment)
    if not found:
        raise UsageError(f"{given or root}: no backup of Prefect of {environment} in it")
    return read_backup(found[0])
