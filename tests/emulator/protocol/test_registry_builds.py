"""Quick builds of a registry: upload, run, log; what is refused, and signatures and ranges of blobs."""

from pathlib import Path
from typing import Any, Final

import pytest

from installer.emulator.providers.image_pulls import image_id
from installer.emulator.survey import Survey
from tests.emulator.archives import archive
from tests.emulator.asgi_client import local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

VERSION: Final = "api-version=2025-03-01-preview"
REGISTRY: Final = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crabc12345"


GOOD: Final = archive(Dockerfile='FROM x\nCOPY\ta /b\nCOPY ["a", "/c"]\nCOPY $A /d\nADD https://x.y/z /e\n', a="text")


async def _azure(path: Path, survey: Survey | None = None) -> Any:
    azure = local(path, survey=survey)
    await azure.ask("PUT", f"{GROUP}?api-version=2021-04-01", {"location": "westeurope"})
    body: Any = {"location": "westeurope", "sku": {"name": "Premium"}, "properties": {}}
    assert (await azure.ask("PUT", f"{REGISTRY}?api-version=2025-11-01", body)).status == 201
    await azure.done()
    return azure


async def _scheduled(azure: Any, content: bytes, **more: object) -> Any:
    upload = (await azure.ask("POST", f"{REGISTRY}/listBuildSourceUploadUrl?{VERSION}")).json
    assert (await azure.ask("PUT", upload["uploadUrl"], raw=content)).status == 201
    request = {
        "type": "DockerBuildRequest",
        "dockerFilePath": "Dockerfile",
        "platform": {"os": "Linux"},
        "sourceLocation": upload["relativePath"],
        "imageNames": ["flowforge/prefect:1"],
        "isPushEnabled": True,
    }
    return await azure.ask("POST", f"{REGISTRY}/scheduleRun?{VERSION}", {**request, **more})


def test_a_build_queues_runs_and_pushes(tmp_path: Path) -> None:
    async def scenario() -> None:
        azure = await _azure(tmp_path)
        scheduled = (await _scheduled(azure, GOOD)).json
        assert scheduled["properties"]["status"] == "Queued"
        where = f"{REGISTRY}/runs/{scheduled['name']}"
        await azure.clock.advance(90)
        assert (await azure.ask("GET", f"{where}?{VERSION}")).json["properties"]["status"] == "Running"
        log = (await azure.ask("POST", f"{where}/listLogSasUrl?{VERSION}")).json["logLink"]
        half = await azure.ask("GET", log)
        assert "x-ms-meta-complete" not in half.headers
        await azure.clock.advance(600)
        whole = await azure.ask("GET", log)
        assert whole.text.startswith(half.text)
        assert whole.headers["x-ms-meta-complete"] == "successful"
        (image,) = (await azure.ask("GET", f"{where}?{VERSION}")).json["properties"]["outputImages"]
        assert (image["repository"], image["tag"]) == ("flowforge/prefect", "1")
        part = await azure.ask("GET", log, headers={"range": "bytes=0-3"})
        assert (part.status, part.text) == (206, "Step")

    run(scenario())


@pytest.mark.parametrize(
    "more",
    [
        {"type": "EncodedTaskRunRequest"},
        {"platform": {}},
        {"imageNames": "a"},
        {"imageNames": [5]},
        {"imageNames": ["UPPER:1"]},
        {"imageNames": ["other.azurecr.io/a:1"]},
        {"imageNames": ["a/../b"]},
        {"isPushEnabled": "true"},
        {"sourceLocation": "source/of/another"},
    ],
)
def test_a_wrong_request_is_refused(tmp_path: Path, more: dict[str, object]) -> None:
    async def scenario() -> int:
        return int((await _scheduled(await _azure(tmp_path), GOOD, **more)).status)

    assert run(scenario()) == 400


def test_blobs_need_their_signature_and_a_range_of_digits(tmp_path: Path) -> None:
    async def scenario() -> None:
        azure = await _azure(tmp_path)
        scheduled = (await _scheduled(azure, archive(Dockerfile="FROM x\nCOPY\n"))).json
        await azure.clock.advance(600)
        where = f"{REGISTRY}/runs/{scheduled['name']}"
        assert (await azure.ask("GET", f"{where}?{VERSION}")).json["properties"]["status"] == "Failed"
        log = (await azure.ask("POST", f"{where}/listLogSasUrl?{VERSION}")).json["logLink"]
        for url in (
            log.partition("?")[0],
            log + "0",
            log.replace("sig=", "sig=%C3%A9"),
            log.replace(".log", "/../x.log"),
        ):
            assert (await azure.ask("GET", url)).status == 403
        for wanted in ("abc-", "5-2", "-5", "--5", "", "1-2,4-5", "0-x", "9" * 500 + "-"):
            assert (await azure.ask("GET", log, headers={"range": f"bytes={wanted}"})).status == 400
        assert (await azure.ask("GET", log, headers={"range": "bytes=99999-"})).status == 416
        assert (await azure.ask("PUT", log, raw=b"x")).status == 404

    run(scenario())


def test_the_newest_build_of_a_tag_keeps_it(tmp_path: Path) -> None:
    """Each run pushes once: reading an older run again, or a list of all, moves no tag back."""

    async def scenario() -> tuple[set[str], str]:
        azure = await _azure(tmp_path)
        for text in ("FROM x\n", "FROM y\n"):
            await _scheduled(azure, archive(Dockerfile=text))
            await azure.clock.advance(1)
        await azure.clock.advance(600)
        runs = (await azure.ask("GET", f"{REGISTRY}/runs?{VERSION}")).value
        digests = [one["properties"]["outputImages"][0]["digest"] for one in runs]
        await azure.ask("GET", f"{REGISTRY}/runs/ca1?{VERSION}")
        registry = azure.emulator.resources.get(REGISTRY)
        kept = azure.emulator.resources.get(image_id(registry.id, "flowforge/prefect", "1"))
        return set(digests), str(digests.index(kept.desired["properties"]["digest"]))

    digests, place = run(scenario())
    assert (len(digests), place) == (2, "0")


@pytest.mark.parametrize(("quota", "status"), [("FreeTrial_2014-09-01", 400), ("PayAsYouGo_2014-09-01", 200)])
def test_free_credits_run_no_tasks(tmp_path: Path, quota: str, status: int) -> None:
    body: dict[str, Any] = {"id": f"/subscriptions/{SUBSCRIPTION}", "subscriptionPolicies": {"quotaId": quota}}

    async def scenario() -> None:
        reply = await _scheduled(await _azure(tmp_path, Survey(resources=(body,))), GOOD)
        assert reply.status == status, reply.text
        assert (reply.code == "TasksOperationsNotAllowed") is (status == 400)

    run(scenario())
