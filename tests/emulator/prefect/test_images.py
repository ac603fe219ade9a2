"""Files of built images: processes find the customer's flows in them, and missing packages are named."""

from pathlib import Path

from installer.emulator.prefect.images import LocalImages
from installer.images import IMAGE_FLOWS
from installer.images.flow_context import IMAGE_PROJECT
from installer.shipped_files import flow_project

DIGEST = f"sha256:{'ab' * 32}"
IMAGE = f"crff.azurecr.io/flowforge/flows@{DIGEST}"


def test_paths_of_an_image_lead_to_its_files(tmp_path: Path) -> None:
    images = LocalImages(tmp_path)
    images.keep(DIGEST, {f"{IMAGE_PROJECT}/flows.py": b"x = 1\n", "/../../outside": b"no"})
    local = images.local(IMAGE, f'{{"project": "{IMAGE_PROJECT}", "flows": "{IMAGE_FLOWS}"}}')
    folder = local.partition('"project": "')[2].partition('"')[0]
    assert (Path(folder) / "flows.py").read_bytes() == b"x = 1\n"
    assert str(flow_project()) in local
    assert not (tmp_path.parent / "outside").exists()
    other = f"crff.azurecr.io/flowforge/flows@sha256:{'cd' * 32}"
    assert IMAGE_PROJECT in images.local(other, f'"{IMAGE_PROJECT}"').strip('"')
    assert str(tmp_path) not in images.local(other, IMAGE_PROJECT)


def test_packages_that_this_machine_lacks_are_named(tmp_path: Path) -> None:
    images = LocalImages(tmp_path)
    needed = (
        b"# for the orders\nPrefect>=3\nno-such-package[extra]==1 ; python_version > '3'\n-r more.txt\nNo_Such_Other\n"
    )
    images.keep(DIGEST, {"/tmp/requirements.txt": needed})  # noqa: S108
    assert images.missing_packages() == ["no-such-other", "no-such-package"]
    assert LocalImages(tmp_path / "none").missing_packages() == []
