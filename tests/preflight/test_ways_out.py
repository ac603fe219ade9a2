"""Ways out, family by family: the embedded Azure has the problem, the finding names it, the way out is taken, the problem is gone.

Ways that change answers are taken as the wizard takes them; for those that others have to do, the subscription is changed
accordingly. Further ones are beside their checks: names and sizes in test_offers.py, regions in test_scopes.py, exemptions in
test_faults.py, policies, certificates, images, sign-in, sign-on and Prefect Cloud in their own files.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from installer.answers.draft import Draft
from installer.answers.model import Answers
from installer.answers.trial import take
from installer.preflight.model import Check, Finding, Result, WayOut
from installer.preflight.names import NAMES
from installer.preflight.network.check import NETWORK
from installer.preflight.quota import QUOTA
from installer.preflight.rights.check import RIGHTS
from installer.preflight.scopes import SCOPES
from installer.preflight.sizes import SIZES
from tests.bicep.answers_variants import REGION
from tests.emulator.in_memory import SCOPE, SUBSCRIPTION
from tests.emulator.test_survey import CONTRIBUTOR, ME, OWNER, RBAC_ADMIN, READER, _grant
from tests.preflight.network.test_network import HUB, PEERED, hub, spoke, subnet, with_hub, with_spoke
from tests.preflight.surveyed import checked, sample, with_way

Survey = dict[str, Any]
CALLER: Final[Survey] = {"caller": {"objectId": ME, "principalIds": []}}


@dataclass(frozen=True)
class Case:
    """A problem and its way out.

    Attributes:
        check: The check that finds it.
        what: Beginning of the finding.
        way: Beginning of the way out that is taken.
        before: The survey with the problem.
        after: The survey once others have taken the way; None if an answer changes.
        follows: Answers that the way out names as those that have to follow, as the wizard asks for them.

    """

    check: Check
    what: str
    way: str
    before: Survey
    after: Callable[[WayOut], Survey] | None = None
    given: Answers = field(default_factory=sample)
    follows: dict[str, str] = field(default_factory=dict)

    def taken(self, finding: Finding, number: int) -> Answers:
        """The answers with a way out and what has to follow it, as the wizard takes them."""
        if not self.follows:
            return with_way(self.given, finding, number)
        way, draft = finding.ways[number], Draft.of(self.given)
        take(draft, way.answers)
        assert {problem.key for problem in draft.problems()} == set(self.follows)
        assert all(any(key in left for left in way.left) for key in self.follows), way
        for key, value in self.follows.items():
            draft.type(key, value)
        assert not draft.problems()
        return draft.answers()


def subscription(**more: Any) -> dict[str, Any]:
    policies = {"quotaId": more.pop("quota", "PayAsYouGo_2014-09-01"), "spendingLimit": "Off"}
    return {
        "id": SCOPE,
        "subscriptionId": SUBSCRIPTION,
        "state": "Enabled",
        "displayName": "lz",
        "subscriptionPolicies": policies,
        **more,
    }


def lock(level: str) -> dict[str, Any]:
    return {"id": f"{SCOPE}/providers/Microsoft.Authorization/locks/audit", "properties": {"level": level}}


def denial(*excluded: str) -> dict[str, Any]:
    properties = {
        "denyAssignmentName": "stack",
        "permissions": [{"actions": ["*/write"], "notActions": []}],
        "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
        "excludePrincipals": [{"id": one, "type": "User"} for one in excluded],
        "scope": SCOPE,
    }
    return {"id": f"{SCOPE}/providers/Microsoft.Authorization/denyAssignments/d", "properties": properties}


def eligible() -> dict[str, Any]:
    properties = {
        "principalId": ME,
        "scope": SCOPE,
        "roleDefinitionId": f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}",
    }
    where = f"{SCOPE}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances"
    return {"id": f"{where}/00000000-0000-0000-0000-0000000000e1", "properties": properties}


def cores(limit: int) -> Survey:
    return {"quotas": [{"provider": "Microsoft.Compute", "location": REGION, "name": "cores", "limit": limit}]}


def asked_for(way: WayOut) -> Survey:
    """The quota that a way out asks for."""
    found = re.search(r"new limit (\d+)", way.text)
    assert found is not None
    return cores(int(found[1]))


def without_route(subnets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**one, "properties": {name: item for name, item in one["properties"].items() if name != "routeTable"}}
        for one in subnets
    ]


APPS: Final = {"runtime": "container_apps", "control_plane": "container_app"}
ZONAL: Final = "ZoneRedundant"
ZONE_REDUNDANT: Final = {"postgres_ha": True, "postgres_size": "Standard_D4ds_v5"}
CASES: Final[dict[str, Case]] = {
    "a read-only lock": Case(
        SCOPES,
        "the lock audit makes",
        "ask its owner to remove it: az lock delete --ids",
        {"resources": [lock("ReadOnly")]},
        lambda _way: {"resources": []},
    ),
    "a disabled subscription": Case(
        SCOPES,
        "the subscription lz is Disabled",
        "ask its billing owner to reactivate it",
        {"resources": [subscription(state="Disabled")]},
        lambda _way: {"resources": [subscription()]},
    ),
    "an offer that builds no images": Case(
        SCOPES,
        "the offer Free Trial runs no registry tasks",
        "push the image yourself",
        {"resources": [subscription(quota="FreeTrial_2014-09-01")]},
        given=sample(governance={"posture": "trial"}, network={"mode": "public"}, ingress={"kind": "direct"}),
    ),
    "a spending limit": Case(
        SCOPES,
        "the subscription lz has a spending limit",
        "remove the spending limit",
        {"resources": [subscription(subscriptionPolicies={"quotaId": "MSDN_2014-09-01", "spendingLimit": "On"})]},
        lambda _way: {"resources": [subscription()]},
    ),
    "locks without the right to set them": Case(
        RIGHTS,
        "this account may not Microsoft.Authorization/locks/",
        "set no locks",
        {**CALLER, "resources": [_grant(CONTRIBUTOR, ME), _grant(RBAC_ADMIN, ME)]},
        given=sample(governance={"locks": "data"}),
    ),
    "a missing role": Case(
        RIGHTS,
        "this account may not",
        "ask for the role Role Based Access Control Administrator",
        {**CALLER, "resources": [_grant(CONTRIBUTOR, ME)]},
        lambda _way: {**CALLER, "resources": [_grant(CONTRIBUTOR, ME), _grant(RBAC_ADMIN, ME)]},
    ),
    "a role that is only eligible": Case(
        RIGHTS,
        "this account may not",
        "activate the role Owner",
        {**CALLER, "resources": [_grant(READER, ME), eligible()]},
        lambda _way: {**CALLER, "resources": [_grant(OWNER, ME), eligible()]},
    ),
    "a deny assignment": Case(
        RIGHTS,
        "the deny assignment stack forbids",
        "ask the owner of stack to exclude this account",
        {**CALLER, "resources": [_grant(OWNER, ME), denial()]},
        lambda _way: {**CALLER, "resources": [_grant(OWNER, ME), denial(ME)]},
    ),
    "a region without databases for the subscription": Case(
        SIZES,
        "this subscription may not create PostgreSQL servers",
        "use ",
        {"skuRestrictions": [{"resourceType": "flexibleServers", "location": REGION}]},
    ),
    "a region without zone-redundant databases": Case(
        SIZES,
        "PostgreSQL Standard_D4ds_v5 has no ZoneRedundant high availability",
        "use no high availability",
        {"skuRestrictions": [{"resourceType": "flexibleServers", "location": REGION, "haModes": [ZONAL]}]},
        given=sample(sizing=ZONE_REDUNDANT),
    ),
    "a size of databases without high availability": Case(
        SIZES,
        "PostgreSQL Standard_D4ds_v5 has no ZoneRedundant high availability",
        "use no high availability",
        {
            "skuRestrictions": [
                {
                    "resourceType": "Microsoft.DBforPostgreSQL/flexibleServers",
                    "location": REGION,
                    "name": "Standard_D4ds_v5",
                    "haModes": ["SameZone", ZONAL],
                }
            ]
        },
        given=sample(sizing=ZONE_REDUNDANT),
    ),
    "a quota": Case(QUOTA, "Total Regional vCPUs", "ask for ", cores(8), asked_for),
    "more environments than a free offer has": Case(
        QUOTA,
        "2 environments are needed",
        "upgrade the subscription to Pay-As-You-Go",
        {"resources": [subscription(quota="FreeTrial_2014-09-01")]},
        lambda _way: {"resources": [subscription()]},
        sample("dev", "qa", platform=APPS),
    ),
    "a deleted vault": Case(
        NAMES,
        "the name kv-ff-contoso-dev belongs to a deleted key vault",
        "purge it: az keyvault purge",
        {"deletedVaults": [{"name": "kv-ff-contoso-dev", "location": "westeurope"}]},
        lambda _way: {"deletedVaults": []},
    ),
    "a subnet that does not exist": Case(
        NETWORK,
        "vnet-hub/snet-pe (Subnet) does not exist",
        "ask its owner to create it: az network vnet subnet create",
        {"resources": hub()[:-1]},
        lambda _way: {"resources": hub()},
        with_hub(),
    ),
    "a subnet of another service": Case(
        NETWORK,
        "the subnet snet-web is delegated to nothing",
        "ask its owner for: az network vnet subnet update",
        {"resources": [*hub(), *PEERED, *spoke(snet_web=("10.3.1.0/26", ""))]},
        lambda _way: {"resources": [*hub(), *PEERED, *spoke()]},
        with_spoke(),
    ),
    "a subnet that is too small": Case(
        NETWORK,
        "the subnet snet-web is a /29",
        "ask its owner for a larger subnet",
        {"resources": [*hub(), *PEERED, *spoke(snet_web=("10.3.1.0/29", "Microsoft.Web/serverFarms"))]},
        lambda _way: {"resources": [*hub(), *PEERED, *spoke()]},
        with_spoke(),
    ),
    "a subnet without a route": Case(
        NETWORK,
        "the subnet snet-nodes has no route table",
        "ask its owner for: az network vnet subnet update",
        {"resources": [*hub(), *without_route(spoke())]},
        lambda _way: {"resources": [*hub(), *PEERED, *spoke()]},
        with_spoke(),
    ),
    "a hub without an entrance": Case(
        NETWORK,
        "nothing leads into vnet-hub",
        "ask its owner to connect it",
        {"resources": hub()},
        lambda _way: {"resources": [*hub(), subnet(f"{HUB}/subnets/GatewaySubnet", "10.1.255.0/27")]},
        with_hub(network={"gateway_transit": False, "private_access": "other"}),
    ),
    "a hub without an entrance for users": Case(
        NETWORK,
        "nothing leads into vnet-hub",
        "publish the web app behind a Web Application Firewall",
        {"resources": hub()},
        given=with_hub(network={"gateway_transit": False, "private_access": "other"}),
        follows={"ingress.host": "flowforge.contoso.com"},
    ),
}


def found(result: Result, case: Case) -> list[Finding]:
    return [finding for finding in result.findings if finding.what.startswith(case.what)]


@pytest.mark.parametrize("name", CASES)
def test_what_a_way_out_says_removes_the_problem(tmp_path: Path, name: str) -> None:
    taken_out(tmp_path, CASES[name])


def taken_out(tmp_path: Path, case: Case) -> None:
    """The problem is found, and gone once its way out was taken."""
    before = checked(tmp_path / "before", case.check, case.given, **case.before)
    assert found(before, case), [finding.what for finding in before.findings]
    finding = found(before, case)[0]
    number = next(at for at, way in enumerate(finding.ways) if way.text.startswith(case.way))
    way = finding.ways[number]
    assert bool(way.answers) is (case.after is None), way
    given = case.taken(finding, number) if case.after is None else case.given
    after = checked(tmp_path / "after", case.check, given, **(case.before if case.after is None else case.after(way)))
    assert found(after, case) == []
    assert not any(one.severity == "blocks" for one in after.findings), [one.what for one in after.findings]
