"""Least privilege: the table of identities in bicep/README.md equals the role assignments of all variants."""

import re
from typing import Final

import pytest

from bicep.compile import HERE
from installer.answers.model import ENVIRONMENTS, Answers
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.estate.parameters.principals import principals_of
from tests.bicep.answers_variants import CLIENT, OTHER, VARIANTS, answers
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import of_type, properties, stage_resources

pytestmark = NEEDS_COMPILER

ROLES: Final = {
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "4d97b98b-1d4f-4787-a291-c67834d212e7": "Network Contributor",
    "b12aa53e-6015-4669-85d0-8515ebb3ae7f": "Private DNS Zone Contributor",
    "f1a07417-d97a-45cb-824c-7a7467783830": "Managed Identity Operator",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a": "Storage Queue Data Message Sender",
    "8a0f0c08-91a1-4084-bc3d-661d67233fed": "Storage Queue Data Message Processor",
    "d5a91429-5739-47e2-a06b-3470a27159e7": "EventGrid Data Sender",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "43d0d8ad-25c7-4714-9337-8ba259a9fe05": "Monitoring Reader",
    "e5e2a7ff-d759-4cd2-bb51-3152d37e2eb1": "Storage Account Backup Contributor",
    "e147488a-f6f5-4113-8e2d-b22465e65bf6": "Key Vault Crypto Service Encryption User",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b": "Azure Kubernetes Service RBAC Cluster Admin",
}

SERVICES: Final = {
    "Microsoft.DataFactory/factories": "Data Factory",
    "Microsoft.Synapse/workspaces": "Synapse",
    "Microsoft.Purview/accounts": "Purview",
    "Microsoft.EventGrid/topics": "topic",
    "Microsoft.Logic/workflows": "workflow",
    "Microsoft.DataProtection/backupVaults": "backup vault",
    "Microsoft.ManagedIdentity/userAssignedIdentities": "encryption",
}
"""Services with a system-assigned identity, whose object id is unknown before the deployment, and the identity whose role
is assigned in the deployment that creates it."""

ON_PREFECT_CLOUD: Final = answers(
    "prod",
    platform={"prefect": "cloud", "cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:PREFECT_KEY"},
)

Row = tuple[str, str, str, str]


def known_principals() -> dict[str, str]:
    """Workload or service by object id, for the object ids of the variants."""
    known = {
        found.object_id: workload
        for environment in ENVIRONMENTS
        for workload, found in principals_of(PLACEHOLDER_OUTPUTS, environment).items()
    }
    return {**known, CLIENT: "Purview"}


def principal_name(principal: str) -> str:
    if principal in known_principals():
        return known_principals()[principal]
    kinds = [name for kind, name in SERVICES.items() if kind.lower() in principal.lower()]
    # A module output appears as a reference to its deployment; only the new catalog has one.
    return kinds[0] if kinds else "Purview"


def kind_of(scope: str) -> str:
    """Type of the resource that a role is assigned at."""
    parts = scope.rpartition("/providers/")[2].split("/")
    return "/".join([parts[0], *parts[1::2]])


def assigned(given: Answers) -> set[Row]:
    rows: set[Row] = set()
    for stage in dict.fromkeys(spec.stage for spec in stages(given)):
        for resource in of_type(stage_resources(given, stage), "Microsoft.Authorization/roleAssignments"):
            found = properties(resource)
            scope = str(resource["id"]).rpartition("/providers/Microsoft.Authorization/")[0]
            role = ROLES[str(found["roleDefinitionId"]).rpartition("/")[2]]
            rows.add((principal_name(str(found["principalId"])), role, kind_of(scope), stage))
    return rows


def documented() -> set[Row]:
    """Rows of the table: | identity | role | resource type | which | stage |; identities are separated by commas."""
    text = (HERE / "README.md").read_text(encoding="utf-8")
    table = text.partition("## Who may do what")[2].partition("\n## ")[0]
    rows: set[Row] = set()
    for line in re.findall(r"^\| (.+) \|$", table, re.MULTILINE)[2:]:
        identities, role, kind, _, stage = (cell.strip() for cell in line.split("|"))
        rows |= {(identity.strip(), role, kind.strip("`"), stage) for identity in identities.split(",")}
    return rows


def test_the_table_equals_the_role_assignments() -> None:
    every = set[Row]().union(*(assigned(given) for given in (*VARIANTS.values(), ON_PREFECT_CLOUD)))
    assert every == documented()


@pytest.mark.parametrize("name", VARIANTS)
def test_every_role_is_scoped_to_a_single_resource(name: str) -> None:
    rows = assigned(VARIANTS[name])
    assert rows
    assert all("/" in kind and kind != "Microsoft.Resources/resourceGroups" for _, _, kind, _ in rows)
