"""Roles at whole key vaults, which earlier versions assigned, are removed; those of others stay."""

from typing import TYPE_CHECKING, Final
from uuid import uuid4

from installer.cloud.rest import Service
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.context import Installation
from installer.estate.parameters.principals import principals_of
from installer.json_access import as_text
from installer.steps.former_roles import RemoveFormerRoles
from tests.bicep.answers_variants import SUBSCRIPTION, TENANT, answers
from tests.steps.prerequisites import put
from tests.steps.step_context import GROUPS, Attempt

if TYPE_CHECKING:
    from installer.jsontypes import Json

SECRETS_USER: Final = "4633458b-17de-408a-b874-0445c86b69e6"
READER: Final = "21090545-7ca7-4776-b22c-e363652d74d2"


def granted(azure: Service, scope: str, principal: str, role: str = SECRETS_USER) -> str:
    """The ID of a new role assignment."""
    where = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    definition = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    body = {"roleDefinitionId": definition, "principalId": principal, "principalType": "ServicePrincipal"}
    azure.ask("PUT", f"{where}?api-version=2022-04-01", {"properties": {**body}})
    return where


def test_wide_roles_of_the_identities_are_removed_and_all_others_stay(azure: Service) -> None:
    it = Installation(answers("dev", prefix="frm"))
    group = f"{GROUPS}/{it.names.group('dev')}"
    put(azure, group, "2025-04-01", location="swedencentral")
    vault = f"{group}/providers/Microsoft.KeyVault/vaults/{it.names.key_vault('dev')}"
    sku: Json = {"family": "A", "name": "standard"}
    put(azure, vault, "2026-02-01", location="swedencentral", properties={"tenantId": TENANT, "sku": sku})
    put(azure, f"{vault}/secrets/prefect-auth", "2026-02-01", properties={"value": "x"})
    own = {name: found.object_id for name, found in principals_of(PLACEHOLDER_OUTPUTS, "dev").items()}
    former = granted(azure, vault, own["worker"])
    kept = [
        granted(azure, f"{vault}/secrets/prefect-auth", own["worker"]),
        granted(azure, vault, own["worker"], READER),
        granted(azure, vault, str(uuid4())),
        granted(azure, group, own["worker"]),
    ]
    step, attempt = RemoveFormerRoles(azure, it, ()), Attempt(outputs=dict(PLACEHOLDER_OUTPUTS))
    assert attempt.run(step)[0] == "done"
    assert azure.find(f"{former}?api-version=2022-04-01") is None
    found = [as_text((azure.find(f"{one}?api-version=2022-04-01") or {}).get("id")) for one in kept]
    assert [one.lower() for one in found] == [one.lower() for one in kept]
    assert attempt.run(step)[0] == "was so"
