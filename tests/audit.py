"""Known vulnerabilities of the locked packages.

python -m tests audit [--service pypi|osv]

Asks the database of pip-audit about every package of every lock file; installs nothing. Exit code 0 if no vulnerability is known,
1 if there are some, 3 if the database was not reached or does not know packages: then nothing is proved, and it says so.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
LOCKS: Final = ("requirements.lock", "requirements-dev.lock", "installer/images/prefect/requirements.lock")
NOT_PROVED: Final = 3
SECONDS: Final = 900
Asked = Callable[[Path, str], "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True)
class Audit:
    """What the database says about one lock file.

    Attributes:
        audited: Number of packages that it knows.
        found: A line for each vulnerability.
        skipped: Packages about which it says nothing.
        failure: Why it was not asked, "" if it was.

    """

    audited: int = 0
    found: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    failure: str = ""

    @property
    def code(self) -> int:
        """Exit code."""
        return 1 if self.found else NOT_PROVED if self.failure or self.skipped else 0


def ask(lock: Path, service: str) -> "subprocess.CompletedProcess[str]":
    """Run pip-audit on a lock file, which has all packages with their hashes."""
    words = [
        "--requirement",
        str(lock),
        "--disable-pip",
        "--require-hashes",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    command = [sys.executable, "-m", "pip_audit", *words, "--vulnerability-service", service, "--timeout", "15"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)


def audit_of(ended: "subprocess.CompletedProcess[str]") -> Audit:
    """The result of pip-audit; its exit code 1 means both that something was found and that it could not ask."""
    try:
        packages: Sequence[Mapping[str, Any]] = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        said = [line for line in ended.stderr.splitlines() if line.strip()]
        return Audit(failure=said[-1][:300] if said else f"pip-audit ended with {ended.returncode}")
    known = [one for one in packages if "skip_reason" not in one]
    return Audit(
        len(known),
        tuple(
            f"{one['name']} {one['version']}: {_line(vulnerability)}" for one in known for vulnerability in one["vulns"]
        ),
        tuple(str(one["name"]) for one in packages if "skip_reason" in one),
    )


def _line(vulnerability: Mapping[str, Any]) -> str:
    names = ", ".join([vulnerability["id"], *vulnerability.get("aliases", ())])
    fixed = ", ".join(vulnerability.get("fix_versions", ())) or "no version"
    return f"{names}, fixed in {fixed}"


def main(arguments: list[str], asked: Asked = ask) -> int:
    """Audit every lock file, print what was found, and what was not asked."""
    parser = argparse.ArgumentParser(prog="python -m tests audit", description=__doc__)
    parser.add_argument("--service", choices=("pypi", "osv"), default="pypi")
    service = parser.parse_args(arguments).service
    codes = set()
    for name in LOCKS:
        found = audit_of(asked(ROOT / name, service))
        codes.add(found.code)
        print(f"{name}: {found.audited} packages audited, {len(found.found)} known vulnerabilities")
        print(*(f"  {line}" for line in found.found), sep="\n", end="\n" if found.found else "")
        if found.failure:
            print(f"  NOT AUDITED: the database {service} was not reached: {found.failure}")
        if found.skipped:
            print(
                f"  NOT AUDITED: {service} does not know {len(found.skipped)} packages: {', '.join(found.skipped[:5])}, …"
            )
    return 1 if 1 in codes else max(codes)
