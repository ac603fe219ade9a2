"""Resources whose names are GUIDs or all alike have titles with what people know: role, principal, scope."""

import json
import re

import pytest

from installer.estate import keys
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from installer.estate.resource_titles import ASSIGNMENTS, Principals
from installer.estate.resource_type_names import type_name
from installer.estate.resources import estate, titles
from installer.jsontypes import Json
from installer.resource_id import name_of
from installer.role_names import built_in_names
from installer.shipped_files import BICEP
from tests.bicep.answers_matrix import MATRIX

SUBSCRIPTION = "/subscriptions/4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-ff-contoso-dev"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stffcontosodev"
VAULT = f"{GROUP}/providers/Microsoft.RecoveryServices/vaults/bv"
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-")
SOME = (
    "dev",
    "container-apps",
    "07-hardened-gateway",
    "20-prefect-cloud-aks",
    "26-everything-optional",
    "28-purview-new",
)
"""Answers that together have every kind of principal and scope."""
WHO = "11111111-1111-1111-1111-111111111111"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ASSIGNED = "Microsoft.Authorization/roleAssignments"


def assigned(principal: str = WHO, role: str = READER, kind: str = "ServicePrincipal") -> Json:
    return {
        "properties": {
            "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "principalType": kind,
        }
    }


def title(scope: str, body: Json, **names: str) -> str:
    return Principals(dict(names)).title(f"{scope}/providers/{ASSIGNED}/{WHO}", ASSIGNED, body)


@pytest.mark.parametrize("name", SOME)
def test_every_role_assignment_names_role_principal_and_scope(name: str) -> None:
    found = [one for stage in estate(MATRIX[name]) for one in stage.resources]
    assert not [one.shown for one in found if GUID.search(one.shown)]
    assigned_ones = [one for one in found if one.type.lower() == ASSIGNMENTS]
    shape = re.compile(r"[A-Z][\w ]+ for [\w -]+( \((managed|system-assigned) identity\))? on [\w/.-]+")
    assert assigned_ones
    assert not [one.title for one in assigned_ones if not shape.fullmatch(one.title)]
    assert not [one.title for one in assigned_ones if "custom role" in one.title]


@pytest.mark.parametrize("name", SOME)
def test_resources_of_one_type_are_told_apart(name: str) -> None:
    found = [(one.type, one.group, one.shown) for stage in estate(MATRIX[name]) for one in stage.resources]
    twice = {one for one in found if found.count(one) > 1 and "/" not in one[2]}
    assert not twice


def test_every_role_of_the_templates_has_a_name() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in (BICEP / "modules").glob("*.bicep"))
    told = re.findall(r"Built-in role ([^']+?)\.'\)\nvar \w+ = '([0-9a-f-]+)'", text)
    assert len(told) > 15
    assert {(identity, name) for name, identity in told} <= set(built_in_names().items())


@pytest.mark.parametrize(
    ("scope", "where"),
    [
        (SUBSCRIPTION, f"subscription {name_of(SUBSCRIPTION)}"),
        (GROUP, "rg-ff-contoso-dev"),
        (GROUP.replace("resourceGroups", "resourcegroups"), "rg-ff-contoso-dev"),
        (STORAGE, "stffcontosodev"),
        (f"{STORAGE}/queueServices/default/queues/events", "stffcontosodev/default/events"),
    ],
)
def test_a_scope_is_told_by_its_names(scope: str, where: str) -> None:
    assert title(scope, assigned(), **{WHO: "ada"}) == f"Reader for ada on {where}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (assigned(kind="Group"), "Reader for group 11111111… on stffcontosodev"),
        (assigned(kind="ForeignGroup"), "Reader for external group 11111111… on stffcontosodev"),
        (assigned(kind=""), "Reader for principal 11111111… on stffcontosodev"),
        (assigned(role="0" * 8 + WHO[8:]), "custom role 00000000… for service principal 11111111… on stffcontosodev"),
        (assigned(f"[reference('{VAULT}', '2023-01-01', 'full').identity.principalId]"),
         "Reader for bv (system-assigned identity) on stffcontosodev"),
        (assigned("[parameters('x')]"), "Reader for a service principal on stffcontosodev"),
        (None, "role assignment on stffcontosodev"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_told_by_its_kind(body: Json, text: str) -> None:
    assert title(STORAGE, body) == text


def test_a_system_assigned_identity_is_told_by_its_resource() -> None:
    principals = Principals({}).with_owners({VAULT: {"identity": {"principalId": WHO.upper()}}, STORAGE: {}})
    assert principals.names == {WHO: "bv (system-assigned identity)"}


@pytest.mark.parametrize(
    ("scope", "kind", "name", "text"),
    [
        (STORAGE, "Microsoft.Insights/diagnosticSettings", "to-workspace", "diagnostic settings of stffcontosodev"),
        (f"{STORAGE}/blobServices/default", "Microsoft.Insights/diagnosticSettings", "x",
         "diagnostic settings of stffcontosodev/default"),
        (STORAGE, "Microsoft.Authorization/locks", "lock-ff", "lock-ff on stffcontosodev"),
        (GROUP, "Microsoft.Authorization/locks", "lock-ff", ""),
        (GROUP, "Microsoft.KeyVault/vaults", "kv", ""),
    ],
)  # fmt: skip
def test_other_extensions_are_told_by_what_they_extend(scope: str, kind: str, name: str, text: str) -> None:
    assert Principals({}).title(f"{scope}/providers/{kind}/{name}", kind, None) == text


def test_a_deployed_stage_has_titles_by_the_ids_that_follow_from_its_identities() -> None:
    answers = MATRIX["dev"]
    text = json.dumps(PLACEHOLDER_OUTPUTS)
    outputs = json.loads(text.replace("00000000-0000-0000-0000-", "7f3a1c52-9b4e-4d68-a0c7-"))
    spec = next(one for one in stages(answers) if one.key == keys.GRANTS)
    before, after = (titles(answers, spec, one) for one in (PLACEHOLDER_OUTPUTS, outputs))
    granted = [key for key in after if ASSIGNMENTS in key]
    assert len(granted) > 10
    assert not before.keys() & set(granted)
    assert sorted(before.values()) == sorted(after.values())
    assert "AcrPull for id-ff-contoso-dev-web (managed identity) on crffcontoso" in after.values()


def test_every_type_of_the_templates_has_a_name_of_the_portal() -> None:
    declared = {
        kind
        for file in BICEP.rglob("*.bicep")
        for kind in re.findall(r"'(Microsoft\.[\w./]+)@\d", file.read_text(encoding="utf-8"))
    }
    children = {
        kind
        for file in (BICEP / "compiled").glob("*.json")
        for kind in re.findall(r'"type": ?"(Microsoft\.[\w.]+/[\w./]+)"', file.read_text(encoding="utf-8"))
    } - {"Microsoft.Resources/deployments"}
    assert len(declared) > 50
    assert len(children) > 50
    declared |= children
    assert {kind for kind in declared if " " not in type_name(kind) and type_name(kind) == name_of(kind)} == set()
    assert type_name("Microsoft.KeyVault/vaults") == "Key vault"
    assert type_name("Contoso.Widgets/gadgets") == "gadgets"
