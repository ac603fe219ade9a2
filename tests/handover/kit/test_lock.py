"""Every package of the shipped lock files is read, with all of its hashes; markers decide who needs it."""

import re

import pytest

from installer import shipped_files
from installer.handover.kit.lock import locked
from installer.handover.kit.platform import Machine

OWN = {
    "installer": shipped_files.installer_lock(),
    "image": (shipped_files.prefect_image() / "requirements.lock").read_text(encoding="utf-8"),
}


@pytest.mark.parametrize("which", OWN)
def test_nothing_of_a_lock_is_lost(which: str) -> None:
    text = OWN[which]
    found = locked(text)
    assert len(found) == len(re.findall(r"^[A-Za-z].*?==", text, re.MULTILINE))
    assert sum(len(one.hashes) for one in found) == text.count("--hash=")
    assert all(one.hashes and " " not in one.version for one in found)


def test_a_requirement_is_a_line_that_pip_takes_and_has_no_marker() -> None:
    (one,) = locked("Some.Name[extra]==1.2 ; sys_platform == 'win32' \\\n    --hash=sha256:" + "a" * 64 + "\n")
    assert (one.name, one.version, one.marker) == ("some-name", "1.2", "sys_platform == 'win32'")
    assert one.requirement == f"some-name==1.2 \\\n    --hash=sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("tag", "needs"),
    [("win_amd64", True), ("manylinux_2_28_x86_64", False), ("macosx_14_0_arm64", False)],
)
def test_a_marker_is_judged_for_the_machine_of_the_kit(tag: str, *, needs: bool) -> None:
    (one,) = locked("pywin32==1 ; sys_platform == 'win32' \\\n    --hash=sha256:" + "a" * 64 + "\n")
    assert one.applies(Machine((tag,)).environment()) is needs
