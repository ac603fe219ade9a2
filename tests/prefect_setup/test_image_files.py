"""The files in an image that was built elsewhere have to be those that are deployed."""

from pathlib import Path

import pytest

from installer.errors import PrefectFailed
from installer.flow_project.project import read_project
from installer.prefect_setup.flows.image_files import check_image_files
from installer.prefect_setup.flows.order import FlowsOrder
from tests.flow_project.projects import files, folder

IMAGE = "crff.azurecr.io/flowforge/flows@sha256:1"


def order(mark: str, project: str) -> FlowsOrder:
    return FlowsOrder("dev", "apply", mark, (), IMAGE, project=project, built_elsewhere=True)


def test_the_same_files_are_accepted_whatever_python_has_cached_beside_them(tmp_path: Path) -> None:
    source = read_project(folder(tmp_path / "source", files()))
    image = folder(tmp_path / "image", {**files(), "__pycache__/flows.pyc": "x"})
    check_image_files(order(source.mark, image))
    assert FlowsOrder.from_json(order(source.mark, image).to_json()).built_elsewhere


def test_other_files_and_an_image_without_a_project_are_refused_with_the_remedy(tmp_path: Path) -> None:
    source = read_project(folder(tmp_path / "source", files()))
    image = folder(tmp_path / "image", files(**{"more.py": "x = 1\n"}))
    with pytest.raises(PrefectFailed, match=rf"has the files \w+, and the source has {source.mark}; build it from"):
        check_image_files(order(source.mark, image))
    with pytest.raises(PrefectFailed, match=f"the image {IMAGE} has no project: .*does not exist"):
        check_image_files(order(source.mark, str(tmp_path / "missing")))
