"""Status: versions that are behind, and the health of revisions of container apps."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from installer import __version__
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import ImageUse
from installer.operations.status.assess import assess
from installer.operations.status.versions import VERSIONS
from installer.operations.status.workloads import WORKLOADS
from installer.steps.images import TEMPLATE as IMAGE_TEMPLATE
from tests.operations.status.observed_estate import Seen

if TYPE_CHECKING:
    from installer.jsontypes import Json


def test_versions_of_flowforge_prefect_and_the_images(dev: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    prefect, web = ImageUse("prefect"), ImageUse("web")
    sources = {prefect: "push:flowforge/prefect:3.8.8", web: "push:flowforge/web:1.1.0"}
    for use, source in {**sources, web: "push:flowforge/web:1.0.0"}.items():
        record_image(dev, use, source)
    with dev.observed() as observed:
        found = assess(replace(observed, image_sources=sources), questions=(VERSIONS,)).answers[0].lines
    states = {line.key: (line.state, line.text) for line in found}
    assert states["versions/flowforge"] == ("ok", __version__)
    assert states["versions/prefect"] == ("ok", "3.8.8")
    assert states["versions/image-prefect"] == ("ok", "flowforge/prefect:3.8.8")
    assert states["versions/image-web"] == ("attention", "flowforge/web:1.0.0; a run would deploy flowforge/web:1.1.0")
    monkeypatch.setattr("installer.operations.status.versions.__version__", "0.10.0")
    monkeypatch.setattr("installer.operations.status.versions.prefect_version", lambda: "3.10.1")
    older = dev.lines(VERSIONS)
    assert older["versions/flowforge"].text == f"installed by {__version__}, this is 0.10.0"
    assert (older["versions/prefect"].state, older["versions/prefect"].text) == (
        "attention",
        "3.8.8; this installer brings 3.10.1",
    )
    monkeypatch.setattr("installer.operations.status.versions.__version__", "0.0.9")
    assert "newer than this installer" in dev.lines(VERSIONS)["versions/flowforge"].text


def record_image(one: Seen, use: ImageUse, source: str) -> None:
    """Record the source of an image in Azure, as a run does."""
    it = Installation(one.answers)
    values = {"digest": "sha256:1", "source": source}
    properties: Json = {
        "mode": "Incremental",
        "template": IMAGE_TEMPLATE,
        "parameters": {name: {"value": value} for name, value in values.items()},
    }
    name = it.names.deployment(use.key)
    path = f"/subscriptions/{it.subscription}/providers/Microsoft.Resources/deployments/{name}?api-version=2025-04-01"
    one.ask("PUT", path, {"location": it.location, "properties": properties})


@pytest.mark.parametrize(
    ("health", "running", "state"),
    [
        ("Healthy", "Running", "ok"),
        ("None", "ScaledToZero", "ok"),
        ("None", "RunningAtMaxScale", "ok"),
        ("None", "Processing", "attention"),
        ("None", "ActivationFailed", "broken"),
        ("Healthy", "Degraded", "broken"),
        ("None", "SomethingNew", "not read"),
    ],
)
def test_states_of_revisions_that_azure_shows(
    on_apps: Seen, monkeypatch: pytest.MonkeyPatch, health: str, running: str, state: str
) -> None:
    facts: Json = {"active": True, "healthState": health, "runningState": running}
    monkeypatch.setattr(
        "installer.emulator.protocol.actions.revisions", lambda _app: [{"id": "/x/revisions/r", "properties": facts}]
    )
    assert on_apps.lines(WORKLOADS)["workloads/ca-contoso-dev-web-revision"].state == state


def test_a_revision_whose_secret_cannot_be_read_is_broken(on_apps: Seen) -> None:
    emulator = on_apps.estate.azure.emulator
    for id_ in [one for one in on_apps.contents() if "kv-ff-contoso-dev/secrets/" in one]:
        emulator.resources.remove(id_)
    line = on_apps.lines(WORKLOADS)["workloads/ca-contoso-dev-web-revision"]
    assert line.state == "broken"
    assert "Unhealthy, ActivationFailed: " in line.text
    assert on_apps.lines(WORKLOADS)["workloads/ca-contoso-prod-web-revision"].state == "ok"
