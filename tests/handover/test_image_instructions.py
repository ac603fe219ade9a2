"""Instructions for images: a build in the registry where its agents may push, else on a machine in the network."""

import pytest

from installer.estate.parameters.context import Installation
from installer.handover.image_instructions import image_instructions
from installer.images.commands import IMAGE_FOLDER
from tests.bicep.answers_matrix import MATRIX


@pytest.mark.parametrize(("file", "in_registry"), [("01-trial-public", True), ("07-hardened-gateway", False)])
def test_a_private_registry_gets_images_from_its_network(file: str, *, in_registry: bool) -> None:
    it = Installation(MATRIX[file])
    text = "\n\n".join(image_instructions(it))
    build = f"az acr build --subscription {it.subscription} --registry {it.names.registry} --image "
    assert (build in text) == in_registry
    pushed = f"docker push {it.names.registry_host}/{it.answers.platform.prefect_image}"
    assert (pushed in text) is not in_registry
    assert IMAGE_FOLDER in text
    assert it.answers.platform.web_image in text
