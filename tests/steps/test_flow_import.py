"""An image of the customer's flows that is built elsewhere: imported by its digest, with the credentials of its registry only."""

import base64
import json
from collections.abc import Mapping

import pytest

from installer.cloud.arm import Arm
from installer.cloud.rest import Service
from installer.errors import InstallerError
from installer.estate.parameters.context import Installation
from installer.images.context import packed
from installer.jsontypes import Json
from installer.secret_store import Secrets
from installer.steps.flow_image import ImportFlowImage
from installer.steps.flow_plan import FlowPlan, FlowWork
from tests.bicep.answers_variants import SUBSCRIPTION
from tests.steps.step_context import Attempt
from tests.steps.test_flows import BASE, FILES
from tests.steps.test_images import DIGEST, OTHER, SECRET, installation

IMPORTED = f"registry.example.com/team/flows@{DIGEST}"
SIGN_IN: dict[str, Json] = {"image_from": IMPORTED, "user": "contoso", "password": "env:FLOWS_PASSWORD"}


@pytest.fixture
def arm(azure: Service) -> Arm:
    Arm(azure.target, SUBSCRIPTION).register("microsoft.containerregistry", SUBSCRIPTION)
    return Arm(azure.target, SUBSCRIPTION)


def flows_of(azure: Service, prefix: str, flows: Mapping[str, object]) -> Installation:
    """An installation with a private registry, to which a customer would have to push otherwise."""
    return installation(azure, prefix, images={}, network={"private_registry": True}, flows=flows)


def step(arm: Arm, it: Installation, imported: str = IMPORTED) -> ImportFlowImage:
    work = FlowWork("deploy", "dev", imported=imported)
    prefect: dict[str, Json] = {"digest": BASE.partition("@")[2]}
    found = FlowPlan(it, arm, {"image-prefect": prefect}, work, Secrets()).image(FILES)
    assert isinstance(found, ImportFlowImage)
    return found


def test_the_image_is_imported_once_and_known_by_its_digest_afterwards(arm: Arm, azure: Service) -> None:
    it = flows_of(azure, "flowimport", {"image_from": IMPORTED})
    one = step(arm, it)
    assert one.recorded() == ""
    assert Attempt().run(one) == ("done", {"digest": DIGEST})
    assert Attempt().run(one) == ("was so", {"digest": DIGEST})
    assert one.recorded() == DIGEST
    assert one.exists(Attempt().context(one), DIGEST)
    other = step(arm, it, f"registry.example.com/team/flows@{OTHER}")
    assert other.recorded() == "", "another build of the flows is another image"
    assert Attempt().run(other) == ("done", {"digest": OTHER})


def test_its_password_is_only_sent_and_only_to_its_registry(
    arm: Arm, azure: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWS_PASSWORD", SECRET)
    it = flows_of(azure, "flowsecret", SIGN_IN)
    assert step(arm, it).sign_in == ("contoso", "env:FLOWS_PASSWORD")
    assert step(arm, it, f"elsewhere.example.com/team/flows@{DIGEST}").sign_in == ("", "")
    attempt = Attempt()
    assert attempt.run(step(arm, it))[0] == "done"
    requests = azure.ask("GET", "/rehearsal/requests").body
    assert SECRET not in json.dumps([requests, [repr(event) for event in attempt.events]])
    assert SECRET not in repr(attempt.memory.records)
    monkeypatch.delenv("FLOWS_PASSWORD")
    with pytest.raises(InstallerError, match="FLOWS_PASSWORD is not set"):
        Attempt().run(step(arm, flows_of(azure, "flownopass", SIGN_IN)))


def test_a_rehearsal_is_given_the_files_of_an_image_that_it_cannot_read(arm: Arm, azure: Service) -> None:
    it = flows_of(azure, "flowassume", {"image_from": IMPORTED})
    one = step(arm, it)
    context = base64.b64encode(packed(one.context_files)).decode()
    azure.ask("POST", "/rehearsal/images", {"digest": OTHER, "context": context})
    assert not one.exists(Attempt().context(one), OTHER), "the registry of the installation does not have it yet"
