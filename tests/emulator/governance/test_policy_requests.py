"""Azure Policy on requests: what is in force where, what is denied, changed, deployed later, and what is reported."""

import json
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.survey import Survey, parse
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, SCOPE, SUBSCRIPTION, run

AUTHORIZATION: Final = "providers/Microsoft.Authorization"
NETWORKS: Final = "Microsoft.Network/virtualNetworks"
GROUPS: Final = "Microsoft.Network/networkSecurityGroups"
RULES: Final = f"{GROUPS}/securityRules"
HOME: Final[dict[str, Json]] = {"id": GROUP, "location": "westeurope", "tags": {"cost": "42"}}
SSH: Final[dict[str, Json]] = {
    "allOf": [
        {"field": "type", "equals": GROUPS},
        {
            "count": {
                "field": f"{RULES}[*]",
                "where": {
                    "allOf": [
                        {"field": f"{RULES}[*].access", "equals": "Allow"},
                        {"field": f"{RULES}[*].direction", "equals": "Inbound"},
                        {"field": f"{RULES}[*].destinationPortRange", "in": ["22", "3389"]},
                    ]
                },
            },
            "greater": 0,
        },
    ]
}


def policy(
    name: str = "p",
    condition: Json = None,
    effect: str = "deny",
    *,
    details: Json = None,
    mode: str | None = "All",
    scope: str = SCOPE,
    identity: bool = False,
    more: dict[str, Json] | None = None,
) -> list[dict[str, Json]]:
    """A definition and its assignment; `more` are further properties of the assignment."""
    definition = f"/{AUTHORIZATION}/policyDefinitions/{name}"
    then: dict[str, Json] = {"effect": effect}
    if details is not None:
        then["details"] = details
    own: dict[str, Json] = {
        "id": f"{scope}/{AUTHORIZATION}/policyAssignments/{name}",
        "properties": {"policyDefinitionId": definition, "displayName": name, **(more or {})},
    }
    if identity:
        own["identity"] = {"type": "SystemAssigned"}
    body: dict[str, Json] = {"policyRule": {"if": condition if condition is not None else SSH, "then": then}}
    if mode:
        body["mode"] = mode
    return [{"id": definition, "properties": body}, own]


def initiative(name: str, parts: dict[str, list[dict[str, Json]]], **assignment: Json) -> list[dict[str, Json]]:
    """A set of definitions by reference id, and its assignment."""
    set_id = f"/{AUTHORIZATION}/policySetDefinitions/{name}"
    items: list[Json] = [
        {"policyDefinitionId": made[0]["id"], "policyDefinitionReferenceId": reference, "parameters": {}}
        for reference, made in parts.items()
    ]
    return [
        *(made[0] for made in parts.values()),
        {"id": set_id, "properties": {"policyDefinitions": items}},
        {
            "id": f"{SCOPE}/{AUTHORIZATION}/policyAssignments/{name}",
            "properties": {"policyDefinitionId": set_id, "displayName": name, **assignment},
        },
    ]


def exemption(name: str, assignment: str, properties: dict[str, Json] | None = None) -> dict[str, Json]:
    """An exemption from an assignment of the subscription."""
    given = {"policyAssignmentId": f"{SCOPE}/{AUTHORIZATION}/policyAssignments/{assignment}", **(properties or {})}
    return {"id": f"{GROUP}/{AUTHORIZATION}/policyExemptions/{name}", "properties": given}


def survey(*resources: dict[str, Json]) -> Survey:
    """A survey of a subscription with one group."""
    return parse(json.dumps({"version": 1, "subscriptionId": SUBSCRIPTION, "resources": [HOME, *resources]}))


async def security_group(it: Local, port: str = "22", name: str = "nsg", **more: Json) -> Reply:
    """Write a security group that lets a port in."""
    rule: dict[str, Json] = {
        "name": "in",
        "properties": {
            "access": "Allow",
            "direction": "Inbound",
            "protocol": "Tcp",
            "priority": 100,
            "sourceAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationAddressPrefix": "*",
            "destinationPortRange": port,
        },
    }
    body: Json = {"location": "westeurope", "properties": {"securityRules": [rule]}, **more}
    return await it.ask("PUT", f"{GROUP}/providers/{GROUPS}/{name}?api-version=2025-05-01", body)


