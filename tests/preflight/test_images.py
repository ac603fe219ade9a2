"""Images: a registry that refuses the import is named, and the embedded Azure refuses it too."""

from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.cloud.errors import AzureRefused
from installer.jsontypes import Json
from installer.preflight.images import IMAGES
from installer.preflight.model import Finding, Result
from tests.emulator.in_memory import SCOPE
from tests.preflight.surveyed import checked, sample, subject_of, with_way

DIGEST: Final = f"sha256:{'0' * 64}"
OWN: Final = f"crvendor.azurecr.io/flowforge/web@{DIGEST}"
GROUP: Final = f"{SCOPE}/resourceGroups/rg-images"
REGISTRY: Final = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crvendor"
CLOSED: Final[dict[str, Json]] = {
    "anonymousPullEnabled": True,
    "publicNetworkAccess": "Disabled",
    "networkRuleBypassOptions": "None",
}


def importing(image: str = OWN, **images: str) -> Answers:
    return sample(images={"web_source": "import", "web_from": image, **images})


def found(folder: Path, given: Answers, **properties: Json) -> Result:
    return checked(folder, IMAGES, given, resources=stored(**properties))


def stored(**properties: Json) -> list[dict[str, Json]]:
    """A registry in the subscription."""
    registry: dict[str, Json] = {"id": REGISTRY, "location": "swedencentral", "properties": properties}
    return [{"id": GROUP, "location": "swedencentral"}, {**registry, "sku": {"name": "Premium"}}]


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


def test_without_an_import_there_is_nothing_to_check(tmp_path: Path) -> None:
    assert checked(tmp_path, IMAGES, sample()).state == "passed"


def test_a_registry_elsewhere_is_not_checked(tmp_path: Path) -> None:
    result = found(tmp_path, importing(f"ghcr.io/flowforge/web@{DIGEST}"))
    assert result.findings == ()
    assert [one.why for one in result.not_checked] == [
        "only Azure reaches its registry: the import proves that it exists"
    ]


def test_a_registry_that_admits_the_import(tmp_path: Path) -> None:
    result = found(tmp_path, importing(), anonymousPullEnabled=True)
    assert result.findings == ()
    assert [proof.text for proof in result.proofs] == ["the registry crvendor.azurecr.io admits the import"]


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({}, "the registry crvendor.azurecr.io requires a sign-in, and the answers have no user for it"),
        (CLOSED, "the firewall of the registry crvendor.azurecr.io does not admit trusted Azure services"),
    ],
    ids=["sign-in", "firewall"],
)
def test_a_registry_that_refuses_the_import_leads_to_a_push(
    tmp_path: Path, properties: dict[str, Json], words: str
) -> None:
    given = importing()
    finding = only(found(tmp_path, given, **properties))
    assert finding.what == words
    assert found(tmp_path / "again", with_way(given, finding, 1), **properties).state == "passed"
    assert _azure_refuses(tmp_path / "azure", properties)


def _azure_refuses(folder: Path, properties: dict[str, Json]) -> bool:
    """Whether an import without a user is refused."""
    with subject_of(folder, sample(), resources=stored(**properties)) as subject:
        service = subject.arm.service
        target = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crtarget"
        body: dict[str, Json] = {"location": "swedencentral", "sku": {"name": "Basic"}, "properties": {}}
        service.ask("PUT", f"{target}?api-version=2025-11-01", body)
        source: Json = {"registryUri": "crvendor.azurecr.io", "sourceImage": f"flowforge/web@{DIGEST}"}
        wanted: dict[str, Json] = {"source": source, "targetTags": ["web:1"], "mode": "Force"}
        with pytest.raises(AzureRefused) as raised:
            service.ask("POST", f"{target}/importImage?api-version=2025-11-01", wanted)
    return raised.value.status in (401, 403)


def test_a_user_of_the_registry_is_enough(tmp_path: Path) -> None:
    given = importing(user="flowforge", password="env:FLOWFORGE_REGISTRY_PASSWORD")
    assert found(tmp_path, given).findings == ()


def test_a_registry_of_another_cloud_needs_credentials(tmp_path: Path) -> None:
    finding = only(found(tmp_path, importing(f"crvendor.azurecr.cn/flowforge/web@{DIGEST}")))
    assert finding.what.startswith("the registry crvendor.azurecr.cn belongs to the cloud china")
