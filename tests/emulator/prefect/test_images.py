"""Files of built images: processes find the customer's flows in them, and missing packages are named."""

import json
from pathlib import Path

from installer.emulator.prefect.images import ORDER, LocalImages
from installer.emulator.providers.kubernetes.workloads import Container
from installer.images.flow_context import IMAGE_PROJECT

DIGEST = f"sha256:{'ab' * 32}"
IMAGE = f"crff.azurecr.io/flowforge/flows@{DIGEST}"


def order_of(images: LocalImages, image: str) -> str:
    found = images.with_paths(Container(image, ("python",), {ORDER: f'{{"project": "{IMAGE_PROJECT}"}}', "A": "1"}))
    assert found.settings["A"] == "1"
    return str(json.loads(found.settings[ORDER])["project"])


def test_paths_of_an_image_lead_to_its_files(tmp_path: Path) -> None:
    images = LocalImages(tmp_path / "images")
    images.keep(DIGEST, {f"{IMAGE_PROJECT}/flows.py": b"x = 1\n", "/../../outside": b"no"})
    assert (Path(order_of(images, IMAGE)) / "flows.py").read_bytes() == b"x = 1\n"
    assert not (tmp_path / "outside").exists()
    assert order_of(images, f"crff.azurecr.io/flowforge/flows@sha256:{'cd' * 32}") == IMAGE_PROJECT
    assert order_of(images, "crff.azurecr.io/flowforge/flows:1") == IMAGE_PROJECT


def test_packages_that_this_machine_lacks_are_named(tmp_path: Path) -> None:
    images = LocalImages(tmp_path)
    needed = (
        b"# for the orders\nPrefect>=3\nno-such-package[extra]==1 ; python_version > '3'\n-r more.txt\nNo_Such_Other\n"
    )
    images.keep(DIGEST, {"/tmp/requirements.txt": needed})  # noqa: S108
    assert images.missing_packages() == ["no-such-other", "no-such-package"]
    assert LocalImages(tmp_path / "none").missing_packages() == []
