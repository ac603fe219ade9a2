"""The Prefect image: its lock, its Dockerfile, and the environment that rehearsals and tests start instead of it."""

import os
import re
import subprocess
from pathlib import Path
from typing import Final

from installer.answers.pages.platform import Platform
from installer.emulator.prefect.local import image_python, process_environment
from installer.prefect_setup.desired import FlowRunLocation

FOLDER: Final = Path(__file__).parents[2] / "installer" / "images" / "prefect"
LOCK: Final = (FOLDER / "requirements.lock").read_text(encoding="utf-8")
PINNED: Final = dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==([^\s;]+)", LOCK, re.MULTILINE))
WANTED: Final = [
    re.split(r"[\[<>= #]", line)[0]
    for line in (FOLDER / "requirements.in").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
NEEDED: Final = (
    "prefect_azure.plugins prefect_azure.blob_storage prefect_kubernetes prefect_redis asyncpg aiohttp adlfs"
)


def _in_image(program: str) -> str:
    done = subprocess.run([image_python(), "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_every_package_is_pinned_with_hashes() -> None:
    packages = re.split(r"\n(?=\S)", LOCK)
    assert [one for one in packages if not one.startswith("#") and "--hash=sha256:" not in one] == []
    assert len(packages) > 100
    assert set(WANTED) <= PINNED.keys()


def test_the_image_has_the_prefect_of_its_tag() -> None:
    assert Platform.model_fields["prefect_image"].default.rpartition(":")[2] == PINNED["prefect"]


def test_the_environment_of_rehearsals_has_the_packages_of_the_image() -> None:
    """`./install.sh test` makes it; rehearsals start servers, workers and jobs from it."""
    assert "prefect-image" in image_python()
    program = f"import {', '.join(NEEDED.split())}; from importlib.metadata import distributions as all_of\n"
    installed = _in_image(program + "for one in all_of(): print(one.metadata['Name'], one.version)")
    found = {name.lower().replace("_", "-"): version for name, version in map(str.split, installed.splitlines())}
    assert {name: found.get(name) for name in WANTED} == {name: PINNED[name] for name in WANTED}


def test_the_image_runs_as_an_unprivileged_user_and_has_the_flows() -> None:
    lines = (FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    (user,) = (line.split()[1] for line in lines if line.startswith("USER "))
    assert user.split(":")[0].isdecimal()
    assert int(user.split(":")[0]) > 0
    assert f"COPY flows {FlowRunLocation.on_azure('').flows}" in lines
    assert any("--require-hashes" in line for line in lines)
    assert any(line.startswith("HEALTHCHECK ") for line in lines)


def test_what_a_rehearsal_sets_for_a_process_the_image_or_the_manifest_sets_too() -> None:
    """But for what belongs to the machine: folders, the locale, and no proxy on loopback."""
    text = (FOLDER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    of_image = dict(re.findall(r"(\w+)=(\S+)", "".join(re.findall(r"^ENV (.*)$", text, re.MULTILINE))))
    local = process_environment(Path())
    own = {name: value for name, value in local.items() if name not in {*os.environ, "NO_PROXY", "no_proxy"}}
    del own["PREFECT_HOME"], own["PREFECT_SERVER_ANALYTICS_ENABLED"]  # a folder; server_settings of the estate has it
    assert own
    assert {name: of_image.get(name) for name in own} == own
