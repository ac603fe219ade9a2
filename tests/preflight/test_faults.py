"""Every fault of the catalogue: found by the reads of the checks before the first write, or not visible by its nature."""

import re
from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.emulator.faults.catalogue import catalogue
from installer.preflight.checks import CHECKS
from installer.preflight.model import Finding, Report
from installer.preflight.report import check_all
from tests.bicep.answers_variants import REGION
from tests.emulator.in_memory import SUBSCRIPTION
from tests.preflight.surveyed import sample, subject_of, with_way

GROUP: Final = "rg-ff-contoso-dev"
FOUND: Final = {
    "AuthorizationFailed": "AuthorizationFailed",
    "LinkedAuthorizationFailed": "AuthorizationFailed",
    "QuotaExceeded": "QuotaExceeded",
    "OperationNotAllowed": "QuotaExceeded",
    "ResourceQuotaExceeded": "QuotaExceeded",
    "PublicIPCountLimitReached": "PublicIPCountLimitReached",
    "SkuNotAvailable": "SkuNotAvailable",
    "RequestDisallowedByPolicy": "RequestDisallowedByPolicy",
    "NoRegisteredProviderFound": "LocationNotAvailableForResourceType",
    "MissingRegistrationForLocation": "LocationNotAvailableForResourceType",
    "RegionDoesNotAllowProvisioning": "LocationNotAvailableForResourceType",
    "LocationIsOfferRestricted": "LocationIsOfferRestricted",
    "StorageAccountAlreadyTaken": "StorageAccountAlreadyTaken",
    "StorageAccountInAnotherResourceGroup": "StorageAccountAlreadyTaken",
    "VaultAlreadyExists": "VaultAlreadyExists",
    "ConflictError": "VaultAlreadyExists",
    "ServerNameAlreadyExists": "ServerNameAlreadyExists",
    "DeploymentQuotaExceeded": "DeploymentQuotaExceeded",
    "InvalidDeploymentLocation": "InvalidDeploymentLocation",
    "ReadOnlyDisabledSubscription": "ReadOnlyDisabledSubscription",
    "SubscriptionNotFound": "SubscriptionNotFound",
    "InvalidAuthenticationTokenTenant": "InvalidAuthenticationTokenTenant",
    "ScopeLocked": "ScopeLocked",
    f"ResourceGroupBeingDeleted:at={GROUP}": "ResourceGroupBeingDeleted",
    f"InvalidResourceGroupLocation:at={GROUP}": "InvalidResourceGroupLocation",
}
"""Error code of the finding by fault. A group that is deleted or elsewhere is a certain one, so the fault needs its name."""

SITUATIONS: Final = {
    "SubnetIsFull": ("network/test_network.py", "test_an_existing_subnet_that_does_not_fit"),
    "SubnetMissingRequiredDelegation": ("network/test_network.py", "test_an_existing_subnet_that_does_not_fit"),
    "ManagedEnvironmentInvalidNetworkConfiguration": (
        "network/test_network.py",
        "test_an_existing_subnet_that_does_not_fit",
    ),
    "VnetAddressSpacesOverlap": ("network/test_network.py", "test_an_overlap_with_the_hub_has_a_free_range"),
    "PropertyChangeNotAllowed": ("test_changes.py", "test_a_blocked_change_names_the_answer_what_it_takes"),
    "ResourceAvailabilityZonesCannotBeModified": (
        "test_changes.py",
        "test_a_blocked_change_names_the_answer_what_it_takes",
    ),
}
"""Faults about something that exists already: the check finds the situation, which an injected refusal does not make."""

