"""`./install.sh test`: lint, types, import rules and the whole test suite, fastest first; `audit`: known vulnerabilities of packages."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHON = sys.executable
CHECKS = (
    ("lint", [PYTHON, "-m", "ruff", "check", "--no-cache", "."]),
    ("format", [PYTHON, "-m", "ruff", "format", "--no-cache", "--check", "."]),
    ("types", [PYTHON, "-m", "mypy"]),
    ("imports", [PYTHON, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]),
)


WHOLE_SUITE = ["-q", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not long"]
"""One process more than cores: rehearsals wait for their servers most of the time. Long tests: `./install.sh test -m long`."""


def main(arguments: list[str]) -> int:
    """Run everything, or only pytest with the arguments given."""
    if arguments[:1] == ["audit"]:
        from tests.audit import main as audit

        return audit(arguments[1:])
    if not arguments:
        for name, command in CHECKS:
            print(f"== {name}", flush=True)
            code = subprocess.call(command, cwd=ROOT)
            if code:
                print(f"{name} failed", file=sys.stderr)
                return code
    print("== tests", flush=True)
    return subprocess.call([PYTHON, "-m", "pytest", *(arguments or WHOLE_SUITE)], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
