"""The private directory in which the installer keeps its files on this machine, and its layout.

draft.json               answers of a wizard that was left; those of a rehearsal are in draft-rehearsal.json
draft-aside-<n>.json     answers that were kept aside when the wizard was started over; likewise draft-rehearsal-aside-<n>.json
preferences.json         colours and notifications that the user has chosen
runs/<run>/              journal, exported answers, logs, home of the rehearsal's Prefect
rehearsals/<name>/       state of an embedded Azure
backups/<place>/<prefix>/<environment>/<time>/   objects of Prefect in files (operations/recovery/prefect_files.py)
fleets/<fleet>/<member>/ state directory of a member of a fleet, with its answers (fleet/member_command.py)
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from installer.errors import UsageError
from installer.jsontypes import Json
from installer.regular_files import read_regular

RUN_NAME = re.compile(r"^[a-z][a-z0-9]{0,20}-[0-9]{1,6}$")


@dataclass(frozen=True)
class StateDirectory:
    """The directory; its contents are created on first use, accessible to this user only."""

    path: Path

    @classmethod
    def at(cls, chosen: str | None) -> "StateDirectory":
        """The given directory, or the default one of the user. Raises UsageError if it cannot be used."""
        path = _chosen(chosen)
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UsageError(
                f"the state directory {path} cannot be created: {error.strerror}; choose one with --state-dir"
            ) from error
        if not os.access(path, os.W_OK | os.X_OK):
            raise UsageError(f"the state directory {path} cannot be written to; choose one with --state-dir")
        return cls(path)

    @classmethod
    def to_read(cls, chosen: str | None) -> "StateDirectory":
        """The same for a command that only reads: it is not created, and may be on a read-only file system."""
        path = _chosen(chosen)
        if path.exists() and not (path.is_dir() and os.access(path, os.R_OK | os.X_OK)):
            raise UsageError(f"the state directory {path} cannot be read; choose one with --state-dir")
        return cls(path)

    def draft(self, *, rehearsal: bool = False) -> Path:
        """File with the draft of the wizard; a rehearsal has its own, since its tenant and subscriptions do not exist."""
        return self.path / ("draft-rehearsal.json" if rehearsal else "draft.json")

    def drafts_aside(self, *, rehearsal: bool = False) -> list[Path]:
        """Files with drafts that were kept aside, the newest last."""
        stem = f"{self.draft(rehearsal=rehearsal).stem}-aside-"
        found = [one for one in self.path.glob(f"{stem}*.json") if one.stem.removeprefix(stem).isdecimal()]
        return sorted(found, key=lambda one: int(one.stem.removeprefix(stem)))

    def new_draft_aside(self, *, rehearsal: bool = False) -> Path:
        """The next file for such a draft."""
        before = self.drafts_aside(rehearsal=rehearsal)
        number = int(before[-1].stem.rpartition("-")[2]) + 1 if before else 1
        draft = self.draft(rehearsal=rehearsal)
        return draft.with_name(f"{draft.stem}-aside-{number}.json")

    @property
    def runs(self) -> Path:
        """Directory of the runs, with a subdirectory each."""
        return self.path / "runs"

    def run(self, name: str) -> Path:
        """Directory of an existing run. Raises UsageError if it does not exist."""
        path = self.runs / name
        if not RUN_NAME.match(name) or not path.is_dir():
            known = ", ".join(self.run_names()[-5:]) or "none yet"
            raise UsageError(f"run {name} does not exist; known runs: {known}")
        return path

    def run_names(self) -> list[str]:
        """Names of all runs, the newest last."""
        if not self.runs.is_dir():
            return []
        found = [entry for entry in self.runs.iterdir() if entry.is_dir() and RUN_NAME.match(entry.name)]
        return [entry.name for entry in sorted(found, key=_written)]

    def new_run(self, prefix: str) -> Path:
        """Create a directory for a new run, named by the prefix and the next number."""
        self.runs.mkdir(parents=True, exist_ok=True, mode=0o700)
        numbers = [int(name.rpartition("-")[2]) for name in self.run_names() if name.startswith(f"{prefix}-")]
        number = max(numbers, default=0) + 1
        while True:
            path = self.runs / f"{prefix}-{number}"
            try:
                path.mkdir(mode=0o700)
            except FileExistsError:
                number += 1
            else:
                return path

    def backups(self, prefix: str, *, rehearsal: bool) -> Path:
        """Folder for backups in files of an installation, with a subfolder for each environment."""
        return self.path / "backups" / ("rehearsals" if rehearsal else "installations") / prefix

    def new_adopted_run(self, name: str, prefix: str) -> Path:
        """Create a directory for a run from another machine, under its name or, if taken, the next one."""
        path = self.runs / name
        if not RUN_NAME.match(name) or path.exists():
            return self.new_run(prefix)
        path.mkdir(parents=True, mode=0o700)
        return path

    def rehearsal(self, name: str) -> Path:
        """Directory of an embedded Azure."""
        return self.path / "rehearsals" / name

    def new_rehearsal(self) -> Path:
        """Create a directory for a new embedded Azure."""
        import secrets  # its libraries are not needed by the first frame

        path = self.rehearsal(secrets.token_hex(4))
        path.mkdir(parents=True, mode=0o700)
        return path

    def write_draft(self, content: Json, *, rehearsal: bool = False) -> None:
        """Save the draft of the wizard. Raises UsageError on failure."""
        self.write_json(self.draft(rehearsal=rehearsal), content, "the answers")

    def read_draft(self, *, rehearsal: bool = False) -> Json:
        """The saved draft, or None if it is missing or damaged."""
        return self.read_json(self.draft(rehearsal=rehearsal))

    @staticmethod
    def write_json(path: Path, content: Json, what: str) -> None:
        """Replace a file of the directory as a whole. Raises UsageError on failure, which names `what`."""
        temporary = path.with_suffix(".new")
        try:
            temporary.touch(mode=0o600)
            temporary.write_text(json.dumps(content), encoding="utf-8")
            temporary.replace(path)
        except OSError as error:
            raise UsageError(f"{path}: {what} cannot be saved: {error.strerror}") from error

    @staticmethod
    def read_json(path: Path) -> Json:
        """Content of a file of the directory, or None if it is missing or damaged."""
        try:
            content: Json = json.loads(read_regular(path))
        except (OSError, ValueError, RecursionError):
            return None
        return content


def _chosen(chosen: str | None) -> Path:
    """Absolute path of the given directory, or of the default one."""
    try:
        path = Path(chosen).expanduser() if chosen else platformdirs.user_state_path("flowforge-installer")
    except RuntimeError:
        raise UsageError(f"the state directory {chosen}: there is no such user; choose one with --state-dir") from None
    return path.absolute()


def _written(run: Path) -> tuple[int, str]:
    """Sort key: when a run was last written. Watching a run touches its directory and lock, but not the journal."""
    journal = run / "journal.sqlite"
    return ((journal if journal.exists() else run).stat().st_mtime_ns, run.name)
