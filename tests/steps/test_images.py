"""Images reach the registry in three ways, and are deployed by a digest that Azure remembers."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pytest
from typing_extensions import override

from installer.cloud.arm import Arm
from installer.cloud.rest import Method, Response, Service
from installer.cloud.signed_urls import SignedUrls
from installer.engine.step import Question, Stop
from installer.errors import DeploymentFailed, WaitingForInput
from installer.estate.parameters.context import Installation
from installer.images import context
from installer.secret_store import Secrets
from installer.steps import image_build
from installer.steps.deployed_outputs import known_outputs
from installer.steps.image_build import BuildImage
from installer.steps.image_import import ImportImage
from installer.steps.image_push import AwaitPushedImage
from installer.steps.image_steps import image_steps
from installer.steps.images import ProvideImage
from tests.bicep.answers_variants import REGION, SUBSCRIPTION, answers
from tests.steps.prerequisites import put
from tests.steps.step_context import Attempt

if TYPE_CHECKING:
    from installer.jsontypes import Json

DIGEST: Final = f"sha256:{'ab' * 32}"
OTHER: Final = f"sha256:{'cd' * 32}"
SECRET: Final = "Wjk-2qX-not-for-any-file"


@pytest.fixture
def arm(azure: Service) -> Arm:
    Arm(azure.target, SUBSCRIPTION).register("microsoft.containerregistry", SUBSCRIPTION)
    return Arm(azure.target, SUBSCRIPTION)


def installation(azure: Service, prefix: str, **given: Mapping[str, object]) -> Installation:
    """An installation with its registry."""
    it = Installation(answers("dev", cloud="public", prefix=prefix, region=REGION, own=None, **given))
    group = f"/subscriptions/{it.subscription}/resourceGroups/{it.names.platform_group}"
    put(azure, group, "2025-04-01", location=it.location)
    registry = f"{group}/providers/Microsoft.ContainerRegistry/registries/{it.names.registry}"
    put(azure, registry, "2025-11-01", location=it.location, sku={"name": "Premium"}, properties={})
    return it


def build(arm: Arm, it: Installation) -> BuildImage:
    return BuildImage(arm=arm, service=Service.of_arm(arm.target), it=it, kind="prefect", signed=SignedUrls(arm.target))


def push_step(arm: Arm, it: Installation) -> AwaitPushedImage:
    return AwaitPushedImage(arm=arm, service=Service.of_arm(arm.target), it=it, kind="web")


def pushed(azure: Service, step: ProvideImage, digest: str) -> None:
    body: dict[str, Json] = {
        "registry": step.registry,
        "repository": step.repository,
        "tag": step.image.partition("@")[0].partition(":")[2],
        "digest": digest,
    }
    azure.ask("POST", "/rehearsal/images", body)


def test_a_build_streams_its_log_and_its_digest_is_remembered(arm: Arm, azure: Service) -> None:
    it = installation(azure, "build", images={"prefect_source": "build"}, network={"private_registry": False})
    first = Attempt()
    how, outputs = first.run(build(arm, it))
    assert how == "done"
    assert str(outputs["digest"]).startswith("sha256:")
    lines = first.texts("log")
    assert any(line.startswith("Step 1/") for line in lines)
    assert any(str(outputs["digest"]) in line for line in lines)
    assert Attempt().run(build(arm, it)) == ("was so", outputs)
    assert known_outputs(arm, it.answers)["image-prefect"]["digest"] == outputs["digest"]


def test_other_files_make_another_image(arm: Arm, azure: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    it = installation(azure, "rebuild", images={"prefect_source": "build"}, network={"private_registry": False})
    _, before = Attempt().run(build(arm, it))
    changed = {**context.context_files(), "flows/more.py": b"# more"}
    monkeypatch.setattr(context, "context_files", lambda: changed)
    context.build_context.cache_clear()
    try:
        how, after = Attempt().run(build(arm, it))
    finally:
        context.build_context.cache_clear()
    assert how == "done"
    assert after != before


def test_a_failed_build_shows_its_last_lines(arm: Arm, azure: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    it = installation(azure, "nobuild", images={"prefect_source": "build"}, network={"private_registry": False})
    monkeypatch.setattr(image_build, "DOCKERFILE", "Containerfile")
    with pytest.raises(DeploymentFailed, match="ended as Failed") as caught:
        Attempt().run(build(arm, it))
    assert "Containerfile: no such file" in str(caught.value)


def test_a_build_that_an_earlier_attempt_began_is_followed(arm: Arm, azure: Service) -> None:
    it = installation(azure, "follow", images={"prefect_source": "build"}, network={"private_registry": False})
    step, attempt = build(arm, it), Attempt()
    run = step._start(attempt.context(step))
    _, outputs = attempt.run(step)
    runs = azure.every(f"{step.registry}/runs?api-version={image_build.VERSION}")
    assert [one["name"] for one in runs] == [run]
    assert outputs["digest"]


def test_an_image_that_was_deleted_is_provided_again(arm: Arm, azure: Service) -> None:
    it = installation(azure, "deleted")
    step = push_step(arm, it)
    pushed(azure, step, DIGEST)
    assert Attempt(answering=lambda _question, _stop: DIGEST).run(step)[0] == "done"
    path = f"{step.registry}/images/{step.repository.replace('/', '~')}@{DIGEST}"
    azure.ask("DELETE", f"{path}?api-version=2025-11-01")
    attempt = Attempt()
    assert step.check(attempt.context(step)) is None
    assert "no longer exists" in attempt.texts("warning")[0]


def test_an_import_keeps_the_digest_and_sends_credentials_only(
    arm: Arm, azure: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_PASSWORD", SECRET)
    images: dict[str, Json] = {
        "web_source": "import",
        "web_from": f"registry.example.com/flowforge/web@{DIGEST}",
        "user": "contoso",
        "password": "env:REGISTRY_PASSWORD",
    }
    it = installation(azure, "import", images=images)
    step = ImportImage(arm=arm, service=azure, it=it, kind="web", secrets=Secrets())
    attempt = Attempt()
    assert attempt.run(step) == ("done", {"digest": DIGEST})
    assert Attempt().run(step) == ("was so", {"digest": DIGEST})
    requests = azure.ask("GET", "/rehearsal/requests").body
    assert SECRET not in json.dumps([requests, [repr(event) for event in attempt.events]])
    assert SECRET not in repr(attempt.memory.records)


def test_a_missing_password_is_told_before_anything_is_sent(arm: Arm, azure: Service) -> None:
    images: dict[str, Json] = {
        "web_source": "import",
        "web_from": f"registry.example.com/flowforge/web@{DIGEST}",
        "user": "contoso",
        "password": "env:FLOWFORGE_NOT_SET",
    }
    step = ImportImage(
        arm=arm, service=azure, it=installation(azure, "nopass", images=images), kind="web", secrets=Secrets()
    )
    with pytest.raises(Exception, match="FLOWFORGE_NOT_SET is not set"):
        Attempt().run(step)


def test_a_push_is_awaited_with_its_commands(arm: Arm, azure: Service) -> None:
    it = installation(azure, "await")
    with pytest.raises(WaitingForInput) as caught:
        Attempt().run(push_step(arm, it))
    assert caught.value.exit_code == 7
    text = str(caught.value)
    assert f"docker push {it.names.registry_host}/{it.answers.platform.web_image}" in text
    assert "from a machine in the network" in text


def test_wrong_digests_are_asked_again(arm: Arm, azure: Service) -> None:
    step = push_step(arm, installation(azure, "again"))
    pushed(azure, step, DIGEST)
    attempt = Attempt()
    replies, asked = iter(["latest", OTHER, DIGEST]), []

    def answer(question: Question, stop: Stop) -> str:
        asked.append(question.text)
        return next(replies)

    attempt.answering = answer
    assert attempt.run(step)[1] == {"digest": DIGEST}
    assert attempt.texts("warning") == ['"latest" is not accepted; expected: sha256: and 64 hexadecimal digits']
    assert f"The registry has no {step.repository}@{OTHER}" in asked[2]


def test_a_digest_in_the_answers_is_not_asked_for(arm: Arm, azure: Service) -> None:
    image = f"flowforge/web@{DIGEST}"
    step = push_step(arm, installation(azure, "known", platform={"web_image": image}))
    with pytest.raises(WaitingForInput, match=f"{image} is not in the registry"):
        Attempt().run(step)
    pushed(azure, step, DIGEST)
    assert Attempt().run(step) == ("done", {"digest": DIGEST})


class Counting(Service):
    """A service that counts imports."""

    imports = 0

    @override
    def ask(self, method: Method, path: str, *given: Any, **more: Any) -> Response:
        """One request."""
        type(self).imports += "/importImage?" in path
        return super().ask(method, path, *given, **more)


@pytest.mark.parametrize("way", ["import", "push"])
def test_an_image_is_proved_once_when_it_is_provided(arm: Arm, azure: Service, way: str) -> None:
    counting, given = Counting(azure.target, azure.target.endpoint, azure.target.audience), {}
    Counting.imports = 0
    if way == "import":
        given = {"images": {"web_source": "import", "web_from": f"registry.example.com/flowforge/web@{DIGEST}"}}
    it = installation(azure, f"once{way}", **given)
    step: ProvideImage = (
        ImportImage(arm=arm, service=counting, it=it, kind="web", secrets=Secrets())
        if way == "import"
        else AwaitPushedImage(arm=arm, service=counting, it=it, kind="web")
    )
    if way == "push":
        pushed(azure, step, DIGEST)
    assert Attempt(answering=lambda _question, _stop: DIGEST).run(step) == ("done", {"digest": DIGEST})
    assert Counting.imports == 1


def test_the_own_image_of_an_environment_has_its_own_step_and_record(arm: Arm, azure: Service) -> None:
    it = installation(azure, "ownimage")
    own = {"web_image": f"flowforge/web@{OTHER}", "prefect_image": f"flowforge/prefect@{OTHER}"}
    given = answers("dev", "qa", cloud="public", prefix="ownimage", region=REGION, own={"qa": own})
    given = given.model_copy(update={"images": given.images.model_copy(update={"prefect_source": "build"})})
    steps = {step.key: step for step in image_steps(Installation(given), arm, Secrets(), {})}
    assert [*steps] == ["image-prefect", "image-prefect-qa", "image-web", "image-web-qa"]
    assert isinstance(steps["image-prefect"], BuildImage)
    for key in ("image-prefect-qa", "image-web-qa"):
        step = steps[key]
        with pytest.raises(WaitingForInput, match=f"{step.image} is not in the registry"):
            Attempt().run(step)  # a build yields another digest, so none is started
        pushed(azure, step, OTHER)
        assert Attempt().run(step) == ("done", {"digest": OTHER})
        assert Attempt().run(step) == ("was so", {"digest": OTHER})
    assert {key: one["digest"] for key, one in known_outputs(arm, given).items() if key.endswith("-qa")} == {
        "image-prefect-qa": OTHER,
        "image-web-qa": OTHER,
    }
    assert it.names.registry == Installation(given).names.registry
