"""Images of environments: each deploys the common image, or its own one by digest; the answers of before mean what they did."""

import json

import pytest

from installer.answers.draft import Draft
from installer.answers.model import Answers
from installer.estate import keys
from installer.estate.assumed_images import assumed_images
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import (
    IMAGE_KINDS,
    ImageKind,
    ImageUse,
    answered_digest,
    answered_image,
    deployed_image,
    image_uses,
    imported_from,
    repository_of,
)
from installer.steps.image_steps import images_of
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import answers

OWN = {"web_image": f"flowforge/web@sha256:{'a' * 64}", "prefect_image": f"flowforge/prefect@sha256:{'b' * 64}"}
TWO = answers("dev", "qa", own={"qa": OWN}, platform={"runtime": "container_apps"})


@pytest.mark.parametrize("name", MATRIX)
def test_without_own_images_every_environment_has_the_common_ones(name: str) -> None:
    it = Installation(MATRIX[name])
    assert [*image_uses(it)] == [ImageUse(kind) for kind in IMAGE_KINDS]
    for kind in IMAGE_KINDS:
        digest = answered_digest(it, kind) or str(PLACEHOLDER_OUTPUTS[keys.image(kind)]["digest"])
        found = {deployed_image(it, kind, PLACEHOLDER_OUTPUTS, environment) for environment in it.environments}
        assert found == {f"{repository_of(answered_image(it, kind))}@{digest}"}


@pytest.mark.parametrize("kind", IMAGE_KINDS)
def test_an_own_image_changes_its_environment_only(kind: ImageKind) -> None:
    it = Installation(TWO)
    common = str(PLACEHOLDER_OUTPUTS[keys.image(kind)]["digest"])
    assert deployed_image(it, kind, PLACEHOLDER_OUTPUTS, "dev").endswith(common)
    assert deployed_image(it, kind, {}, "qa") == OWN[f"{kind}_image"]
    digest = OWN[f"{kind}_image"].rpartition("@")[2]
    having = {spec.environment for spec in stages(TWO) if digest in json.dumps(spec.parameters(PLACEHOLDER_OUTPUTS))}
    assert having <= {"qa", None}
    assert "qa" in having
    shared = {spec.environment for spec in stages(TWO) if common in json.dumps(spec.parameters(PLACEHOLDER_OUTPUTS))}
    assert shared <= {"dev", None}
    assert "dev" in shared


def test_stages_wait_for_the_images_that_they_deploy() -> None:
    waits = {spec.key: set(images_of(Installation(TWO), spec)) for spec in stages(TWO)}
    assert {"image-web-qa", "image-prefect-qa"} <= waits["controlplane-qa"]
    assert not any(key.endswith("-qa") for key in waits["controlplane-dev"])
    assert waits["observability"] == {"image-prefect", "image-prefect-qa"}


def test_an_image_that_no_environment_deploys_is_not_provided() -> None:
    every = answers("dev", "qa", own={"dev": OWN, "qa": OWN})
    assert [use.key for use in image_uses(Installation(every))] == [
        *("image-prefect-dev", "image-prefect-qa", "image-web-dev", "image-web-qa")
    ]
    assert {image.digest for image in assumed_images(every)} == {one.partition("@")[2] for one in OWN.values()}


def test_an_own_image_is_imported_from_beside_the_common_one() -> None:
    common = f"registry.example.com/vendor/web@sha256:{'1' * 64}"
    given = answers("dev", "qa", own={"qa": OWN}, images={"web_source": "import", "web_from": common})
    it = Installation(given)
    assert imported_from(it, "web", "dev") == common
    assert imported_from(it, "web", "qa") == f"registry.example.com/vendor/web@sha256:{'a' * 64}"


def test_the_questions_are_shown_where_environments_can_differ() -> None:
    def shown(given: Answers) -> set[str]:
        draft = Draft.of(given)
        return {question.key for question in draft.questions("qa")} & {"qa.web_image", "qa.prefect_image"}

    assert shown(TWO) == {"qa.web_image", "qa.prefect_image"}
    assert shown(answers("qa", own={"qa": {}})) == set()
    assert shown(answers("dev", "qa")) == set()


@pytest.mark.parametrize("text", ["flowforge/web:1.0.0", "registry.example.com:5000/web@sha256:" + "a" * 64, "web"])
def test_an_own_image_needs_a_digest(text: str) -> None:
    problem = Draft.of(TWO).type("qa.web_image", text)
    assert problem is not None
    assert "sha256" in problem.message