def outcome(path: Path, *resources: dict[str, Json], port: str = "22") -> str:
    """The error code of writing a security group, or its status."""
    path.mkdir(exist_ok=True)
    it = local(path, survey=survey(*resources))

    async def story() -> str:
        found = await security_group(it, port)
        await it.done()
        return found.code or str(found.status)

    return run(story())


DENIED: Final = "RequestDisallowedByPolicy"


def test_members_of_arrays_are_counted(tmp_path: Path) -> None:
    assert outcome(tmp_path / "a", *policy()) == DENIED
    assert outcome(tmp_path / "b", *policy(), port="443") == "201"


def test_a_rule_with_functions_of_the_request_is_judged(tmp_path: Path) -> None:
    condition: Json = {
        "allOf": [
            {"field": "type", "equals": GROUPS},
            {"value": "[requestContext().apiVersion]", "greaterOrEquals": "2025-01-01"},
            {"value": "[resourceGroup().tags['cost']]", "equals": "42"},
            {"value": "[subscription().subscriptionId]", "equals": SUBSCRIPTION},
            {"value": "[first(split(field('name'), 's'))]", "equals": "n"},
            {"value": "[addDays(utcNow(), 1)]", "greater": "[utcNow()]"},
            {"value": "[ipRangeContains('10.0.0.0/8', '10.1.0.0/16')]", "equals": True},
        ]
    }
    assert outcome(tmp_path, *policy(condition=condition)) == DENIED


def test_a_failed_evaluation_denies(tmp_path: Path) -> None:
    condition: Json = {"value": "[substring(field('name'), 0, 40)]", "equals": "x"}
    assert outcome(tmp_path / "a", *policy(condition=condition)) == DENIED
    assert outcome(tmp_path / "b", *policy(condition=condition, more={"enforcementMode": "DoNotEnforce"})) == "201"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("All", DENIED), ("all", DENIED), ("Indexed", "201"), (None, "201"), ("Microsoft.Network.Data", "201")],
)
def test_the_mode_decides_about_types_without_tags(tmp_path: Path, mode: str | None, expected: str) -> None:
    subnets = f"{NETWORKS}/subnets"
    network: dict[str, Json] = {
        "id": f"{GROUP}/providers/{NETWORKS}/vnet",
        "location": "westeurope",
        "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
    }
    condition: Json = {
        "allOf": [
            {"field": "type", "equals": subnets},
            {"field": f"{subnets}/networkSecurityGroup.id", "exists": "false"},
        ]
    }
    it = local(tmp_path, survey=survey(network, *policy(condition=condition, mode=mode)))

    async def story() -> None:
        where = f"{GROUP}/providers/{NETWORKS}/vnet/subnets/one?api-version=2025-05-01"
        found = await it.ask("PUT", where, {"properties": {"addressPrefix": "10.0.0.0/24"}})
        assert (found.code or str(found.status)) == expected
        await it.done()

    run(story())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"notScopes": [GROUP]}, "201"),
        ({"notScopes": [f"{GROUP}-other"]}, DENIED),
        ({"enforcementMode": "DoNotEnforce"}, "201"),
        ({"enforcementMode": "Enroll"}, "201"),
        ({"enforcementMode": "Default"}, DENIED),
        ({"overrides": [{"kind": "policyEffect", "value": "audit"}]}, "201"),
        (
            {
                "overrides": [
                    {
                        "kind": "policyEffect",
                        "value": "Disabled",
                        "selectors": [{"kind": "resourceLocation", "notIn": ["westeurope"]}],
                    }
                ]
            },
            DENIED,
        ),
        ({"resourceSelectors": [{"selectors": [{"kind": "resourceLocation", "in": ["eastus"]}]}]}, "201"),
        ({"resourceSelectors": [{"selectors": [{"kind": "resourceLocation", "in": ["West Europe"]}]}]}, DENIED),
        ({"resourceSelectors": [{"selectors": [{"kind": "resourceType", "notIn": [GROUPS]}]}]}, "201"),
        (
            {
                "resourceSelectors": [
                    {"selectors": [{"kind": "resourceLocation", "in": ["eastus"]}]},
                    {"selectors": [{"kind": "resourceType", "in": [GROUPS]}]},
                ]
            },
            DENIED,
        ),
        (
            {
                "resourceSelectors": [
                    {"selectors": [{"kind": "resourceWithoutLocation", "in": ["subscriptionLevelResources"]}]}
                ]
            },
            "201",
        ),
    ],
    ids=str,
)
def test_an_assignment_is_in_force_where_it_says(tmp_path: Path, change: dict[str, Json], expected: str) -> None:
    assert outcome(tmp_path, *policy(more=change)) == expected


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, "201"),
        ({"expiresOn": "2126-01-01T00:00:00Z"}, "201"),
        ({"expiresOn": "2020-01-01T00:00:00.0000000Z"}, DENIED),
        ({"policyDefinitionReferenceIds": ["ssh"]}, "201"),
        ({"policyDefinitionReferenceIds": ["other"]}, DENIED),
        ({"resourceSelectors": [{"selectors": [{"kind": "resourceType", "in": [NETWORKS]}]}]}, DENIED),
    ],
    ids=str,
)
def test_exemptions_free_from_the_rules_that_they_name(
    tmp_path: Path, properties: dict[str, Json], expected: str
) -> None:
    parts = {"ssh": policy("ssh"), "other": policy("other", {"field": "type", "equals": "Microsoft.Nothing/x"})}
    assert outcome(tmp_path, *initiative("set", parts), exemption("e", "set", properties)) == expected


