"""The wheel carries everything that the product needs, and works from anywhere."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout and unpacked as an installation would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("flowforge_installer-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def python(site: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with the unpacked wheel before everything else, away from the checkout."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=site.parent,
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_carries_templates_styles_flows_and_data(unpacked: Path) -> None:
    for needed in (
        "bicep/compiled/foundation.json",
        "screens/base/flowforge.tcss",
        "installer/prefect_setup/project/prefect.yaml",
        "installer/durations.json",
        "installer/immutable_properties.json",
        "installer/estate/egress.toml",
        "installer/estate/resource_type_names.toml",
        "installer/handover/report/security_controls.toml",
        "installer/integrations.json",
        "installer/provider_needs.json",
        "installer/regional_ties.toml",
        "installer/requirements.lock",
    ):
        assert (unpacked / needed).is_file(), needed
    assert not (unpacked / "tests").exists()


def test_it_has_the_command(unpacked: Path) -> None:
    (entry,) = unpacked.glob("*.dist-info/entry_points.txt")
    assert "flowforge-install = installer.cli.entry:main" in entry.read_text(encoding="utf-8")


def test_it_plans_an_estate_away_from_the_checkout(unpacked: Path) -> None:
    answers = ROOT / "tests" / "answers" / "dev.yaml"
    code = (
        "import installer, sys; from pathlib import Path; from installer.answers.files import load;"
        "from installer.estate.resources import resources; print(installer.__file__);"
        f"print(sum(1 for _ in resources(load(Path({str(answers)!r})).answers)))"
    )
    done = python(unpacked, "-c", code)
    assert done.returncode == 0, done.stderr
    place, count = done.stdout.split()
    assert place.startswith(str(unpacked))
    assert int(count) > 50


def test_its_command_answers(unpacked: Path) -> None:
    done = python(unpacked, "-m", "installer", "validate", str(ROOT / "tests" / "answers" / "dev.yaml"))
    assert done.returncode == 0, done.stderr
    assert "all valid" in done.stdout
