"""Subscription, groups and deployments of an earlier attempt: what is bound to another region, locked or read-only is named."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from installer.jsontypes import Json
from installer.preflight.model import Finding, Result
from installer.preflight.report import result_of
from installer.preflight.scopes import SCOPES
from tests.bicep.answers_variants import OTHER, answers
from tests.emulator.in_memory import SCOPE, SUBSCRIPTION
from tests.emulator.sample_templates import account, inside, nested, template
from tests.emulator.sample_templates import group as sample_group
from tests.preflight.surveyed import checked, sample, subject_of, with_way

GROUP: Final = f"{SCOPE}/resourceGroups/rg-ff-contoso-dev"
VAULT: Final = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-ff-contoso-dev"


def group(region: str, **properties: Json) -> dict[str, Json]:
    return {"id": GROUP, "location": region, "properties": {**properties}}


def found(tmp_path: Path, *resources: dict[str, Json]) -> Result:
    return checked(tmp_path, SCOPES, sample(), resources=[*resources])


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


def test_an_empty_subscription_passes(tmp_path: Path) -> None:
    assert checked(tmp_path, SCOPES, sample()).state == "passed"


def test_a_group_in_another_region_leads_back_to_it(tmp_path: Path) -> None:
    finding = only(found(tmp_path, group("westeurope")))
    assert finding.what == "the resource group rg-ff-contoso-dev exists in westeurope, not in swedencentral"
    assert finding.code == "InvalidResourceGroupLocation"
    assert (
        checked(tmp_path / "again", SCOPES, with_way(sample(), finding), resources=[group("westeurope")]).state
        == "passed"
    )


def test_a_resource_of_an_earlier_attempt_in_another_region(tmp_path: Path) -> None:
    vault: dict[str, Json] = {"id": VAULT, "location": "westeurope", "properties": {}}
    own: dict[str, Json] = {**group("swedencentral"), "tags": {"flowforge-installation": "contoso"}}
    finding = only(found(tmp_path, own, vault))
    assert finding.what == "kv-ff-contoso-dev exists in westeurope, not in swedencentral"
    assert finding.code == "InvalidResourceLocation"
    assert f"az group delete --subscription {SUBSCRIPTION} -n rg-ff-contoso-dev" in finding.ways[0].text
    # In the region of the vault, the group would be in the wrong one.
    assert finding.ways[-1].answers == (("subscription.region", "westeurope"),)
    assert finding.ways[-1].left == ("the resource group rg-ff-contoso-dev exists in swedencentral, not in westeurope",)


def test_nothing_of_others_is_to_be_deleted(tmp_path: Path) -> None:
    vault: dict[str, Json] = {"id": VAULT, "location": "westeurope", "properties": {}}
    for resources in ([group("westeurope")], [group("swedencentral"), vault]):
        finding = only(found(tmp_path / str(len(resources)), *resources))
        assert not any("delete" in way.text for way in finding.ways)
        assert any("ask the owner of the group rg-ff-contoso-dev" in way.text for way in finding.ways)


def test_the_groups_of_all_resources_in_another_region_are_named_with_their_owners(tmp_path: Path) -> None:
    shared = GROUP.replace("-dev", "-platform")
    registry: dict[str, Json] = {
        "id": f"{shared}/providers/Microsoft.ContainerRegistry/registries/crffcontoso",
        "location": "westeurope",
    }
    vault: dict[str, Json] = {"id": VAULT, "location": "westeurope", "properties": {}}
    own: dict[str, Json] = {**group("swedencentral"), "tags": {"flowforge-installation": "contoso"}}
    theirs: dict[str, Json] = {**group("swedencentral"), "id": shared}

    def removal(folder: str, *groups: dict[str, Json]) -> str:
        finding = only(found(tmp_path / folder, *groups, vault, registry))
        return next(way.text for way in finding.ways if "rg-ff-contoso-platform" in way.text)

    command = f"az group delete --subscription {SUBSCRIPTION} -n rg-ff-contoso"
    mixed = removal("mixed", own, theirs)
    assert f"{command}-dev, with everything in it" in mixed
    assert "ask the owner of the group rg-ff-contoso-platform" in mixed
    both = removal("both", own, {**theirs, "tags": {"flowforge-installation": "contoso"}})
    assert f"{command}-platform" in both
    assert f"{command}-dev" in both
    assert "ask the owner" not in both


def test_a_deployment_of_an_earlier_attempt_in_another_region(tmp_path: Path) -> None:
    with subject_of(tmp_path, sample()) as subject:
        path = f"{SCOPE}/providers/Microsoft.Resources/deployments/ff-contoso-foundation?api-version=2025-04-01"
        body: dict[str, Json] = {
            "location": "westeurope",
            "properties": {"mode": "Incremental", "template": template()},
        }
        subject.arm.service.ask("PUT", path, body)
        finding = only(result_of(SCOPES, subject))
    assert finding.code == "InvalidDeploymentLocation"
    assert finding.ways[0].answers == (("subscription.region", "westeurope"),)


def test_a_group_of_another_installation_is_named(tmp_path: Path) -> None:
    shared: dict[str, Json] = {**group("swedencentral"), "tags": {"flowforge-installation": "fabrikam"}}
    finding = only(found(tmp_path, shared))
    assert finding.severity == "warns"
    assert finding.what == "the resource group rg-ff-contoso-dev belongs to the installation fabrikam"
    own: dict[str, Json] = {**shared, "tags": {"flowforge-installation": "contoso"}}
    assert found(tmp_path / "own", own).state == "passed"


def test_a_read_only_lock_is_in_the_way_and_a_delete_lock_is_not(tmp_path: Path) -> None:
    def lock(level: str) -> dict[str, Json]:
        return {"id": f"{GROUP}/providers/Microsoft.Authorization/locks/audit", "properties": {"level": level}}

    finding = only(found(tmp_path, group("swedencentral"), lock("ReadOnly")))
    assert finding.what == "the lock audit makes rg-ff-contoso-dev read-only"
    assert finding.code == "ScopeLocked"
    assert found(tmp_path / "delete", group("swedencentral"), lock("CanNotDelete")).findings == ()


def test_a_subscription_that_the_account_does_not_see(tmp_path: Path) -> None:
    given = answers("dev")
    with subject_of(tmp_path, given, given.subscription.subscription) as subject:
        finding = result_of(SCOPES, subject).findings[0]
    assert finding.code == "SubscriptionNotFound"
    assert OTHER not in finding.what


def running(tmp_path: Path, run: str) -> Result:
    """Findings of a run while a deployment of contoso-7 is running."""
    with subject_of(tmp_path, sample()) as subject:
        body: dict[str, Json] = {
            "location": "swedencentral",
            "tags": {"flowforge-installation": "contoso", "flowforge-run": "contoso-7@jump01"},
            "properties": {
                "mode": "Incremental",
                "parameters": {},
                "template": template(
                    sample_group("rg-running"), nested("inner", inside(account("strunning")), into="rg-running")
                ),
            },
        }
        path = f"{SCOPE}/providers/Microsoft.Resources/deployments/ff-contoso-data?api-version=2025-04-01"
        subject.arm.service.ask("PUT", path, body)
        return result_of(SCOPES, replace(subject, run=run))


def test_another_run_that_is_deploying_is_named_before_the_first_write(tmp_path: Path) -> None:
    finding = only(running(tmp_path / "other", "contoso-1@laptop"))
    assert finding.severity == "warns"
    assert finding.what.startswith("run contoso-7 on jump01 is deploying this installation: ff-contoso-data is running")
    assert finding.ways[0].text == "watch it, or take it over: flowforge-install attach contoso"
    assert running(tmp_path / "own", "contoso-7@jump01").findings == ()


def test_a_new_budget_starts_within_a_year(tmp_path: Path) -> None:
    year = datetime.now(UTC).year
    late = answers("dev", monitoring={"budget": 100, "budget_start": f"{year + 2}-01-01"})
    finding = only(checked(tmp_path / "new", SCOPES, late))
    assert finding.severity == "blocks"
    assert "more than a year ahead" in finding.what
    assert checked(tmp_path / "way", SCOPES, with_way(late, finding)).state == "passed"
    soon = answers("dev", monitoring={"budget": 100, "budget_start": f"{year + 1}-01-01"})
    assert checked(tmp_path / "soon", SCOPES, soon).state == "passed"
    existing: dict[str, Json] = {"id": finding.where, "properties": {"timePeriod": {"startDate": "2026-01-01"}}}
    assert checked(tmp_path / "existing", SCOPES, late, resources=[existing]).state == "passed"