def test_enrolled_resources_are_judged(tmp_path: Path) -> None:
    enrolled = exemption("e", "p")
    enrolled["id"] = as_text(enrolled["id"]).replace("policyExemptions", "policyEnrollments")
    assert outcome(tmp_path, *policy(more={"enforcementMode": "Enroll"}), enrolled) == DENIED


def test_an_override_names_one_definition_of_a_set(tmp_path: Path) -> None:
    parts = {"ssh": policy("ssh"), "again": policy("again")}
    override: Json = {
        "kind": "policyEffect",
        "value": "disabled",
        "selectors": [{"kind": "policyDefinitionReferenceId", "in": ["ssh"]}],
    }
    it = local(tmp_path, survey=survey(*initiative("set", parts, overrides=[override])))

    async def story() -> None:
        found = await security_group(it)
        infos = as_list(member(found.json, "error", "additionalInfo"))
        assert [as_text(member(item, "info", "policyDefinition", "name")) for item in infos] == ["again"]

    run(story())


def test_groups_and_role_assignments_are_judged(tmp_path: Path) -> None:
    groups: Json = {
        "allOf": [
            {"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"},
            {"field": "tags['owner']", "exists": "false"},
        ]
    }
    owners: Json = {
        "allOf": [
            {"field": "type", "equals": "Microsoft.Authorization/roleAssignments"},
            {"field": "Microsoft.Authorization/roleAssignments/roleDefinitionId", "like": "*8e3af657*"},
        ]
    }
    it = local(tmp_path, survey=survey(*policy("groups", groups), *policy("owners", owners)))

    async def story() -> None:
        where = f"{SCOPE}/resourceGroups/rg-new?api-version={API}"
        assert (await it.ask("PUT", where, {"location": "westeurope"})).code == DENIED
        assert (await it.ask("PUT", where, {"location": "westeurope", "tags": {"owner": "me"}})).status == 201
        role = f"{SCOPE}/{AUTHORIZATION}/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
        name = "00000000-0000-0000-0000-000000000001"
        grant: Json = {"properties": {"roleDefinitionId": role, "principalId": name, "principalType": "User"}}
        where = f"{GROUP}/{AUTHORIZATION}/roleAssignments/{name}?api-version=2022-04-01"
        assert (await it.ask("PUT", where, grant)).code == DENIED

    run(story())


def tags_of(reply: Reply) -> JsonObject:
    """The tags of a resource in a response."""
    return as_object(reply.json.get("tags"))


