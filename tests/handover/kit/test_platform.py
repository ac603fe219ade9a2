"""The machine of a kit: options of pip and values of markers for it, and refusals with all that is wrong."""

from itertools import pairwise

import pytest

from installer.errors import UsageError
from installer.handover.kit.platform import Machine


def test_this_machine_asks_pip_for_nothing_special() -> None:
    assert Machine().pip_options() == ()
    assert "Python 3." in Machine().title


def test_wheels_of_older_libraries_are_accepted_by_a_newer_one() -> None:
    options = Machine(("manylinux_2_28_x86_64",), "3.12").pip_options()
    tags = [one for before, one in pairwise(options) if before == "--platform"]
    assert {"manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64"} <= {*tags}
    assert "manylinux_2_29_x86_64" not in tags
    assert options[-3:] == ("--python-version", "3.12", "--only-binary=:all:")


def test_an_old_library_has_no_newer_names() -> None:
    assert "manylinux2014_aarch64" not in Machine(("manylinux_2_12_aarch64",)).pip_options()
    assert "musllinux_1_1_x86_64" in Machine(("musllinux_1_2_x86_64",)).pip_options()


@pytest.mark.parametrize(
    ("tag", "tool"), [("macosx_14_0_arm64", "shasum -a 256"), ("musllinux_1_2_x86_64", "sha256sum")]
)
def test_checksums_are_compared_by_the_tool_of_that_system(tag: str, tool: str) -> None:
    assert Machine((tag,)).checksum_command.startswith(f"{tool} --check")


@pytest.mark.parametrize(
    ("tag", "system", "machine"),
    [
        ("manylinux_2_28_aarch64", "linux", "aarch64"),
        ("musllinux_1_2_x86_64", "linux", "x86_64"),
        ("macosx_14_0_arm64", "darwin", "arm64"),
        ("win_amd64", "win32", "amd64"),
    ],
)
def test_markers_have_the_values_of_that_machine(tag: str, system: str, machine: str) -> None:
    values = Machine((tag,), "3.13").environment()
    assert (values["sys_platform"], values["platform_machine"]) == (system, machine)
    assert (values["python_version"], values["python_full_version"]) == ("3.13", "3.13.0")


def test_everything_that_is_not_accepted_is_named_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        Machine(("ubuntu", "manylinux_2_28_x86_64", "beos_x86_64"), "2.7").check()
    text = str(refused.value)
    assert all(word in text for word in ("ubuntu", "beos_x86_64", "2.7", "manylinux_2_28_x86_64", "3.12"))
    with pytest.raises(UsageError, match="needs --platform"):
        Machine((), "3.12").check()
