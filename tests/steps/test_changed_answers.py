"""A run with changed answers sends nothing that Azure refuses, and deletes or names what is no longer wanted."""

from typing import Final

from typing_extensions import override

from installer.answers.draft import answers_as_json
from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.emulator_process import Rehearsal
from installer.cloud.models import Deployment
from installer.cloud.rest import Service
from installer.conventions.naming import INSTALLATION_TAG
from installer.estate.changes import Changes, compare
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.estate.resources import Planned, predicted
from installer.jsontypes import Json
from installer.steps.changed_answers import (
    RemoveLeftOver,
    changes_from,
    existing,
    former_answers,
    left_over_sentences,
)
from tests.bicep.answers_variants import SUBSCRIPTION, answers
from tests.cloud.no_cloud import TARGET
from tests.steps.step_context import Attempt

FORMER: Final = answers("dev", sizing={"preset": "team"})


class Deployed(Arm):
    """A subscription in which answers were deployed and recorded."""

    def __init__(self, former: Answers, *, without: str = "/none/") -> None:
        super().__init__(TARGET, former.subscription.subscription)
        self.former = former
        self.live = {
            str(raw["id"]).lower(): dict(raw)
            for spec in stages(former)
            for raw in predicted(former, spec)
            if without not in str(raw["id"])
        }

    def deployment(self, name: str) -> Deployment | None:
        """The record, and no other deployment."""
        if not name.endswith("-answers"):
            return None
        sent: dict[str, Json] = {"answers": answers_as_json(self.former), "given": {}}
        return Deployment(name, "succeeded", tags={INSTALLATION_TAG: "contoso"}, sent=sent)

    @override
    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
        assert api_version
        return self.live.get(resource_id.lower())


def test_the_former_answers_are_those_recorded_in_azure() -> None:
    assert former_answers(Deployed(FORMER), FORMER) == FORMER
    assert changes_from(None, FORMER) == Changes()


def test_a_new_environment_moves_no_databases() -> None:
    assert compare(answers("dev"), answers("dev", "prod")).moved == ()
    assert compare(answers("dev", "prod"), answers("dev", "qa", "prod")).moved == ()


def test_resources_whose_names_contain_outputs_are_read_under_their_real_names() -> None:
    """The private DNS zone of a Container Apps environment has the domain that Azure assigns."""
    zone = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones"
    live: dict[str, dict[str, Json]] = {
        f"{zone}/calm-sea.azurecontainerapps.io/virtualNetworkLinks/to-hub".lower(): {"properties": {}}
    }
    placeholder = str(PLACEHOLDER_OUTPUTS["runtime-dev"]["defaultDomain"])
    kind = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
    planned = Planned(
        f"{zone}/{placeholder}/virtualNetworkLinks/to-hub", kind, f"{placeholder}/to-hub", "g", "x", 1, "2024-06-01"
    )
    arm = Deployed(FORMER)
    arm.live = live
    known: dict[str, dict[str, Json]] = {"runtime-dev": {"defaultDomain": "calm-sea.azurecontainerapps.io"}}
    (found,) = existing(arm, Changes(left_over=(planned,)), known).left_over
    assert found.name == "calm-sea.azurecontainerapps.io/to-hub"
    assert existing(arm, Changes(left_over=(planned,)), {}).left_over == ()


def test_alerts_and_budgets_are_deleted_and_the_rest_is_named(azure: Service, rehearsal: Rehearsal) -> None:
    monitoring = {"emails": ["data@contoso.com"], "budget": 100, "budget_start": "2026-12-01"}
    former, new = (
        answers("dev", "prod", monitoring=monitoring),
        answers("dev", monitoring={"emails": ["a@contoso.com"]}),
    )
    left = compare(former, new).left_over
    budget = next(one for one in left if one.type == "Microsoft.Consumption/budgets")
    arm = Arm(rehearsal.target, SUBSCRIPTION)
    arm.register("Microsoft.Consumption", SUBSCRIPTION)
    attempt = Attempt()
    step = RemoveLeftOver(azure, left, ())
    assert attempt.run(step)[0] == "done"
    assert azure.find(f"{budget.id}?api-version={budget.api_version}") is None
    named = [str(event.data["left"]) for event in attempt.events if event.data.get("left")]
    assert any(text.startswith("No longer wanted: rg-ff-contoso-prod (Resource group)") for text in named)
    assert not any("(Budget" in text for text in named)
    assert any(text.endswith("the run deletes it") for text in left_over_sentences(left))