def test_modify_changes_tags_and_properties_before_anything_is_denied(tmp_path: Path) -> None:
    role: Json = [f"/{AUTHORIZATION}/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c"]
    operations: Json = [
        {"operation": "addOrReplace", "field": "tags['cost']", "value": "[resourceGroup().tags['cost']]"},
        {"operation": "add", "field": "tags['kept']", "value": "kept"},
        {"operation": "Remove", "field": "tags['temp']"},
        {"condition": "[equals(1, 2)]", "operation": "addOrReplace", "field": "tags['never']", "value": "x"},
        {
            "condition": "[greaterOrEquals(requestContext().apiVersion, '2019-01-01')]",
            "operation": "addOrReplace",
            "field": f"{GROUPS}/flushConnection",
            "value": True,
        },
        {
            "operation": "addOrReplace",
            "field": f"{RULES}[*].access",
            "value": "Deny",
        },
    ]
    changing = policy(
        "m",
        {"field": "type", "equals": GROUPS},
        "modify",
        details={"roleDefinitionIds": role, "operations": operations},
        mode="Indexed",
    )
    it = local(tmp_path, survey=survey(*changing, *policy("ssh")))

    async def story() -> None:
        found = await security_group(it, tags={"cost": "0", "temp": "1"})
        assert found.status == 201, found.text
        await it.done()
        assert tags_of(found) == {"cost": "42", "kept": "kept"}
        shown = it.properties(f"{GROUP}/providers/{GROUPS}/nsg")
        assert shown["flushConnection"] is True
        assert member(as_list(shown["securityRules"])[0], "properties", "access") == "Deny"
        report = (await it.ask("GET", "/rehearsal/policies")).json
        assert {as_text(member(item, "what")) for item in as_list(report["happened"])} == {"changed"}

    run(story())


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("deny", "deny", DENIED),
        ("deny", "audit", "one"),
        ("audit", "deny", "two"),
        ("audit", "audit", ""),
    ],
)
def test_rules_that_modify_the_same_field_conflict(tmp_path: Path, first: str, second: str, expected: str) -> None:
    made = []
    for name, conflict in (("one", first), ("two", second)):
        operation: Json = {"operation": "addOrReplace", "field": "tags['t']", "value": name}
        details: Json = {"conflictEffect": conflict, "operations": [operation], "roleDefinitionIds": []}
        made += policy(name, {"field": "type", "equals": GROUPS}, "modify", details=details)
    it = local(tmp_path, survey=survey(*made))

    async def story() -> None:
        found = await security_group(it, "443")
        assert (found.code or as_text(tags_of(found).get("t"))) == expected
        await it.done()

    run(story())


def test_append_adds_and_conflicts(tmp_path: Path) -> None:
    details: Json = [{"field": "tags['t']", "value": "x"}, {"field": f"{GROUPS}/flushConnection", "value": True}]
    it = local(tmp_path, survey=survey(*policy("a", {"field": "type", "equals": GROUPS}, "append", details=details)))

    async def story() -> None:
        found = await security_group(it)
        assert tags_of(found) == {"t": "x"}
        assert (await security_group(it, name="other", tags={"t": "y"})).code == DENIED
        await it.done()

    run(story())


def test_deny_action_protects_from_deletion(tmp_path: Path) -> None:
    details: Json = {"actionNames": ["delete"]}
    protecting = policy("d", {"field": "type", "equals": GROUPS}, "denyAction", details=details, mode="Indexed")
    it = local(tmp_path, survey=survey(*protecting))

    async def story() -> None:
        await security_group(it)
        await it.done()
        where = f"{GROUP}/providers/{GROUPS}/nsg?api-version=2025-05-01"
        refused = await it.ask("DELETE", where)
        assert (refused.status, refused.code) == (403, DENIED)
        assert (await it.ask("DELETE", f"{GROUP}?api-version={API}")).code == DENIED

    run(story())


LOCK: Final = "Microsoft.Authorization/locks"


