"""The change record names reasons, rights, risk, rollback, exemptions, and what each network team has to do."""

import re
from dataclasses import replace

import pytest

from installer.answers.files import load
from installer.planning.change_record import change_record
from installer.planning.model import Change, Plan, PropertyChange, counts
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


HUB = load(FOLDER / "matrix" / "36-existing-hub-gateway.yaml").answers
"""Networks beside an existing hub, whose policy writes the records of private endpoints."""


def test_a_network_team_reads_targets_zones_and_settings_also_of_what_it_owns_itself() -> None:
    found = {one.title.removeprefix("Network request: "): one.rows for one in change_record(PLAN, HUB)}
    assert (
        "pe-pg-ff-contoso-postgresqlServer",
        "vnet-hub/snet-endpoints",
        "pg-ff-contoso (postgresqlServer)",
        "5432",
        "privatelink.postgres.database.azure.com",
    ) in found["private endpoints"]
    zones = {row[0]: row[2] for row in found["names"] if row[1] == "private zone"}
    assert len(zones) == 6
    assert all(text.startswith("has to exist") and "an Azure Policy writes" in text for text in zones.values())
    settings = {(row[0], row[2]) for row in found["peerings"]}
    assert ("vnet-hub", "forwarded traffic, gateway transit") in settings
    assert ("vnet-ff-contoso-uat", "forwarded traffic, uses the remote gateway") in settings
    assert ("aks-ff-contoso-uat", "pods", "10.244.0.0/16") in {row[:3] for row in found["addresses"]}
    assert ("pip-ff-contoso-uat-nat", "known after the run") in {(row[0], row[2]) for row in found["addresses"]}


def test_security_rules_and_routes_are_requests_too() -> None:
    firewall = load(FOLDER / "matrix" / "17-firewall.yaml").answers
    routes = {one.title: one.rows for one in change_record(PLAN, firewall)}["Network request: routes"]
    assert ("rt-ff-contoso-prod", "0.0.0.0/0", "10.0.0.4") in routes
    gateway = load(FOLDER / "matrix" / "07-hardened-gateway.yaml").answers
    rules = {one.title: one.rows for one in change_record(PLAN, gateway)}["Network request: security rules"]
    assert any(row[2] == "Inbound Allow" and row[3] == "GatewayManager" and "65200-65535" in row[5] for row in rules)


def test_the_way_back_names_groups_and_what_is_outside_of_them() -> None:
    kind = "Microsoft.Resources/resourceGroups"
    group = Change("/g/rg-new", kind, "rg-new", "", "foundation", "create")
    inside = Change("/g/rg-new/st", "Microsoft.Storage/storageAccounts", "st", "rg-new", "data", "create")
    peering = Change(
        "/g/rg-hub/p",
        "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
        "hub/to-dev",
        "rg-hub",
        "network",
        "create",
    )
    pool = Change("prefect:dev/x", "Prefect/work pool", "pool", "", "register-dev", "create", family="prefect")
    lines = sections(replace(PLAN, changes=(group, inside, peering, pool)))["Rollback"].splitlines()
    assert lines[0] == "delete the resource groups that the run creates, with everything in them: rg-new"
    assert lines[1] == "delete one by one, in the existing resource group rg-hub: hub/to-dev (Peering)"
    assert lines[2] == "delete by hand 1 object in Prefect"
    assert not any("key vault" in line for line in lines)


@pytest.mark.parametrize(
    ("home", "database", "way"),
    [
        ("server", "prefect_dev", ""),  # its database goes with the group
        ("server", "prefect_prod", "delete by hand 1 object in Prefect"),
        ("cloud", "flowforge_dev", "delete by hand 1 object in Prefect"),
    ],
)
def test_objects_of_a_prefect_server_go_with_its_database(home: str, database: str, way: str) -> None:
    answers = LOADED.answers.model_copy(
        update={"platform": LOADED.answers.platform.model_copy(update={"prefect": home})}
    )
    kind = "Microsoft.DBforPostgreSQL/flexibleServers/databases"
    made = Change("/g/d", kind, f"pg-ff/{database}", "rg-new", "data", "create")
    pool = Change("prefect:dev/x", "Prefect/work pool", "pool", "", "register-dev", "create", (), (), "dev", "prefect")
    group = Change("/g/rg-new", "Microsoft.Resources/resourceGroups", "rg-new", "", "foundation", "create")
    found = {one.title: one.rows for one in change_record(replace(PLAN, changes=(group, made, pool)), answers)}
    assert [line for (line,) in found["Rollback"] if "by hand" in line] == ([way] if way else [])


def test_it_can_be_signed_and_names_the_work_of_people() -> None:
    found = sections(PLAN)
    (signed,) = [title for title in found if title.startswith("Signatures")]
    assert PLAN.digest in signed
    assert "network team" in found[signed]
    work = found["By people during the run, which waits for them"]
    assert "push the image of Prefect" in work
    assert "ff.example.com: its owner creates it" in work


@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_values_are_complete_and_text_from_outside_stays_text(suffix: str) -> None:
    hostile = "<script>alert(1)</script>|" + "x" * 100
    changed = Change(
        "/x",
        "Microsoft.Storage/storageAccounts",
        hostile,
        "rg|x",
        "data",
        "change",
        ("tags.a",),
        (PropertyChange("tags.a", None, hostile),),
    )
    plan = replace(PLAN, changes=(changed,), answers={"network": {"hub_id": hostile}}, registers=("Microsoft.<b>App",))
    text = rendered(plan, suffix, list(change_record(plan, LOADED.answers)))
    assert not re.search(r"(?<!\\)<(?:script|b>)", text)
    assert text.count("x" * 100) == 3
    if suffix == ".md":
        rows = [line for line in text.splitlines() if line.startswith("| ")]
        columns = {len(re.split(r"(?<!\\)\|", line)) for line in rows if "alert" in line}
        assert columns == {5, 7}
