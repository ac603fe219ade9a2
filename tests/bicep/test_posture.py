"""Every control that a posture sets takes effect in the predicted resources."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.answers.presets import POSTURES, Value
from installer.arm_templates import Context, Scope, expand
from installer.conventions.sizing import PRESETS
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages, template
from installer.jsontypes import Json
from tests.bicep.answers_variants import CLIENT, SUBSCRIPTION, TENANT, WAF, answers

Resource = Mapping[str, Json]
Found = Mapping[str, list[Resource]]
"""Type, in lower case, to the resources of that type."""


def sent(given: Answers) -> Found:
    """Every resource of all stages, as the evaluated templates have it."""
    found: dict[str, list[Resource]] = {}
    for spec in stages(given):
        context = Context(Scope("subscription", TENANT, SUBSCRIPTION), spec.deployment_name, spec.location)
        parameters = {**spec.parameters(PLACEHOLDER_OUTPUTS), **spec.unknown}
        for resource in expand(template(spec.stage), parameters, context).predict():
            found.setdefault(str(resource["type"]).lower(), []).append(resource)
    return found


@cache
def of_posture(posture: str) -> Found:
    """The resources of a posture; for a private ingress, with the firewall policy of a gateway."""
    governance = {"posture": posture}
    sign_on = {"method": "secretless", "client_id": CLIENT}  # the web app has no public access without sign-on
    plain = sent(answers("dev", governance=governance, sign_on=sign_on))
    if posture == "trial":
        return plain
    behind = answers("dev", governance=governance, ingress={"kind": "gateway", **WAF})
    firewalls = "microsoft.network/applicationgatewaywebapplicationfirewallpolicies"
    return {**plain, firewalls: sent(behind)[firewalls]}


def values(found: Found, kind: str, *path: str) -> set[Json]:
    """Values at a path of all resources of a type."""
    got: set[Json] = set()
    for resource in found.get(kind.lower(), []):
        value: Json = dict(resource)
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        assert not isinstance(value, (dict, list))
        got.add(value)
    return got


def access(*, private: bool) -> set[Json]:
    return {"Disabled" if private else "Enabled"}


REGISTRY: Final = "Microsoft.ContainerRegistry/registries"
SERVER: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
CLUSTER: Final = "Microsoft.ContainerService/managedClusters"
TABLES: Final = "microsoft.operationalinsights/workspaces/tables"
WORKSPACE: Final = "Microsoft.OperationalInsights/workspaces"
BLOBS: Final = "Microsoft.Storage/storageAccounts/blobServices"
FIREWALL: Final = "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"

RULES: Final[Mapping[str, Callable[[Found, Value], bool]]] = {
    "governance.locks": lambda found, value: bool(found.get("microsoft.authorization/locks")) == (value != "none"),
    "network.private_registry": lambda found, value: (
        values(found, REGISTRY, "properties", "publicNetworkAccess") == access(private=bool(value))
    ),
    "ingress.kind": lambda found, value: (
        values(found, "Microsoft.Web/sites", "properties", "publicNetworkAccess") == access(private=value != "direct")
    ),
    "ingress.waf": lambda found, value: values(found, FIREWALL, "properties", "policySettings", "mode") <= {value},
    "platform.private_api": lambda found, value: (
        values(found, CLUSTER, "properties", "apiServerAccessProfile", "enablePrivateCluster") == {value}
    ),
    "platform.cluster_tier": lambda found, value: values(found, CLUSTER, "sku", "tier") == {value},
    "platform.slot": lambda found, value: bool(found.get("microsoft.web/sites/slots")) is value,
    "sizing.preset": lambda found, value: (
        values(found, SERVER, "sku", "name") == {PRESETS[str(value)]["postgres_size"]}  # type: ignore[index]
    ),
    "data.backup_days": lambda found, value: (
        values(found, SERVER, "properties", "backup", "backupRetentionDays") == {value}
    ),
    "data.geo_backup": lambda found, value: (
        values(found, SERVER, "properties", "backup", "geoRedundantBackup") == {"Enabled" if value else "Disabled"}
    ),
    "data.soft_delete_days": lambda found, value: (
        values(found, BLOBS, "properties", "deleteRetentionPolicy", "days") == {value}
        and values(found, "Microsoft.KeyVault/vaults", "properties", "softDeleteRetentionInDays") == {value}
    ),
    "monitoring.retention_days": lambda found, value: (
        values(found, "Microsoft.OperationalInsights/workspaces", "properties", "retentionInDays") == {value}
    ),
    "monitoring.daily_cap_gb": lambda found, value: (
        values(found, WORKSPACE, "properties", "workspaceCapping", "dailyQuotaGb") == {value or -1}
    ),
    "monitoring.container_logs": lambda found, value: (
        values(
            {"table": [table for table in found[TABLES] if "ContainerLogV2" in str(table)]},
            "table",
            "properties",
            "plan",
        )
        == {value}
    ),
}
"""Rule that verifies each control."""


@pytest.mark.parametrize("posture", POSTURES)
def test_every_control_of_a_posture_has_a_rule(posture: str) -> None:
    assert set(POSTURES[posture]) == set(RULES)


@pytest.mark.parametrize("control", RULES)
@pytest.mark.parametrize("posture", POSTURES)
def test_the_templates_apply_the_posture(posture: str, control: str) -> None:
    assert RULES[control](of_posture(posture), POSTURES[posture][control])


@pytest.mark.parametrize("control", RULES)
def test_a_rule_can_fail(control: str) -> None:
    """With the value of another posture the rule fails; a rule that never fails proves nothing."""
    pairs = {str(values[control]): posture for posture, values in POSTURES.items()}
    if len(pairs) > 1:
        verdicts = {
            RULES[control](of_posture(here), POSTURES[other][control])
            for here in pairs.values()
            for other in pairs.values()
            if POSTURES[here][control] != POSTURES[other][control]
        }
        assert False in verdicts


@pytest.mark.parametrize("posture", POSTURES)
def test_data_is_protected_in_every_posture(posture: str) -> None:
    found = of_posture(posture)
    account = "Microsoft.Storage/storageAccounts"
    assert values(found, account, "properties", "allowSharedKeyAccess") == {False}
    assert values(found, account, "properties", "allowBlobPublicAccess") == {False}
    assert values(found, account, "properties", "minimumTlsVersion") == {"TLS1_2"}
    assert values(found, account, "properties", "publicNetworkAccess") == access(private=True)
    assert values(found, SERVER, "properties", "authConfig", "passwordAuth") == {"Disabled"}
    assert values(found, "Microsoft.KeyVault/vaults", "properties", "enableRbacAuthorization") == {True}
    assert values(found, "Microsoft.KeyVault/vaults", "properties", "enablePurgeProtection") == {True}
    assert values(found, "Microsoft.Web/sites", "properties", "httpsOnly") == {True}
    assert values(found, CLUSTER, "properties", "disableLocalAccounts") == {True}
