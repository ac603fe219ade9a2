"""Values in a deployment without resources: written once another run that writes the same record has ended."""

import pytest
from typing_extensions import override

from installer.cloud.models import Deployment
from installer.errors import DeploymentFailed
from installer.jsontypes import Json
from installer.steps.value_record import ValueRecord, record_template
from tests.cloud.no_cloud import FakeArm
from tests.engine.scripted_steps import Scripted
from tests.steps.step_context import Attempt

NAME = "ff-contoso-image-web"
TEMPLATE = record_template({"digest": "string"}, outputs=True)
VALUES: dict[str, Json] = {"digest": "sha256:1"}


class Cloud(FakeArm):
    """Has a deployment that runs until it is read for the second time; ends others in a given state."""

    def __init__(self, ends: str = "succeeded") -> None:
        super().__init__()
        self.log: list[str] = []
        self.ends = ends

    @override
    def deployment(self, name: str) -> Deployment | None:
        """Its state."""
        self.log.append("read")
        sent = "sent" in self.log
        return Deployment(name, self.ends if sent else "running" if self.log.count("read") < 2 else "succeeded")

    @override
    def accepted(self, name: str, parameters: object, tags: object) -> Deployment:
        """Refused by Azure while the other one runs: DeploymentActive."""
        assert self.log.count("read") >= 2, "another run is still writing this record"
        assert parameters == {"digest": {"value": "sha256:1"}}
        self.log.append("sent")
        return Deployment(name, self.ends)


def test_a_record_that_another_run_writes_is_awaited_before_it_is_written_again() -> None:
    cloud = Cloud()
    record = ValueRecord(cloud, NAME, "westeurope", "contoso", TEMPLATE)
    context = Attempt().context(Scripted("image-web"))
    before = record.settled(context)
    assert before is not None
    assert before.state == "succeeded"
    record.write(context, VALUES, record.digest(VALUES))
    assert "sent" in cloud.log


def test_a_record_that_azure_has_not_written_is_an_error_with_its_name() -> None:
    cloud = Cloud(ends="failed")
    record = ValueRecord(cloud, NAME, "westeurope", "contoso", TEMPLATE)
    context = Attempt().context(Scripted("image-web"))
    record.settled(context)
    with pytest.raises(DeploymentFailed, match=f"the record {NAME} was not written: the deployment is failed"):
        record.write(context, VALUES, record.digest(VALUES))


def test_outputs_return_the_values_that_were_sent() -> None:
    assert TEMPLATE["outputs"] == {"digest": {"type": "string", "value": "[parameters('digest')]"}}
    assert "outputs" not in record_template({"answers": "object"}, outputs=False)