HIDDEN: Final = {
    "RoleAssignmentExists": "the identity of the assignment is created by the run; the installer counts the code as done",
    "RoleAssignmentUpdateNotPermitted": "the identity was recreated: its object ID exists only during the run",
    "AllocationFailed": "no read shows the capacity of a region",
    "ZonalAllocationFailed": "no read shows the capacity of a zone",
    "region-out-of-capacity": "no read shows the capacity of a region",
    "MissingSubscriptionRegistration": "the run registers providers; the check lists those that it will",
    "NetcfgInvalidSubnet": "subnets are computed by the address plan, which refuses such ranges in the answers",
    "InUseSubnetCannotBeDeleted": "a first installation deletes no subnet",
    "InvalidTemplateDeployment": "an opaque refusal by a provider's validation: what-if shows it in the plan",
    "DeploymentFailed": "an opaque conflict after the resource was accepted",
    "FlagMustBeSetForRestore": "of the planned types only key vaults are listed when deleted, and these are recovered",
    "CanNotRestoreAnActiveResource": "the vault was recovered by someone else after the check",
    "ContainerAppOperationError": "an image that does not start is known only when it starts",
    "TasksOperationsNotAllowed": "no read shows whether a registry may build, and the registry does not exist yet",
    "MethodNotAllowed": "an installation purges nothing",
    "hanging-deployment": "the write is accepted and does not end",
    "server-exits": "the connection breaks during the run",
}
"""Lasting faults that no read shows, with the reason."""


def checked(folder: Path, given: Answers, *faults: str) -> Report:
    """Results of the checks that ask Azure Resource Manager."""
    checks = [one for one in CHECKS if one.key not in {"images", "certificates"}]
    with subject_of(folder, given, faults=faults) as subject:
        return check_all(subject, checks)


def codes(report: Report) -> set[str]:
    """Error codes of the findings that block."""
    return {finding.code for finding in report.findings if finding.severity == "blocks"}


def test_the_table_has_every_fault_of_the_catalogue() -> None:
    lasting = {kind.name for kind in catalogue().values() if not kind.transient}
    assert {name.partition(":")[0] for name in (*FOUND, *SITUATIONS, *HIDDEN)} == lasting


def test_situations_are_tested_where_the_table_says() -> None:
    for file, name in SITUATIONS.values():
        text = (Path(__file__).parent / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}", text, re.MULTILINE), f"{file}: {name}"


@pytest.mark.parametrize("fault", FOUND)
def test_a_lasting_fault_is_found_before_the_first_write(tmp_path: Path, fault: str) -> None:
    assert FOUND[fault] in codes(checked(tmp_path, sample(), fault))


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("StorageAccountAlreadyTaken:at=stffcontosodev", "StorageAccountAlreadyTaken"),
        ("VaultAlreadyExists:at=kv-ff-contoso-dev", "VaultAlreadyExists"),
        ("ServerNameAlreadyExists:at=pg-ff-contoso", "ServerNameAlreadyExists"),
        (f"MissingRegistrationForLocation:at={REGION}", "LocationNotAvailableForResourceType"),
        ("InvalidDeploymentLocation", "InvalidDeploymentLocation"),
        (f"InvalidResourceGroupLocation:at={GROUP}", "InvalidResourceGroupLocation"),
    ],
)
def test_the_way_out_that_a_finding_offers_removes_it(tmp_path: Path, fault: str, code: str) -> None:
    given = sample()
    finding = _of(checked(tmp_path / "before", given, fault), code)
    number = next(place for place, way in enumerate(finding.ways) if way.answers)
    after = checked(tmp_path / "after", with_way(given, finding, number), fault)
    assert code not in codes(after)


def _of(report: Report, code: str) -> Finding:
    return next(finding for finding in report.findings if finding.code == code)


def test_the_exemption_that_a_denial_names_removes_it(tmp_path: Path) -> None:
    fault = "RequestDisallowedByPolicy:at=Microsoft.Storage/*"
    way = _of(checked(tmp_path / "before", sample(), fault), "RequestDisallowedByPolicy").ways[-1].text
    assigned = re.search(r"policyAssignmentId (\S+)", way)
    assert assigned is not None
    exemption = {
        "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/policyExemptions/free",
        "properties": {"policyAssignmentId": assigned[1], "exemptionCategory": "Waiver"},
    }
    with subject_of(tmp_path / "after", sample(), faults=(fault,), resources=[exemption]) as subject:
        report = check_all(subject, [one for one in CHECKS if one.key == "policy"])
    assert report.findings == ()