def locking(identity: bool = True) -> list[dict[str, Json]]:
    """A policy that puts a lock on every security group without one."""
    template: Json = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"name": {"type": "string"}},
        "resources": [
            {
                "type": f"{GROUPS}/providers/locks",
                "apiVersion": "2020-05-01",
                "name": "[concat(parameters('name'), '/Microsoft.Authorization/by-policy')]",
                "properties": {"level": "CanNotDelete"},
            }
        ],
    }
    details: Json = {
        "type": LOCK,
        "existenceCondition": {"field": f"{LOCK}/level", "equals": "CanNotDelete"},
        "roleDefinitionIds": [],
        "deployment": {
            "properties": {
                "mode": "incremental",
                "template": template,
                "parameters": {"name": {"value": "[field('name')]"}},
            }
        },
    }
    return policy("l", {"field": "type", "equals": GROUPS}, "deployIfNotExists", details=details, identity=identity)


@pytest.mark.parametrize("identity", [True, False])
def test_what_is_missing_is_deployed_later_as_the_identity(tmp_path: Path, identity: bool) -> None:
    it = local(tmp_path, survey=survey(*locking(identity)))
    lock = f"{GROUP}/providers/{GROUPS}/nsg/{AUTHORIZATION}/locks/by-policy"

    async def story() -> None:
        await security_group(it)
        await it.clock.advance(300)
        assert it.emulator.resources.get(lock) is None
        await it.done()
        assert (it.emulator.resources.get(lock) is not None) == identity
        report = (await it.ask("GET", "/rehearsal/policies")).json
        [happened] = {as_text(member(item, "what")) for item in as_list(report["happened"])}
        assert happened == (
            "deployIfNotExists deployed" if identity else "deployIfNotExists failed: the assignment has no identity"
        )

    run(story())


def test_a_killed_server_deploys_it_after_its_restart(tmp_path: Path) -> None:
    it = local(tmp_path, survey=survey(*locking()))

    async def story() -> None:
        await security_group(it)
        await it.clock.advance(60)

    run(story())
    again = it.died()

    async def later() -> None:
        again.engine.resume()
        await again.clock.finish(again.engine)

    run(later())
    assert again.emulator.resources.of_type(LOCK)


def test_what_is_not_judged_is_listed_by_name(tmp_path: Path) -> None:
    unknown: dict[str, Json] = {
        "id": f"{SCOPE}/{AUTHORIZATION}/policyAssignments/lost",
        "properties": {"policyDefinitionId": f"/{AUTHORIZATION}/policyDefinitions/nowhere"},
    }
    it = local(
        tmp_path,
        survey=survey(
            *policy("strange", {"field": "name", "resembles": "x"}),
            *policy("pods", mode="Microsoft.Kubernetes.Data"),
            *policy("rego", effect="EnforceRegoPolicy"),
            *policy("open", {"field": "name", "equals": "[parameters('missing')]"}),
            *policy("excluded", more={"notScopes": ["/providers/Microsoft.Management/managementGroups/sandbox"]}),
            unknown,
        ),
    )

    async def story() -> None:
        listed = as_list((await it.ask("GET", "/rehearsal/policies")).json["notJudged"])
        found = {as_text(member(item, "assignment")): as_text(member(item, "reason")) for item in listed}
        assert set(found) == {"strange", "pods", "rego", "open", "excluded", "lost"}
        assert "resembles" in found["strange"]
        assert "Microsoft.Kubernetes.Data" in found["pods"]
        assert "missing" in found["open"]
        assert "sandbox" in found["excluded"]
        assert (await security_group(it)).code == DENIED  # of `excluded`, whose exclusion is unknown

    run(story())


def test_a_changed_definition_is_in_force_at_once(tmp_path: Path) -> None:
    made = policy(mode="All")
    it = local(tmp_path, survey=survey(*made))

    async def story() -> None:
        assert (await security_group(it)).code == DENIED
        where = f"{SCOPE}/{AUTHORIZATION}/policyAssignments/p?api-version=2024-04-01"
        properties = as_object(made[1]["properties"])
        await it.ask("PUT", where, {"properties": {**properties, "enforcementMode": "DoNotEnforce"}})
        assert (await security_group(it)).status == 201
        await it.ask("PUT", where, {"properties": properties})
        assert (await security_group(it)).code == DENIED
        await it.ask("DELETE", where)
        assert (await security_group(it)).status == 200
        await it.done()

    run(story())
