"""The change record names reasons, rights, risk, rollback, exemptions, and what each network team has to do."""

from dataclasses import replace

import pytest

from installer.answers.files import load
from installer.planning.change_record import change_record
from installer.planning.model import Change, Plan, counts
from installer.planning.report import rendered
from installer.preflight.model import Finding, WayOut
from tests.answers.answers_files import FOLDER

LOADED = load(FOLDER / "prod.yaml")
DELETED = Change("/x/alert", "Microsoft.Insights/metricAlerts", "alert-old", "rg", "observability", "delete")
RECORD = Change(
    "dns:A:x", "DNS record/A", "ff.example.com", "", "names", "wait", (), (), "dev", "dns", "its owner creates it"
)
PLAN = Plan(
    "4f2c",
    "public",
    90.0,
    (DELETED, RECORD),
    counts=counts((DELETED, RECORD)),
    low=60.0,
    high=150.0,
    answers={"subscription": {"region": "swedencentral", "prefix": "fabrikam"}},
    sources={"subscription.region": "file", "subscription.prefix": "default"},
    account="ada@contoso.com",
    digest="0123",
    findings=(
        Finding(
            "blocks",
            "a policy denies kv",
            "/s",
            "refused",
            (WayOut("ask for an exemption at /s"),),
            "RequestDisallowedByPolicy",
        ),
    ),
)


def sections(plan: Plan) -> dict[str, str]:
    return {one.title: "\n".join(" | ".join(row) for row in one.rows) for one in change_record(plan, LOADED.answers)}


def test_the_sections() -> None:
    found = sections(PLAN)
    assert found["Why: the answers with their sources"] == "subscription.region | swedencentral | file"
    assert "ada@contoso.com" in found["Account"]
    assert "Microsoft.Network/virtualNetworks/write" in found["Rights used"]
    assert "delete: alert-old (Metric alert rule)" in found["Risk"]
    assert "1 finding blocks a run, 0 warnings" in found["Risk"]
    assert found["Policy exemptions to ask for"] == "ask for an exemption at /s"
    assert "resume" in found["Rollback"]


def test_the_network_requests() -> None:
    found = sections(PLAN)
    assert "snet-nodes" in found["Network request: addresses"]
    assert "/" in found["Network request: addresses"]
    assert "its owner creates it" in found["Network request: names"]
    assert "privatelink" in found["Network request: names"]
    assert "pe-kv-ff" in found["Network request: private endpoints"]


def test_without_findings_there_are_no_exemptions() -> None:
    assert "Policy exemptions to ask for" not in sections(replace(PLAN, findings=()))


@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_it_is_in_both_documents(suffix: str) -> None:
    text = rendered(PLAN, suffix, list(change_record(PLAN, LOADED.answers)))
    for part in ("rarely less than 1:00 or more than 2:30", "Rollback", "Network request: addresses", "digest 0123"):
        assert part in text


def test_peerings_are_told_by_name_and_a_foreign_one_by_its_subscription() -> None:
    own = replace(PLAN, subscription=LOADED.answers.subscription.subscription)
    title = "Network request: peerings"
    here, elsewhere = sections(own)[title], sections(replace(PLAN, subscription="another"))[title]
    assert "(resource group rg-ff-" in here
    assert "subscription" not in here
    assert "/providers/" not in here
    assert f", subscription {LOADED.answers.subscription.subscription})" in elsewhere


def test_a_role_assignment_that_is_deleted_is_told_by_its_title() -> None:
    kind, title = "Microsoft.Authorization/roleAssignments", "Reader for ada on st"
    gone = Change("/x/1", kind, "bd118dc9-7895-5111-b977-7e7817edfc7a", "rg", "data", "delete", title=title)
    found = sections(replace(PLAN, changes=(gone,)))["Risk"]
    assert "delete: Reader for ada on st" in found
    assert "bd118dc9" not in found
