"""The callback URL of a workflow's trigger."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from installer.json_access import as_object, as_text, member
from tests.emulator.deployments.live_outputs import deployed, outputs
from tests.emulator.sample_templates import resource

WORKFLOW = resource(
    "Microsoft.Logic/workflows",
    "wf",
    version="2019-05-01",
    properties={"definition": {"triggers": {"manual": {"type": "Request", "kind": "Http"}}, "actions": {}}},
)
TRIGGER = "resourceId('Microsoft.Logic/workflows/triggers', 'wf', 'manual')"


def test_a_trigger_has_a_callback_url_below_the_endpoint_of_its_workflow(tmp_path: Path) -> None:
    made = outputs(
        deployed(
            tmp_path,
            WORKFLOW,
            values={
                "callback": f"listCallbackUrl({TRIGGER}, '2019-05-01')",
                "endpoint": "reference('wf').accessEndpoint",
            },
            namespaces=["Microsoft.Logic"],
        )
    )
    callback = as_object(made["callback"])
    address = urlsplit(as_text(callback["value"]))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert callback["method"] == "POST"
    assert callback["basePath"] == f"{made['endpoint']}/triggers/manual/paths/invoke"
    assert as_text(callback["value"]).startswith(f"{callback['basePath']}?")
    assert asked == member(callback, "queries")
    assert asked["sp"] == "/triggers/manual/run"
    assert asked["sig"].startswith("rehearsal-")
