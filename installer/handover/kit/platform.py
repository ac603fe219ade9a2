"""The machine for which a kit is made: this one, or another one by its platform tag and version of Python."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from packaging.markers import default_environment

from installer.errors import UsageError

_SYSTEMS: Final[Mapping[str, tuple[str, str]]] = {
    "manylinux": ("linux", "Linux"),
    "musllinux": ("linux", "Linux"),
    "linux": ("linux", "Linux"),
    "macosx": ("darwin", "Darwin"),
    "win": ("win32", "Windows"),
}
_TAG: Final = re.compile(
    r"^(?P<system>manylinux|musllinux|linux|macosx|win)[0-9_]*_(?P<machine>x86_64|aarch64|arm64|amd64)$"
)
"""Platform tags: packaging.python.org/en/latest/specifications/platform-compatibility-tags/ ."""
_OLD_NAMES: Final[Mapping[str, int]] = {"manylinux2014": 17, "manylinux2010": 12, "manylinux1": 5}
"""Former names of manylinux tags, with their minor version of glibc 2."""
_PYTHON: Final = re.compile(r"^3\.(?:1[1-9]|[2-9][0-9])$")


@dataclass(frozen=True)
class Machine:
    """A machine.

    Attributes:
        tags: platform tags that pip accepts there, the preferred one first; empty for this machine.
        python: version of Python, such as 3.12; "" for that of this machine.

    """

    tags: tuple[str, ...] = ()
    python: str = ""

    def check(self) -> None:
        """Raise UsageError with all that is not accepted."""
        problems = [
            f"--platform {tag}: accepted: a platform tag of wheels, such as manylinux_2_28_x86_64 or macosx_14_0_arm64"
            for tag in self.tags
            if not _TAG.match(tag)
        ]
        if self.python and not _PYTHON.match(self.python):
            problems.append(f"--python {self.python}: accepted: a version from 3.11 on, such as 3.12")
        if self.python and not self.tags:
            problems.append(
                "--python: needs --platform, such as manylinux_2_28_x86_64: wheels are for a system and a version"
            )
        if problems:
            raise UsageError("\n".join(problems))

    @property
    def title(self) -> str:
        """Tags and version, for people."""
        here = default_environment()
        tags = ", ".join(self.tags) or f"{here['platform_system']} {here['platform_machine']}"
        return f"{tags}, Python {self.python or here['python_version']}"

    @property
    def checksum_command(self) -> str:
        """The command that compares the files of a kit with their checksums."""
        tool = "shasum -a 256" if self.environment()["sys_platform"] == "darwin" else "sha256sum"
        return f"{tool} --check --quiet SHA256SUMS"

    @property
    def is_musl(self) -> bool:
        """Whether the machine has musl as its C library."""
        return any(tag.startswith("musllinux") for tag in self.tags)

    def environment(self) -> Mapping[str, str]:
        """Values of environment markers (PEP 508) on this machine."""
        values = cast("dict[str, str]", dict(default_environment()))
        if self.python:
            values |= {"python_version": self.python, "python_full_version": f"{self.python}.0"}
        if self.tags:
            found = _TAG.match(self.tags[0])
            assert found is not None  # noqa: S101  check() has refused others
            values["sys_platform"], values["platform_system"] = _SYSTEMS[found["system"]]
            values["os_name"] = "nt" if found["system"] == "win" else "posix"
            values["platform_machine"] = found["machine"]
        return values

    def pip_options(self) -> tuple[str, ...]:
        """Options of pip download for this machine."""
        if not self.tags:
            return ()
        tags = dict.fromkeys(one for tag in self.tags for one in _accepted(tag))
        python = ("--python-version", self.python) if self.python else ()
        return (*(part for tag in tags for part in ("--platform", tag)), *python, "--only-binary=:all:")


def _accepted(tag: str) -> Iterator[str]:
    """The tag, and those of older C libraries, whose wheels run there too; pip accepts only the tags of its options.

    Sources: peps.python.org/pep-0600 (manylinux and its old names), peps.python.org/pep-0656 (musllinux).
    """
    yield tag
    found = re.match(r"^(manylinux_2|musllinux_1)_(\d+)_(\w+)$", tag)
    if found is None:
        return
    library, version, machine = found[1], int(found[2]), found[3]
    yield from (f"{library}_{older}_{machine}" for older in range(version - 1, -1, -1))
    if library == "manylinux_2":
        yield from (f"{name}_{machine}" for name, oldest in _OLD_NAMES.items() if version >= oldest)
